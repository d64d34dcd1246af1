"""The state of a scenario, and the requests, bodies, tokens and sentences that steps are made of.

Step definitions use this; nothing here is a step definition.
"""
