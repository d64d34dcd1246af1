"""The kept log of a server: masked, bounded, one file for all workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.run import kept_log
from steps.run.kept_log import join_logs, keep_log, log_beside


def upper(line: str) -> str:
    return line.upper()


def test_each_line_is_masked(tmp_path: Path) -> None:
    log, kept = tmp_path / "server.log", tmp_path / "kept.log"
    log.write_bytes(b"one\r\ntwo \xff\nthree")
    keep_log(log, kept, upper)
    assert kept.read_text("utf-8") == "ONE\nTWO \ufffd\nTHREE\n"


def test_of_a_long_log_the_end_is_kept_from_a_whole_line_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_log, "KEPT_BYTES", 12)
    log, kept = tmp_path / "server.log", tmp_path / "kept.log"
    log.write_text("secret=abcdef\nlast one\n")
    keep_log(log, kept, str)
    assert kept.read_text("utf-8") == "(14 bytes before this are left out)\nlast one\n"


def test_the_logs_of_all_workers_are_one_file(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence-7.jsonl"
    for worker in ("w0", "w1"):
        log_beside(evidence, worker).write_text(f"of {worker}\n", "utf-8")
    kept = join_logs(evidence, tmp_path)
    assert kept == tmp_path / "server.log"
    assert kept.read_text("utf-8") == (
        "===== server 1 of 2 =====\nof w0\n===== server 2 of 2 =====\nof w1\n"
    )
    assert list(tmp_path.iterdir()) == [kept]


def test_the_log_of_an_earlier_run_does_not_stay_beside_a_run_without_one(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("earlier")
    assert join_logs(tmp_path / "evidence-7.jsonl", tmp_path) is None
    assert list(tmp_path.iterdir()) == []
