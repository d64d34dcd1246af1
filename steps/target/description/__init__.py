"""Target files: their tables and keys, their placeholders, and how they are read.

Nothing here starts a process or sends a request: `steps/target/` uses the descriptions.
"""
