"""Judging many servers: `nox -s judge -- targets/*.toml`.

Each is judged by a process of its own, as `nox -s acceptance` judges one, into a folder of its own.
Here stands which folder, what a judging has come to, and the table of all of them; nothing of how a
server is judged.
"""
