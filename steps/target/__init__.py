"""The server under judgement: how it starts and stops, its users, its tokens, its database.

What a target file may say is in `description/`, a server that the harness starts in `started/`.
What a scenario does with a target is in `scenario/` and `definitions/`.
"""
