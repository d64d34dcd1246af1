"""The launcher and the harness's side of its socket, with real servers as processes."""

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
from tests.traceability.measure.servers import FORK, SPOON, Served
from traceability.measure.control_socket import Control


@pytest.fixture
def control() -> Iterator[Control]:
    control = Control(patience=0.5)
    yield control
    control.close()


@pytest.fixture
def served(control: Control, tmp_path: Path) -> Iterator[Served]:
    served = Served(control, servers.write(tmp_path, "threads"))
    yield served
    served.kill()


def launch(
    control: Control, folder: Path, *server: str, sources: list[Path] | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end under the launcher."""
    return subprocess.run(
        [*control.command(sources=sources or [folder], root=folder), *server],
        cwd=folder,
        env={**os.environ, **control.environment(), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", servers.KINDS)
def test_a_step_has_its_own_lines_alone(control: Control, tmp_path: Path, kind: str) -> None:
    served = Served(control, servers.write(tmp_path, kind))
    try:
        served.get("/spoon")  # before any step
        control.begin("first")
        served.get("/fork")
        first = control.end()
        served.get("/fork")  # between steps
        control.begin("second")
        served.get("/spoon")
        second = control.end()
    finally:
        served.kill()
    assert FORK in first["handlers.py"]
    assert SPOON not in first["handlers.py"]
    assert SPOON in second["handlers.py"]
    assert FORK not in second["handlers.py"]
    assert set(first) == {"handlers.py", "serve.py"}
    assert control.unmeasured == ""


def test_the_same_context_again_starts_empty(control: Control, served: Served) -> None:
    control.begin("same")
    served.get("/fork")
    control.end()
    control.begin("same")
    served.get("/spoon")
    assert FORK not in control.end()["handlers.py"]


def test_a_step_in_which_nothing_runs_has_no_lines(control: Control, served: Served) -> None:
    served.get("/fork")
    control.begin("idle")
    assert control.end() == {}


def test_kill_after_flush_keeps_the_lines(control: Control, served: Served, tmp_path: Path) -> None:
    control.begin("crash")
    served.get("/fork")
    control.flush()
    served.kill()
    again = Served(control, tmp_path)
    try:
        again.get("/spoon")
        lines = control.end()
    finally:
        again.kill()
    assert {FORK, SPOON} <= lines["handlers.py"]


def test_two_servers_at_once_are_added_up(control: Control, served: Served, tmp_path: Path) -> None:
    other = Served(control, tmp_path)
    try:
        control.begin("both")
        served.get("/fork")
        other.get("/spoon")
        assert {FORK, SPOON} <= control.end()["handlers.py"]
    finally:
        other.kill()


def test_terminated_server_sends_its_lines(control: Control, served: Served) -> None:
    control.begin("stop")
    served.get("/fork")
    served.process.terminate()
    assert served.process.wait() == -signal.SIGTERM
    assert FORK in control.end()["handlers.py"]


def test_server_that_refuses_to_start_sends_its_lines(control: Control, tmp_path: Path) -> None:
    (tmp_path / "refuse.py").write_text("import sys\n\nif True:\n    sys.exit('no secret')\n")
    control.begin("start")
    ended = launch(control, tmp_path, "-m", "refuse")
    assert control.end() == {"refuse.py": {1, 3, 4}}
    assert (ended.returncode, ended.stderr) == (1, "no secret\n")


def test_server_that_crashes_sends_its_lines(control: Control, tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text("def main():\n    raise OSError('gone')\n\nmain()\n")
    control.begin("start")
    ended = launch(control, tmp_path, "crash.py")
    assert control.end() == {"crash.py": {1, 2, 4}}
    plain = subprocess.run(
        [sys.executable, "crash.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == plain.returncode == 1
    assert ended.stderr == plain.stderr


def test_a_forked_child_keeps_the_servers_own_handler(control: Control, tmp_path: Path) -> None:
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
    ended = launch(control, tmp_path, "graceful.py", PYTHONWARNINGS="ignore")
    assert ended.stdout == "graceful\n0\n"


def test_frozen_server_costs_the_time_limit_once(control: Control, served: Served) -> None:
    control.begin("freeze")
    served.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, served.process.pid, os.WSTOPPED | os.WNOWAIT)  # until every thread stands
    assert control.end() == {}
    waits = []
    wait = control._changed.wait
    control._changed.wait = lambda timeout=None: waits.append(timeout) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    for _ in range(3):
        control.begin("frozen")
        assert control.end() == {}
    assert waits == []
    served.process.send_signal(signal.SIGCONT)
    served.get("/spoon")
    # It answers again, so it counts again: the next two steps find it back.
    control._changed.wait = wait  # type: ignore[method-assign]
    with control._changed:
        assert control._changed.wait_for(lambda: not control._launchers[0].late, timeout=5)
    control.begin("thawed")
    served.get("/fork")
    assert FORK in control.end()["handlers.py"]


def test_folder_that_does_not_exist_is_said(control: Control, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    ended = launch(control, tmp_path, "hello.py", sources=[tmp_path / "nowhere"])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", "")
    assert "nowhere does not exist" in control.unmeasured


def test_nothing_has_to_be_installed_for_the_server(control: Control, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    python, *launcher = control.command(sources=[tmp_path], root=tmp_path)
    control.begin("a step")
    ended = subprocess.run(
        [python, "-I", "-S", *launcher, "hello.py"],
        cwd=tmp_path,
        env={**os.environ, **control.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", "")
    assert control.unmeasured == ""
    assert control.end() == {"hello.py": frozenset({1})}


def test_forked_children_are_measured_with_their_parent(control: Control, tmp_path: Path) -> None:
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
    control.begin("serve")
    # Newer Pythons warn of a fork beside threads, of which one is ours.
    ended = launch(control, tmp_path, "prefork.py", PYTHONWARNINGS="ignore")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "3\n-15\n", "")
    lines = control.end()
    assert {2, 6} <= lines["work.py"]
    assert {5, 7, 8, 11} <= lines["prefork.py"]


def test_no_server_is_not_measured(control: Control) -> None:
    control.begin("nobody")
    assert control.end() == {}
    assert control.unmeasured == "no server was started under the launcher"


def test_stranger_without_the_token_is_turned_away(control: Control) -> None:
    host, port, _ = control.environment()["TRACEABILITY_CONTROL"].split(":")
    with socket.create_connection((host, int(port))) as stranger:
        stranger.sendall(b'{"token": "guess", "pid": 1, "unmeasured": ""}\n')
        assert stranger.recv(100) == b""
    assert control.unmeasured == "no server was started under the launcher"


def test_server_sees_no_trace_of_the_launcher(control: Control, tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(
        "import json, os, sys\n"
        "import model\n"
        "try:\n    import redaction\n    raise SystemExit('here is a foreign folder')\n"
        "except ModuleNotFoundError:\n    pass\n"
        "print(json.dumps([sys.argv, sys.path[0], __name__, __file__, model.__file__,\n"
        "    'TRACEABILITY_CONTROL' in os.environ, __spec__ and __spec__.name, __package__]))\n"
    )
    # The launcher's own folder has a model.py too; the server must get its own.
    (tmp_path / "model.py").write_text("")
    for server in (["look.py", "-x"], ["-m", "look", "-x"]):
        ended = launch(control, tmp_path, *server)
        plain = subprocess.run(
            [sys.executable, *server], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (ended.stdout, ended.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize("server", [["-m", "nothing.here"], ["nothing.py"]])
def test_missing_server_is_said_as_python_says_it(
    control: Control, tmp_path: Path, server: list[str]
) -> None:
    ended = launch(control, tmp_path, *server)
    plain = subprocess.run(
        [sys.executable, *server], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == plain.returncode
    assert "Traceback" not in ended.stderr
    assert "nothing" in ended.stderr


def test_package_runs_by_its_main_module(control: Control, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    (tmp_path / "app" / "__main__.py").write_text("from . import part\nprint(part.WORD)\n")
    (tmp_path / "app" / "part.py").write_text("WORD = 'here'\n")
    control.begin("start")
    assert launch(control, tmp_path, "-m", "app").stdout == "here\n"
    assert control.end() == {"app/__main__.py": {1, 2}, "app/part.py": {1}}


def test_server_runs_when_the_harness_is_gone(control: Control, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print('hello')\n")
    control.close()
    ended = launch(control, tmp_path, "hello.py")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", "")
