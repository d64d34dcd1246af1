"""Every fault, in the order in which they are played: `nox -s endurance -- --list`."""

from __future__ import annotations

from steps.endurance.fault import Fault

FAULTS: tuple[Fault, ...] = ()
