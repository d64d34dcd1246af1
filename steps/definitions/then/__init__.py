"""`Then` steps of general use: answers, errors, lists, tasks, timestamps, rows of the database."""
