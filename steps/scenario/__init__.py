"""What a scenario knows and says: its users and tasks, its sentences, bodies and defective tokens.

Step definitions use this; nothing here is a step definition.
"""
