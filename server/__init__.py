"""The reference server: tasks of many users; each user sees only their own.

It knows nothing of the harness and the tool, and no line of it exists for the tests.
"""
