"""Which lines of a server run: the launcher, the probes it weaves in, and the control socket.

`launcher.py` and `probes.py` run in the judged server's own Python and use the standard library
alone. Nothing here knows of requirements, scenarios or evidence.
"""
