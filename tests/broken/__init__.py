"""A foreign server with switches, each of which breaks it in one way, and what must turn red."""
