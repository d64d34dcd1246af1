"""What servers may offer beyond the spec: published keys, row-level security, a contract.

Their scenarios have an `offers-` tag; a requirement of the spec does not belong here.
"""
