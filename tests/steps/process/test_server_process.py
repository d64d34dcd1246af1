"""A server process that answers, exits, or does neither; its child processes and environment."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from steps.process.child import process_exists
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess, environment, search_path

MISBEHAVING = Path(__file__).parents[1] / "run" / "misbehaving_server.py"


def start(folder: Path, *command: str) -> ServerProcess:
    port = free_port()
    arguments = [argument.replace("PORT", str(port)) for argument in command]
    return ServerProcess(arguments, {}, folder, port, folder / "server.log")


def test_a_server_that_answers_has_not_refused_to_start(tmp_path: Path) -> None:
    server = start(tmp_path, sys.executable, str(MISBEHAVING), "PORT", "plain")
    assert server.wait_until_answered_or_ended("/", 20) is None
    server.stop()


def test_a_server_that_exits_has_refused_to_start(tmp_path: Path) -> None:
    server = start(tmp_path, "sh", "-c", "exit 4")
    assert server.wait_until_answered_or_ended("/", 20) == 4


def test_a_server_that_neither_answers_nor_exits_is_ended(tmp_path: Path) -> None:
    server = start(tmp_path, sys.executable, str(MISBEHAVING), "PORT", "silent")
    with pytest.raises(AssertionError, match="neither answered nor ended within 3 s"):
        server.wait_until_answered_or_ended("/", 3)
    assert not server.running


def test_stop_ends_the_child_processes_of_a_server_that_exited(tmp_path: Path) -> None:
    server = start(tmp_path, "sh", "-c", "sleep 300 & echo $!; sleep 1; exit 3")
    assert server.wait() == 3
    child = int(server.log.read_text("utf-8"))
    assert process_exists(child)
    server.stop()
    deadline = time.monotonic() + 5
    while process_exists(child) and time.monotonic() < deadline:
        time.sleep(0.01)  # the kernel removes an ended process a moment later
    assert not process_exists(child)


def test_the_log_file_of_a_server_is_followed_from_where_it_ended(tmp_path: Path) -> None:
    own = tmp_path / "own.log"
    own.write_text("of an earlier start\n", "utf-8")
    script = "echo printed; echo first >> own.log; echo anew > own.log; echo last >> own.log"
    command = ["sh", "-c", f"{script}; exec sleep 300"]
    server = ServerProcess(command, {}, tmp_path, free_port(), tmp_path / "server.log", own)
    try:
        wait_for(server.log, "last\n")
    finally:
        server.stop()
    lines = server.log.read_text("utf-8").splitlines()
    assert "printed" in lines
    assert "of an earlier start" not in lines
    assert lines[-2:] == ["anew", "last"]


def test_what_a_server_writes_as_it_ends_is_read(tmp_path: Path) -> None:
    own = tmp_path / "logs" / "own.log"
    script = (
        "trap 'mkdir logs; echo ended > logs/own.log; exit' TERM; echo ready; while :; do :; done"
    )
    command = ["sh", "-c", script]
    server = ServerProcess(command, {}, tmp_path, free_port(), tmp_path / "server.log", own)
    wait_for(server.log, "ready\n")
    server.stop()
    assert server.log.read_text("utf-8") == "ready\nended\n"


def wait_for(log: Path, text: str) -> None:
    """Wait until a log has a text."""
    deadline = time.monotonic() + 20
    while text not in (log.read_text("utf-8") if log.exists() else ""):
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.01)


def test_the_path_of_a_server_leaves_out_the_programs_of_the_harness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness_programs = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{harness_programs}:/usr/bin")
    monkeypatch.setattr(sys, "base_prefix", "/elsewhere")
    assert search_path() == "/usr/bin"
    assert environment({"PATH": "/own"})["PATH"] == "/own"
