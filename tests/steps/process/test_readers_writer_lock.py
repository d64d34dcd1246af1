"""A worker with exclusive access is alone, does not wait for ever, and releases it at its end."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from steps.process.readers_writer_lock import ReadersWriterLock

HOLDER = """
import subprocess, sys
from pathlib import Path
from steps.process.readers_writer_lock import ReadersWriterLock

lock = ReadersWriterLock(Path(sys.argv[1]))
with lock.shared():
    lock.to_exclusive()
    print(subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid, flush=True)
    sys.stdin.read()
"""


def taken(file: Path, how: int = fcntl.LOCK_EX) -> bool:
    """Return whether the file cannot be locked right now."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


def test_many_are_together_and_one_is_alone(tmp_path: Path) -> None:
    one, other, access = (
        ReadersWriterLock(tmp_path),
        ReadersWriterLock(tmp_path),
        tmp_path / "access",
    )
    with one.shared(), other.shared():
        assert taken(access)
        assert not taken(access, fcntl.LOCK_SH)
    with one.shared():
        one.to_exclusive()
        assert taken(access, fcntl.LOCK_SH)
        one.to_shared()
        assert taken(access)
        assert not taken(access, fcntl.LOCK_SH)
    assert not taken(access)


@pytest.mark.parametrize("broken", [False, True])
def test_a_turn_ends_however_it_ends(tmp_path: Path, *, broken: bool) -> None:
    with ExitStack() as stack:
        if broken:
            stack.enter_context(pytest.raises(KeyboardInterrupt))
        with (lock := ReadersWriterLock(tmp_path)).shared():
            lock.to_exclusive()
            if broken:
                raise KeyboardInterrupt
    assert not taken(tmp_path / "access")
    assert not taken(tmp_path / "entry")


def test_nobody_slips_past_one_who_waits_to_be_alone(tmp_path: Path) -> None:
    entered: list[str] = []
    inside = threading.Event()

    def start(run: Callable[[ReadersWriterLock], None]) -> threading.Thread:
        thread = threading.Thread(target=run, args=[ReadersWriterLock(tmp_path)], daemon=True)
        thread.start()
        return thread

    def lonely(lock: ReadersWriterLock) -> None:
        with lock.shared():
            inside.set()
            lock.to_exclusive()
            entered.append("alone")

    def late(lock: ReadersWriterLock) -> None:
        with lock.shared():
            entered.append("late")

    with ReadersWriterLock(tmp_path).shared():
        threads = [start(lonely)]
        assert inside.wait(20)  # it has shared access, and is about to wait for exclusive access
        until(lambda: taken(tmp_path / "entry"))
        threads += [start(late) for _ in range(8)]
    for thread in threads:
        thread.join(20)
    assert entered == ["alone", *["late"] * 8]


def test_two_who_want_to_be_alone_are_so_one_after_the_other(tmp_path: Path) -> None:
    both, inside, most = threading.Barrier(2), [0], [0]

    def run() -> None:
        lock = ReadersWriterLock(tmp_path)
        with lock.shared():
            both.wait(20)
            lock.to_exclusive()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.05)
            inside[0] -= 1

    threads = [threading.Thread(target=run, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "each waits for the other"
    assert most == [1]


def test_who_is_killed_lets_go_and_what_it_started_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            assert taken(tmp_path / "access", fcntl.LOCK_SH)
            holder.kill()
            holder.wait()
            assert not taken(tmp_path / "access")
        finally:
            os.kill(child, 9)
