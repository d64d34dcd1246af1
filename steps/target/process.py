"""Child processes that never outlive the run, whatever happens to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")


class TargetError(Exception):
    """The judging itself could not be done; its text says why and what to do."""


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: tuple[int, int] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` with its output appended to `log`, bound to the life of this process.

    `user` is (uid, gid) to run as. The child gets `death_signal` when we die, even by SIGKILL.
    """
    uid, gid = user or (-1, -1)
    guard = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(int(death_signal))]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*guard, str(uid), str(gid), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env) if env is not None else None,
            cwd=cwd,
        )


def end(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float = 10) -> int:
    """Send `how` to the process, wait for its end, and kill it when it does not obey."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tail(log: Path, lines: int = 12) -> str:
    """Return the end of a log, for an error message."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(text.strip().splitlines()[-lines:])
