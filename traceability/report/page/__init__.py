"""The report as one HTML file: its data (`payload`), and the scripts and styles in `static/`.

A count, a verdict or a sentence that other reports have, too, does not belong here but in
`matrix/` or in `report/sentences`.
"""
