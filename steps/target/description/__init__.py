"""What a target file says: its tables and keys, its placeholders, and how it is read.

Nothing here starts anything: what is done with a description is in `target/`.
"""
