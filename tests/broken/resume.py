"""Notes which judgings have passed, so that an interrupted run can go on: `--resume`.

What has passed counts as long as nothing changes on which a judging depends: the files of harness
and server, and the row of the table. It is written down after each test: an end by `kill -9` loses
those that were on their way, and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PASSED = ROOT / "build" / "broken" / "passed.txt"
SOURCES = ("features", "steps", "traceability", "targets", "specs", "tests/broken/todo_api")
ROWS = ("fault", "variant", "layout")
"""Parameters of tests that are rows of the tables: of these, the row alone decides."""
PROPERTY = "judged"


def digest_of_sources(root: Path = ROOT, sources: Iterable[str] = SOURCES) -> str:
    """Return a digest of all files on which a judging depends, by their paths and contents."""
    found = hashlib.sha256()
    for source in sources:
        at = root / source
        for path in sorted(at.rglob("*")) if at.is_dir() else [at]:
            if path.is_file() and "__pycache__" not in path.parts and path.name != "matrix.md":
                name, content = path.relative_to(root).as_posix(), path.read_bytes()
                found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


class Resume:
    """A pytest plugin. The process that gets all reports is the only one that writes."""

    def __init__(
        self, *, resumed: bool, writes: bool, digest: str, tables: str, file: Path = PASSED
    ) -> None:
        self._file, self._writes, self._tables = file, writes, tables
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        self._passed = set(lines[1:]) if resumed and lines[:1] == [digest] else set[str]()
        if writes:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._write([digest, *sorted(self._passed)], "w")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what has passed; pytest's last line counts it as deselected."""
        left_out = []
        for one in items:
            key = self._key(one)
            one.user_properties.append((PROPERTY, key))
            if key in self._passed:
                left_out.append(one)
        items[:] = [one for one in items if one not in left_out]
        if left_out:
            config.hook.pytest_deselected(items=left_out)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that has passed."""
        if self._writes and report.when == "call" and report.passed:
            self._write([str(value) for name, value in report.user_properties if name == PROPERTY])

    def _key(self, item: pytest.Item) -> str:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        rows = [repr(parameters[name]) for name in ROWS if name in parameters]
        decisive = hashlib.sha256("".join(rows or [self._tables]).encode()).hexdigest()
        return f"{item.nodeid} {decisive}"

    def _write(self, lines: Iterable[str], mode: str = "a") -> None:
        with self._file.open(mode, encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
