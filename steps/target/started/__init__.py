"""A target that the harness starts: its schema, its server's command line, starts and stops.

A target that runs already is in `target/remote`.
"""
