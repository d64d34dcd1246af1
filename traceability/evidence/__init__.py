"""The evidence of a run: recorded while pytest runs, written to a file, read back and merged.

The recording side (`plugin`, `not_run` and `recording/`) needs pytest and pytest-bdd; the file and
its reader need neither. What the evidence means for a requirement is decided in `matrix/`.
"""
