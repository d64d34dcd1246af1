"""Faults under load: `nox -s endurance` breaks one thing after another while clients work.

A fault says what breaks (`fault.py`); while it lasts, clients send requests and keep what they were
told; afterwards the checker compares that with the rows of the database. The server is a process
that is reached over HTTP alone. What a requirement says is judged elsewhere, in `run/`.
"""
