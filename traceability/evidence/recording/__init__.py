"""Recording while pytest runs: the hooks, and the recorder that they and the harness fill.

`plugin` has the options and decides which hooks a process gets.
"""
