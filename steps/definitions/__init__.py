"""Step definitions and nothing else, one module a concept.

A `Then` that belongs to one concept stands with it; those of general use are in `then/`. What
several definitions share is in `scenario/`. `features/conftest.py` loads each module by name.
"""
