"""Hostile input with the answer that is right: files of one JSON object a line, so that anybody
can add a line, and what plays them against a server, a database or a start.

The files hold no secret: tokens and keys are made when they are needed, and ids are placeholders.
"""
