"""A run of the benchmark loses nothing that it has measured."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import __main__ as bench
from bench import growth, harness, scale, serving, tool
from bench.load import LoadError
from bench.tool import Run


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def open_testbed() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(database=SimpleNamespace(version="18"))

    monkeypatch.setattr(bench, "open_testbed", open_testbed)
    monkeypatch.setattr(bench, "end_with_parent", lambda: None)
    for part in (serving, growth, scale, harness):
        monkeypatch.setattr(part, "measure", lambda *_, **__: [])
    monkeypatch.setattr(growth, "measure_lists", lambda _: [])
    monkeypatch.setattr(tool, "measure", lambda _: [Run("traceability check", 10, 1, 1, 30)])


@pytest.mark.parametrize(
    ("error", "said"),
    [(LoadError("an answer was not 200"), "serving: an answer was not 200"), (None, "")],
)
def test_the_parts_that_could_be_measured_are_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    said: str,
) -> None:
    def fail(*_: object, **__: object) -> list[object]:
        if error:
            raise error
        return []

    monkeypatch.setattr(serving, "measure", fail)
    assert bench.main(["--output", str(tmp_path)]) == (2 if error else 0)
    assert len(json.loads((tmp_path / "results.json").read_text())["tool"]) == 1
    shown = capsys.readouterr().err
    assert ("Not measured: " + said in shown) if said else ("Not measured" not in shown)


def test_the_parts_measured_before_ctrl_c_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tool, "measure_peers", interrupt)
    assert bench.main(["--output", str(tmp_path), "--only", "tool", "--peers"]) == 2
    assert len(json.loads((tmp_path / "results.json").read_text())["tool"]) == 1
