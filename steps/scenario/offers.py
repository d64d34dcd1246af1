"""What a target offers beyond the spec."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def offered(value: T | None) -> T:
    """Return what the target file names: a scenario with an `offers-` tag runs only if it does."""
    assert value is not None
    return value
