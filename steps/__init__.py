"""The harness: step definitions in the domain's words, and the target that they judge.

It reaches the server through HTTP alone, and the database only as an operator or an identity
provider would. It imports nothing of the server.
"""
