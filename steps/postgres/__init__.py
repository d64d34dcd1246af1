"""A PostgreSQL to judge on: embedded, in a container, or one that exists.

`cluster` chooses and is what everything else uses. The one database of a run, which is made in it,
is in `target/`.
"""
