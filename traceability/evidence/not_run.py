"""How a harness says, while pytest runs, that what is judged cannot show a scenario."""

from __future__ import annotations

from _pytest.outcomes import Skipped


class NotRun(Skipped):
    """The target lacks what the scenario needs; the message is the reason (`TARGET_CANNOT`)."""
