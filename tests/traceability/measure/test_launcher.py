"""Tests of the launcher and of the control socket, with real server processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.traceability.measure import servers
from tests.traceability.measure.servers import FORK_LINE, SPOON_LINE, LaunchedServer
from traceability.measure.control_socket import ControlSocket


@pytest.fixture
def control() -> Iterator[ControlSocket]:
    control = ControlSocket(answer_timeout=0.5)
    yield control
    control.close()


@pytest.fixture
def server(control: ControlSocket, tmp_path: Path) -> Iterator[LaunchedServer]:
    server = LaunchedServer(control, servers.write_server(tmp_path, "threads"))
    yield server
    server.kill()


def launch(
    control: ControlSocket,
    folder: Path,
    *arguments: str,
    sources: list[Path] | None = None,
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end under the launcher."""
    return subprocess.run(
        [*control.launcher_command(sources=sources or [folder], root=folder), *arguments],
        cwd=folder,
        env={**os.environ, **control.environment(), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", servers.SERVER_KINDS)
def test_step_has_only_the_lines_that_ran_during_it(
    control: ControlSocket, tmp_path: Path, kind: str
) -> None:
    server = LaunchedServer(control, servers.write_server(tmp_path, kind))
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


def test_terminated_server_sends_its_lines(control: ControlSocket, server: LaunchedServer) -> None:
    control.begin_step("stop")
    server.get("/fork")
    server.process.terminate()
    assert server.process.wait() == -signal.SIGTERM
    assert FORK_LINE in control.end_step()["handlers.py"]


def test_server_that_refuses_to_start_sends_its_lines(
    control: ControlSocket, tmp_path: Path
) -> None:
    (tmp_path / "refuse.py").write_text("import sys\n\nif True:\n    sys.exit('no secret')\n")
    control.begin_step("start")
    completed = launch(control, tmp_path, "-m", "refuse")
    assert control.end_step() == {"refuse.py": {1, 3, 4}}
    assert (completed.returncode, completed.stderr) == (1, "no secret\n")


def test_server_that_crashes_sends_its_lines(control: ControlSocket, tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text("def main():\n    raise OSError('gone')\n\nmain()\n")
    control.begin_step("start")
    completed = launch(control, tmp_path, "crash.py")
    assert control.end_step() == {"crash.py": {1, 2, 4}}
    plain = subprocess.run(
        [sys.executable, "crash.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert completed.returncode == plain.returncode == 1
    assert completed.stderr == plain.stderr


def test_forked_child_keeps_the_servers_own_signal_handler(
    control: ControlSocket, tmp_path: Path
) -> None:
    (tmp_path / "graceful.py").write_text(
        "import os, signal, sys, time\n"
        "def stop(number, frame):\n"
        "    print('graceful', flush=True)\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "if not (pid := os.fork()):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(5)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    completed = launch(control, tmp_path, "graceful.py", PYTHONWARNINGS="ignore")
    assert completed.stdout == "graceful\n0\n"


def test_frozen_server_costs_the_time_limit_once(
    control: ControlSocket, server: LaunchedServer
) -> None:
    control.begin_step("freeze")
    server.process.send_signal(signal.SIGSTOP)
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


def test_missing_source_folder_is_the_reason_why_nothing_is_measured(
    control: ControlSocket, tmp_path: Path
) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    completed = launch(control, tmp_path, "hello.py", sources=[tmp_path / "nowhere"])
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "hello\n", "")
    assert "nowhere does not exist" in control.unmeasured


def test_launcher_needs_no_installed_package(control: ControlSocket, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    python, *launcher = control.launcher_command(sources=[tmp_path], root=tmp_path)
    control.begin_step("a step")
    completed = subprocess.run(
        [python, "-I", "-S", *launcher, "hello.py"],
        cwd=tmp_path,
        env={**os.environ, **control.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "hello\n", "")
    assert control.unmeasured == ""
    assert control.end_step() == {"hello.py": frozenset({1})}


def test_forked_children_are_measured_with_their_parent(
    control: ControlSocket, tmp_path: Path
) -> None:
    (tmp_path / "work.py").write_text(
        "def parent():\n    return 1\n\n\ndef child():\n    return 2\n"
    )
    (tmp_path / "prefork.py").write_text(
        "import os, signal, sys\n"
        "import work\n"
        "for how in ('exits', 'is ended'):\n"
        "    if not (pid := os.fork()):\n"
        "        work.child()\n"
        "        if how == 'is ended':\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "        sys.exit(3)\n"
        "    _, status = os.waitpid(pid, 0)\n"
        "    print(os.waitstatus_to_exitcode(status), flush=True)\n"
        "work.parent()\n"
    )
    control.begin_step("serve")
    # Newer Pythons warn of a fork in a process with threads; the launcher has one.
    completed = launch(control, tmp_path, "prefork.py", PYTHONWARNINGS="ignore")
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "3\n-15\n", "")
    lines = control.end_step()
    assert {2, 6} <= lines["work.py"]
    assert {5, 7, 8, 11} <= lines["prefork.py"]


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


def test_server_does_not_notice_the_launcher(control: ControlSocket, tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(
        "import json, os, sys\n"
        "import probes\n"
        "try:\n    import control_socket\n    raise SystemExit('here is a foreign folder')\n"
        "except ModuleNotFoundError:\n    pass\n"
        "print(json.dumps([sys.argv, sys.path[0], __name__, __file__, probes.__file__,\n"
        "    'TRACEABILITY_CONTROL' in os.environ, __spec__ and __spec__.name, __package__]))\n"
    )
    # The launcher's own folder has a probes.py, too; the server must import its own.
    (tmp_path / "probes.py").write_text("")
    for arguments in (["look.py", "-x"], ["-m", "look", "-x"]):
        completed = launch(control, tmp_path, *arguments)
        plain = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (completed.stdout, completed.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize("arguments", [["-m", "nothing.here"], ["nothing.py"]])
def test_missing_module_or_script_fails_as_in_python(
    control: ControlSocket, tmp_path: Path, arguments: list[str]
) -> None:
    completed = launch(control, tmp_path, *arguments)
    plain = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert completed.returncode == plain.returncode
    assert "Traceback" not in completed.stderr
    assert "nothing" in completed.stderr


def test_package_runs_its_main_module(control: ControlSocket, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    (tmp_path / "app" / "__main__.py").write_text("from . import part\nprint(part.WORD)\n")
    (tmp_path / "app" / "part.py").write_text("WORD = 'here'\n")
    control.begin_step("start")
    assert launch(control, tmp_path, "-m", "app").stdout == "here\n"
    assert control.end_step() == {"app/__main__.py": {1, 2}, "app/part.py": {1}}


def test_server_runs_without_the_harness(control: ControlSocket, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    control.close()
    completed = launch(control, tmp_path, "hello.py")
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "hello\n", "")
