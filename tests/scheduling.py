"""How pytest-xdist distributes the tests: one by one, except modules with an expensive set-up."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

WHOLE = frozenset({"tests/steps/run/test_judging_at_a_url.py"})
"""Modules that one worker runs: each further worker would repeat a set-up of half a minute.

`--dist loadgroup` is meant for this, but pytest 9.2 ignores the groups that pytest-xdist
3.8 writes into the ids of tests (pytest-xdist issue 1386).
"""


class OneByOne(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker the next test as soon as it has finished one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in WHOLE else nodeid
