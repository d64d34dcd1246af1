"""The matrix: spec, scenarios, code and evidence joined, and a verdict for each requirement.

`build` is a pure function of the four. `write` writes matrix.json and `read` reads it; `compare`
and `difference` compare several of these files. How a matrix is shown is in `report/`.
"""
