"""The server, its database and its users stop, start and are deleted.

How a target does that is in `target/`.
"""
