"""The exception with which a harness fails a step, in terms that the evidence keeps as fields."""

from __future__ import annotations

from traceability.model import Mismatch


class MismatchError(AssertionError):
    """What a step expects does not hold. Any other `AssertionError` is recorded by its message."""

    def __init__(self, *mismatches: Mismatch) -> None:
        super().__init__("; ".join(one.text for one in mismatches))
        self.mismatches = mismatches
