"""A module that one worker runs as a whole is there, or nothing would be said when it moves."""

from __future__ import annotations

from pathlib import Path

from tests.scheduling import WHOLE

ROOT = Path(__file__).parents[1]


def test_the_modules_that_one_worker_runs_are_there() -> None:
    assert [name for name in WHOLE if not (ROOT / name).is_file()] == []
