"""The benchmark: how fast the server and the tool are, side by side with what could be.

It knows the server as a process that speaks HTTP, and its database as the operator does.
"""
