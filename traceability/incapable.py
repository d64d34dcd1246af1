"""How a harness says that what is judged cannot show a scenario."""

from __future__ import annotations

from _pytest.outcomes import Skipped

INCAPABLE = "target cannot "
"""How the reason of a scenario begins that the target lacks something for. Any other is a skip."""


class NotRun(Skipped):
    """The target lacks what the scenario needs; the message is the whole reason."""
