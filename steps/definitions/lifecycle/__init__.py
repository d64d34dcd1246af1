"""The server, its database and its users stop, start and are deleted."""
