"""What servers may offer beyond the spec: published keys, row-level security, a contract."""
