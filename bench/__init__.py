"""The benchmark: how fast server and tool are, beside a baseline measured in the same run.

It knows the server as a process that speaks HTTP, and its database as the operator does. Tests that
pass or fail do not belong here: the figures are for reading.
"""
