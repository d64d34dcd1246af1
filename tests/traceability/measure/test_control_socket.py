"""Tests of the control socket, with real server processes under the launcher."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.traceability.measure.servers import (
    FORK_LINE,
    SERVER_KINDS,
    SPOON_LINE,
    LaunchedServer,
    write_server,
)
from traceability.measure.control_socket import ControlSocket


@pytest.mark.parametrize("kind", SERVER_KINDS)
def test_step_has_only_the_lines_that_ran_during_it(
    control: ControlSocket, tmp_path: Path, kind: str
) -> None:
    server = LaunchedServer(control, write_server(tmp_path, kind))
    try:
        server.get("/spoon")  # before any step
        control.begin_step("first")
        server.get("/fork")
        first = control.end_step()
        server.get("/fork")  # between steps
        control.begin_step("second")
        server.get("/spoon")
        second = control.end_step()
    finally:
        server.kill()
    assert FORK_LINE in first["handlers.py"]
    assert SPOON_LINE not in first["handlers.py"]
    assert SPOON_LINE in second["handlers.py"]
    assert FORK_LINE not in second["handlers.py"]
    assert set(first) == {"handlers.py", "serve.py"}
    assert control.unmeasured == ""


def test_repeated_step_starts_without_lines(control: ControlSocket, server: LaunchedServer) -> None:
    control.begin_step("same")
    server.get("/fork")
    control.end_step()
    control.begin_step("same")
    server.get("/spoon")
    assert FORK_LINE not in control.end_step()["handlers.py"]


def test_a_step_in_which_nothing_runs_has_no_lines(
    control: ControlSocket, server: LaunchedServer
) -> None:
    server.get("/fork")
    control.begin_step("idle")
    assert control.end_step() == {}


def test_flush_keeps_the_lines_of_a_server_that_is_killed(
    control: ControlSocket, server: LaunchedServer, tmp_path: Path
) -> None:
    control.begin_step("crash")
    server.get("/fork")
    control.flush()
    server.kill()
    restarted = LaunchedServer(control, tmp_path)
    try:
        restarted.get("/spoon")
        lines = control.end_step()
    finally:
        restarted.kill()
    assert {FORK_LINE, SPOON_LINE} <= lines["handlers.py"]


def test_lines_of_two_servers_are_united(
    control: ControlSocket, server: LaunchedServer, tmp_path: Path
) -> None:
    other = LaunchedServer(control, tmp_path)
    try:
        control.begin_step("both")
        server.get("/fork")
        other.get("/spoon")
        assert {FORK_LINE, SPOON_LINE} <= control.end_step()["handlers.py"]
    finally:
        other.kill()


def test_frozen_server_costs_the_time_limit_once(
    control: ControlSocket, server: LaunchedServer
) -> None:
    control.begin_step("freeze")
    server.process.send_signal(signal.SIGSTOP)
    # Until every thread has stopped: on a busy machine, one could still answer.
    os.waitid(os.P_PID, server.process.pid, os.WSTOPPED | os.WNOWAIT)
    assert control.end_step() == {}
    timeouts = []
    wait = control._changed.wait
    control._changed.wait = lambda timeout=None: timeouts.append(timeout) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    for _ in range(3):
        control.begin_step("frozen")
        assert control.end_step() == {}
    assert timeouts == []
    server.process.send_signal(signal.SIGCONT)
    server.get("/spoon")
    # The server answers again, so the next step waits for it and has its lines.
    control._changed.wait = wait  # type: ignore[method-assign]
    with control._changed:
        assert control._changed.wait_for(lambda: not control._launchers[0].late, timeout=5)
    control.begin_step("thawed")
    server.get("/fork")
    assert FORK_LINE in control.end_step()["handlers.py"]


def test_without_a_server_nothing_is_measured(control: ControlSocket) -> None:
    control.begin_step("no server")
    assert control.end_step() == {}
    assert control.unmeasured == "no server was started under the launcher"


def test_connection_with_a_wrong_token_is_closed(control: ControlSocket) -> None:
    host, port, _ = control.environment()["TRACEABILITY_CONTROL"].split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b'{"token": "guess", "pid": 1, "unmeasured": ""}\n')
        assert client.recv(100) == b""
    assert control.unmeasured == "no server was started under the launcher"
