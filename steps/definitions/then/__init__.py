"""`Then` steps of general use: answers, errors, lists, tasks, timestamps, rows of the database.

A `Then` that only one concept needs stands with that concept.
"""
