"""How the workers of pytest-xdist share the tests: one by one, but for what is dear to set up."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

WHOLE = frozenset({"tests/steps/run/test_judging_at_a_url.py"})
"""Modules that one worker runs: every other one would set up the same for half a minute.

`--dist loadgroup` is meant for this, but pytest 9.2 takes no notice of the groups that pytest-xdist
3.8 writes into the ids of tests (pytest-xdist issue 1386).
"""


class OneByOne(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker the next test as soon as it is through with one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in WHOLE else nodeid
