"""The API as a client sees it: operations, client, time limits, and answers read leniently.

Nothing here knows how a server is started, or which answers a scenario expects.
"""
