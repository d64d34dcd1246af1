"""Reads a project: its settings, spec, features, source files and claims.

Everything here reads files and checks them against one another; no run is needed. The evidence of
a run is in `evidence/`, the verdicts that follow from it in `matrix/`.
"""
