"""Starts of a server that serves, refuses to start, or does neither; and its environment."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from steps.process.child import process_exists
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess, environment, search_path

MISBEHAVING = Path(__file__).parents[1] / "run" / "misbehaving_server.py"


def started(folder: Path, *command: str) -> ServerProcess:
    port = free_port()
    words = [word.replace("PORT", str(port)) for word in command]
    return ServerProcess(words, {}, folder, port, folder / "server.log")


def test_one_that_serves_has_not_refused(tmp_path: Path) -> None:
    server = started(tmp_path, sys.executable, str(MISBEHAVING), "PORT", "plain")
    assert server.wait_until_answered_or_ended("/", 20) is None
    server.stop()


def test_one_that_ends_has_refused(tmp_path: Path) -> None:
    server = started(tmp_path, "sh", "-c", "exit 4")
    assert server.wait_until_answered_or_ended("/", 20) == 4


def test_one_that_does_neither_is_ended_and_has_not_started(tmp_path: Path) -> None:
    server = started(tmp_path, sys.executable, str(MISBEHAVING), "PORT", "deaf")
    with pytest.raises(AssertionError, match="neither answered nor ended within 3 s"):
        server.wait_until_answered_or_ended("/", 3)
    assert not server.running


def test_what_a_server_started_ends_with_it_even_if_it_ended_by_itself(tmp_path: Path) -> None:
    server = started(tmp_path, "sh", "-c", "sleep 300 & echo $!; sleep 1; exit 3")
    assert server.wait() == 3
    child = int(server.log.read_text("utf-8"))
    assert process_exists(child)
    server.stop()
    deadline = time.monotonic() + 5
    while process_exists(child) and time.monotonic() < deadline:
        time.sleep(0.01)  # the kernel removes it a moment later
    assert not process_exists(child)


def test_programs_of_the_harness_are_not_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{ours}:/usr/bin")
    monkeypatch.setattr(sys, "base_prefix", "/elsewhere")
    assert search_path() == "/usr/bin"
    assert environment({"PATH": "/own"})["PATH"] == "/own"
