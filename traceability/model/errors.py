"""The error that a user of the tool can make, and mend."""

from __future__ import annotations


class TraceabilityError(Exception):
    """A mistake of the user, in one sentence that says where it is and what to do next."""
