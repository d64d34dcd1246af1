"""The evidence of a run: a file, written record by record, read back, merged and redacted.

`recording/` is the pytest plugin that fills it; it needs pytest and pytest-bdd, the file and its
reader need neither. What the evidence means for a requirement is decided in `matrix/`.
"""
