"""The reports: page, Markdown, JUnit XML and terminal, and the comparison of runs.

Each module renders a finished matrix and decides nothing. Sentences that several reports share are
in `sentences`; matrix.json is in `matrix/`, because it is read back.
"""
