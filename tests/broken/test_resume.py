"""An interrupted run of all judgings goes on where it ended, unless something has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.broken.resume import Resume, digest_of_sources

pytest_plugins = ["pytester"]

Run = Callable[..., dict[str, int]]


@pytest.fixture
def run(pytester: pytest.Pytester, tmp_path: Path) -> Run:
    pytester.makepyfile(
        """
        import os
        import pytest
        @pytest.mark.parametrize("fault", [os.environ.get("ROW")], ids=["first"])
        def test_first(fault): pass
        def test_second(): assert os.environ.get("WELL")
        """
    )

    def run(*, resumed: bool, digest: str = "d", tables: str = "t") -> dict[str, int]:
        file = tmp_path / "passed.txt"
        plugin = Resume(resumed=resumed, writes=True, file=file, digest=digest, tables=tables)
        result = pytester.inline_run("-p", "no:cacheprovider", "-p", "no:xdist", plugins=[plugin])
        passed, _, failed = result.listoutcomes()
        deselected = [item for call in result.getcalls("pytest_deselected") for item in call.items]
        return {"passed": len(passed), "failed": len(failed), "left out": len(deselected)}

    return run


def test_what_has_passed_is_left_out_and_what_failed_is_not(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(resumed=True) == {"passed": 1, "failed": 1, "left out": 0}
    monkeypatch.setenv("WELL", "1")
    assert run(resumed=True) == {"passed": 1, "failed": 0, "left out": 1}
    assert run(resumed=True) == {"passed": 0, "failed": 0, "left out": 2}
    assert run(resumed=True, tables="other") == {"passed": 1, "failed": 0, "left out": 1}
    monkeypatch.setenv("ROW", "another")
    assert run(resumed=True, tables="other") == {"passed": 1, "failed": 0, "left out": 1}
    assert run(resumed=True, digest="other") == {"passed": 2, "failed": 0, "left out": 0}
    assert run(resumed=False, digest="other") == {"passed": 2, "failed": 0, "left out": 0}


def test_the_digest_is_that_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    digests = set()
    for name, content in (("x", "1"), ("x", "2"), ("y", "2")):
        for old in (tmp_path / "a").iterdir():
            old.unlink()
        (tmp_path / "a" / name).write_text(content)
        digests.add(digest_of_sources(tmp_path, ["a"]))
    assert len(digests) == 3
