"""The PostgreSQL server of a judging: embedded, in a container, or one that exists.

`cluster` chooses one of them; other packages use its protocol. The database that a judging makes
in it is in `target/`.
"""
