"""Recording while pytest runs: the hooks, and the recorder that they and the harness fill.

`traceability.evidence.plugin` has the options and decides which hooks a process gets.
"""
