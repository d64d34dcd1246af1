"""Shared and exclusive holders of the lock, their order, and the release of the lock."""

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


def is_locked(file: Path, operation: int = fcntl.LOCK_EX) -> bool:
    """Return whether another descriptor holds a lock that excludes `operation` on the file."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.001)


def test_the_lock_has_several_shared_holders_or_one_exclusive_holder(tmp_path: Path) -> None:
    first, second = ReadersWriterLock(tmp_path), ReadersWriterLock(tmp_path)
    access = tmp_path / "access"
    with first.shared(), second.shared():
        assert is_locked(access)
        assert not is_locked(access, fcntl.LOCK_SH)
    with first.shared():
        first.to_exclusive()
        assert is_locked(access, fcntl.LOCK_SH)
        first.to_shared()
        assert is_locked(access)
        assert not is_locked(access, fcntl.LOCK_SH)
    assert not is_locked(access)


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_lock_is_released_also_after_an_exception(tmp_path: Path, *, interrupted: bool) -> None:
    with ExitStack() as stack:
        if interrupted:
            stack.enter_context(pytest.raises(KeyboardInterrupt))
        with (lock := ReadersWriterLock(tmp_path)).shared():
            lock.to_exclusive()
            if interrupted:
                raise KeyboardInterrupt
    assert not is_locked(tmp_path / "access")
    assert not is_locked(tmp_path / "entry")


def test_a_waiting_exclusive_holder_comes_before_later_shared_holders(tmp_path: Path) -> None:
    order: list[str] = []
    has_shared = threading.Event()

    def start(run: Callable[[ReadersWriterLock], None]) -> threading.Thread:
        thread = threading.Thread(target=run, args=[ReadersWriterLock(tmp_path)], daemon=True)
        thread.start()
        return thread

    def exclusive_holder(lock: ReadersWriterLock) -> None:
        with lock.shared():
            has_shared.set()
            lock.to_exclusive()
            order.append("exclusive")

    def later_shared_holder(lock: ReadersWriterLock) -> None:
        with lock.shared():
            order.append("shared")

    with ReadersWriterLock(tmp_path).shared():
        threads = [start(exclusive_holder)]
        assert has_shared.wait(20)  # next, the thread waits for exclusive access
        wait_until(lambda: is_locked(tmp_path / "entry"))
        threads += [start(later_shared_holder) for _ in range(8)]
    for thread in threads:
        thread.join(20)
    assert order == ["exclusive", *["shared"] * 8]


def test_two_exclusive_holders_follow_each_other_without_a_deadlock(tmp_path: Path) -> None:
    both_shared, holders, most_holders = threading.Barrier(2), [0], [0]

    def run() -> None:
        lock = ReadersWriterLock(tmp_path)
        with lock.shared():
            both_shared.wait(20)
            lock.to_exclusive()
            holders[0] += 1
            most_holders[0] = max(most_holders[0], holders[0])
            time.sleep(0.05)
            holders[0] -= 1

    threads = [threading.Thread(target=run, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "deadlock"
    assert most_holders == [1]


def test_a_killed_process_releases_the_lock_and_its_child_did_not_inherit_it(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            assert is_locked(tmp_path / "access", fcntl.LOCK_SH)
            holder.kill()
            holder.wait()
            assert not is_locked(tmp_path / "access")
        finally:
            os.kill(child, 9)
