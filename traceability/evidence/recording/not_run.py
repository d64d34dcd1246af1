"""The exception with which a harness ends a scenario that the target cannot run."""

from __future__ import annotations

from _pytest.outcomes import Skipped


class NotRun(Skipped):
    """The target lacks something that the scenario needs. The message is the whole reason.

    It begins with `model.TARGET_CANNOT`; a skip with any other reason is a finding.
    """
