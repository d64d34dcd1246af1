"""What keeps a judging from being done: it ends the run with status 2, never with a verdict."""

from __future__ import annotations


class TargetError(Exception):
    """The judging itself could not be done; its text says why and what to do."""
