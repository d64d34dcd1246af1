"""What a target offers beyond the spec."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def offered(value: T | None) -> T:
    """Return what the target offers: a scenario's tag has asked for it already."""
    assert value is not None
    return value
