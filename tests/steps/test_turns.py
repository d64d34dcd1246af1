"""Who measures time is alone, is not kept waiting for ever, and lets go however it ends."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from steps.turns import Turns

HOLDER = """
import subprocess, sys
from pathlib import Path
from steps.turns import Turns

with Turns(Path(sys.argv[1])).alone():
    print(subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid, flush=True)
    sys.stdin.read()
"""


def taken(file: Path, how: int = fcntl.LOCK_EX) -> bool:
    """Say whether a file could not be locked right now."""
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
    one, other, room = Turns(tmp_path), Turns(tmp_path), tmp_path / "room"
    with one.together(), other.together():
        assert taken(room)
        assert not taken(room, fcntl.LOCK_SH)
    with one.alone():
        assert taken(room, fcntl.LOCK_SH)
    assert not taken(room)


@pytest.mark.parametrize("broken", [False, True])
def test_a_turn_ends_however_it_ends(tmp_path: Path, *, broken: bool) -> None:
    with ExitStack() as stack:
        if broken:
            stack.enter_context(pytest.raises(KeyboardInterrupt))
        with Turns(tmp_path).alone():
            if broken:
                raise KeyboardInterrupt
    assert not taken(tmp_path / "room")
    assert not taken(tmp_path / "door")


def test_nobody_slips_past_one_who_waits_to_be_alone(tmp_path: Path) -> None:
    entered: list[str] = []

    def enter(name: str, turn: AbstractContextManager[None]) -> threading.Thread:
        def run() -> None:
            with turn:
                entered.append(name)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    with Turns(tmp_path).together():
        lonely = enter("alone", Turns(tmp_path).alone())
        until(lambda: taken(tmp_path / "door"))
        late = [enter("late", Turns(tmp_path).together()) for _ in range(8)]
    for thread in (lonely, *late):
        thread.join(20)
    assert entered == ["alone", *["late"] * 8]


def test_who_is_killed_lets_go_and_what_it_started_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            assert taken(tmp_path / "room", fcntl.LOCK_SH)
            holder.kill()
            holder.wait()
            assert not taken(tmp_path / "room")
        finally:
            os.kill(child, 9)
