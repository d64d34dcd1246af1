"""The error that ends a run with status 2 and without a verdict."""

from __future__ import annotations


class TargetError(Exception):
    """The judging could not be done, so there is no verdict; the text says why and what to do."""
