"""Step definitions and nothing else, one module a concept.

A definition is a sentence, one call, and one assertion with a message that shows the exchange. A
`Then` that belongs to one concept stands beside its `When`; those of general use are in `then/`.
Code that several definitions share is in `steps/scenario/`. `features/conftest.py` loads each
module by name.
"""
