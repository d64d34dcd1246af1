from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from steps.postgres import data_folder as folder
from steps.postgres.embedded import Postgres
from steps.process.child import TargetError, alive, end, spawn

RUN = """
import signal
from steps.postgres.embedded import Postgres
postgres = Postgres()
postgres.start()
print(postgres.folder, postgres._process.pid, flush=True)
signal.pause()
"""


@pytest.mark.postgresql
def test_a_port_that_is_taken_meanwhile_is_chosen_anew_and_then_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        postgres = Postgres()
        postgres.port = taken = somebody.getsockname()[1]
        try:
            postgres.start()
            chosen = postgres.port
            assert chosen != taken
            postgres.stop()
            postgres.start()
            assert postgres.port == chosen
            with psycopg.connect(postgres.admin_url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            postgres.close()
    assert not postgres.folder.exists()


def test_a_folder_in_use_is_refused() -> None:
    with folder.scratch() as place:
        descriptor = folder.lock(place)
        assert descriptor is None, "it is locked by whoever made it"
        with pytest.raises(TargetError, match="in use by another run"):
            Postgres(place).start()


@pytest.mark.postgresql
def test_a_killed_run_leaves_no_postgresql_and_the_next_one_sweeps_its_folder() -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        place, _, pid = run.stdout.readline().strip().rpartition(" ")
        assert Path(place, "data", "PG_VERSION").exists()
        assert alive(int(pid))
        folder.sweep(Path(place).parent)
        assert Path(place).exists(), "the folder of a run that lives was swept"
        run.kill()
    # It ends as soon as the signal of its parent's death has reached it.
    subprocess.run(["tail", "--pid", pid, "-f", "/dev/null"], timeout=20, check=True)
    folder.sweep(Path(place).parent)
    assert not Path(place).exists()


@pytest.mark.parametrize("through", [True, False])
def test_a_folder_that_another_run_sweeps_at_once_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, through: bool
) -> None:
    lock = folder.lock
    tried: list[Path] = []

    def swept_once(path: Path) -> int | None:
        if not tried:
            path.rmdir()
        tried.append(path)
        return None if len(tried) == 1 and not through else lock(path)

    monkeypatch.setattr(folder, "lock", swept_once)
    monkeypatch.setattr(folder, "_base", lambda _owner: tmp_path)
    made, descriptor = folder.temporary(None)
    os.close(descriptor)
    assert tried[1:] == [made]
    assert made.is_dir()


def test_a_database_is_in_memory_where_there_is_room_and_nobody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(folder, "MEMORY", memory)
    monkeypatch.setattr(folder, "_base", lambda _owner: disk)

    def place(*, in_memory: bool = True) -> Path:
        made, descriptor = folder.temporary(None, in_memory=in_memory)
        os.close(descriptor)
        return made.parent

    monkeypatch.delenv("TMPDIR", raising=False)
    assert place() == memory
    assert place(in_memory=False) == disk
    monkeypatch.setenv("TMPDIR", str(disk))
    assert place() == disk
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(folder, "ROOM", 1 << 60)
    assert place() == disk
    monkeypatch.setattr(folder, "MEMORY", tmp_path / "nothing")
    assert place() == disk


def test_what_a_command_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "sleep 600 & echo $!; wait"]
    process = spawn(command, log=log)
    while not log.read_text().endswith("\n"):
        assert process.poll() is None
    child = log.read_text().strip()
    end(process, signal.SIGTERM)
    subprocess.run(["tail", "--pid", child, "-f", "/dev/null"], timeout=20, check=True)
