"""The error for mistakes that a user of the tool can correct."""

from __future__ import annotations


class TraceabilityError(Exception):
    """A mistake of the user. Its message is one sentence: where the mistake is and what to do."""
