"""Excerpts of a log: since a request, also where the server writes after its answer."""

from __future__ import annotations

import threading
from pathlib import Path

from steps.target.log_excerpts import LINES, SILENT_ANSWERS, LogExcerpts


def test_an_excerpt_has_what_was_written_since_and_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("before\n")
    excerpts = LogExcerpts(lambda: log)
    size = excerpts.size()
    with log.open("a") as file:
        file.writelines(f"line {number}\n" for number in range(LINES + 5))
    found = excerpts.since(size).splitlines()
    assert found == [f"line {number}" for number in range(5, LINES + 5)]


def test_an_excerpt_waits_for_a_server_that_logs_after_its_answer(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("before\n")

    def write() -> None:
        with log.open("a") as file:
            file.write("ValueError: the reason\n")

    later = threading.Timer(0.1, write)
    later.start()
    assert LogExcerpts(lambda: log).since(7) == "ValueError: the reason"
    later.join()


def test_no_more_is_waited_for_a_server_that_logs_no_error(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("")
    excerpts = LogExcerpts(lambda: log)
    for _ in range(SILENT_ANSWERS):
        assert excerpts.since(0) == ""
    later = threading.Timer(0.1, log.write_text, ["too late"])
    later.start()
    assert excerpts.since(0) == ""
    later.join()
    assert excerpts.since(0) == "too late"  # what is there already is read all the same


def test_a_server_that_prints_elsewhere_has_no_excerpt() -> None:
    excerpts = LogExcerpts(lambda: None)
    assert (excerpts.size(), excerpts.since(0), excerpts.end()) == (0, "", "")
