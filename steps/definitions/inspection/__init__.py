"""The server inspected: by a plain HTTP client, in its description, its source and its log.

How source is searched and a log is read is in `scenario/`.
"""
