"""The matrix: spec, scenarios, code and evidence joined, and a verdict for each requirement.

`build` is a pure function of the four. `write` and `read` are the two directions of matrix.json,
`compare` and `difference` hold several of these files against one another. How a matrix is shown
is in `report/`.
"""
