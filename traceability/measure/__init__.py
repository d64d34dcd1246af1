"""Measures which lines of a server run, with a launcher, probes and a control socket.

`launcher.py` and `probes.py` run in the server's own Python and use only the standard library.
Nothing here depends on requirements, scenarios or evidence.
"""
