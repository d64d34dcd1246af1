"""Child processes that end with the run, even when the run is killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from steps.errors import TargetError
from steps.process.exec_wrapper import PR_SET_PDEATHSIG

WRAPPER = Path(__file__).with_name("exec_wrapper.py")
GROUP_KILLED: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
"""Processes whose process group `terminate` has killed."""
MAX_TAIL_BYTES = 64 * 1024
"""Bytes at the end of a log that `last_lines` reads."""


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: tuple[int, int] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` with its output appended to `log`.

    `user` is (uid, gid) to run as. On Linux, the child gets `death_signal` when this process dies,
    even by SIGKILL. The child leads a session of its own: Ctrl-C reaches only this process, which
    can stop its children in order.
    """
    uid, gid = user or (-1, -1)
    wrapper = [sys.executable, "-I", "-S", str(WRAPPER), str(os.getpid()), str(int(death_signal))]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*wrapper, str(uid), str(gid), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )


def run(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path, seconds: float = 300
) -> None:
    """Run `command` to its end.

    Raises `TargetError` with the end of its output when its status is not 0, or when it takes more
    than `seconds`.
    """
    process = spawn(command, log=log, env=env, cwd=cwd)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"did not end within {seconds:.0f} s:\n{last_lines(log)}") from error
    finally:
        terminate(process, signal.SIGTERM)
    if status != 0:
        raise TargetError(f"ended with status {status}:\n{last_lines(log)}")


def terminate(
    process: subprocess.Popen[bytes], signal_number: signal.Signals, seconds: float = 10
) -> int:
    """Send `signal_number` to the process and wait; after `seconds`, kill it. Return its status.

    Processes that it has started and left behind (workers, a server behind a shell) are killed,
    too.
    """
    if process.poll() is None:
        process.send_signal(signal_number)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        # Only once: when the group has no process left, another one can get its number.
        if process not in GROUP_KILLED:
            GROUP_KILLED.add(process)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


class Terminated(KeyboardInterrupt):
    """SIGTERM has come: the process ends as after Ctrl-C."""


def end_with_parent(parent: int | None = None) -> None:
    """Handle SIGTERM as Ctrl-C, and on Linux receive it when the parent is killed.

    Without its parent (nox, a shell) the result of this run reaches no reader. `parent` is its
    process id, if it is known already.
    """
    signal.signal(signal.SIGTERM, _terminate)
    parent = parent or os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the signal was requested
            sys.exit(1)


def _terminate(_number: int, _frame: Any) -> None:
    raise Terminated


def process_exists(pid: int) -> bool:
    """Return whether a process has that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def last_lines(log: Path, lines: int = 12, *, begin: int = 0) -> str:
    """Return the last lines of a log, for an error message; empty when there is no log.

    What stands before the byte `begin` is not read.
    """
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(begin, log.stat().st_size - MAX_TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.strip().splitlines()[-lines:])
