"""Recording while pytest runs: the plugin, its hooks, and the recorder that the harness fills.

`plugin` has the options and decides which hooks a process gets. The file into which a recording is
written, and its reader, are in `evidence/`: they need no pytest.
"""
