"""Tests of the launcher, with real server processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.traceability.measure.servers import FORK_LINE, LaunchedServer, launch
from traceability.measure.control_socket import ControlSocket


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
