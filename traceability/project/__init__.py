"""What a project says of itself: its settings, spec, features, source and claims.

Everything here reads files and checks them against one another; no run is needed. What a run did
is in `evidence/`, and what follows from it in `matrix/`.
"""
