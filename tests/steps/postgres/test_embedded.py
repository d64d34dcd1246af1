"""The embedded PostgreSQL: its port, its data folder, and its end with the run that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from steps.errors import TargetError
from steps.postgres import data_folder
from steps.postgres.embedded import EmbeddedPostgres
from steps.process.child import process_exists, spawn, terminate

START_AND_PAUSE = """
import signal
from steps.postgres.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres()
postgres.start()
print(postgres.folder, postgres._process.pid, flush=True)
signal.pause()
"""


@pytest.mark.postgresql
def test_a_taken_port_is_replaced_at_the_first_start_and_then_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        postgres = EmbeddedPostgres()
        postgres.port = taken = other_program.getsockname()[1]
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
    with data_folder.temporary_folder() as place:
        descriptor = data_folder.try_lock(place)
        assert descriptor is None, "temporary_folder did not lock the folder"
        with pytest.raises(TargetError, match="in use by another run"):
            EmbeddedPostgres(place).start()


@pytest.mark.postgresql
def test_a_killed_run_leaves_no_postgresql_and_the_next_one_removes_its_folder() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_PAUSE], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        place, _, pid = run.stdout.readline().strip().rpartition(" ")
        assert Path(place, "data", "PG_VERSION").exists()
        assert process_exists(int(pid))
        data_folder.remove_abandoned_folders(Path(place).parent)
        assert Path(place).exists(), "the folder of a run that has not ended was removed"
        run.kill()
    # PostgreSQL ends as soon as it has got the signal that its parent process has ended.
    subprocess.run(["tail", "--pid", pid, "-f", "/dev/null"], timeout=20, check=True)
    data_folder.remove_abandoned_folders(Path(place).parent)
    assert not Path(place).exists()


@pytest.mark.parametrize("removal_done", [True, False])
def test_a_folder_that_another_run_removes_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, removal_done: bool
) -> None:
    lock = data_folder.try_lock
    attempts: list[Path] = []

    def removed_once(path: Path) -> int | None:
        if not attempts:
            path.rmdir()
        attempts.append(path)
        return None if len(attempts) == 1 and not removal_done else lock(path)

    monkeypatch.setattr(data_folder, "try_lock", removed_once)
    monkeypatch.setattr(data_folder, "_parent_folder", lambda _owner: tmp_path)
    made, descriptor = data_folder.make_temporary_folder(None)
    os.close(descriptor)
    assert attempts[1:] == [made]
    assert made.is_dir()


def test_the_data_folder_is_in_memory_if_it_fits_and_tmpdir_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(data_folder, "MEMORY_FOLDER", memory)
    monkeypatch.setattr(data_folder, "_parent_folder", lambda _owner: disk)

    def parent_folder(*, in_memory: bool = True) -> Path:
        made, descriptor = data_folder.make_temporary_folder(None, in_memory=in_memory)
        os.close(descriptor)
        return made.parent

    monkeypatch.delenv("TMPDIR", raising=False)
    assert parent_folder() == memory
    assert parent_folder(in_memory=False) == disk
    monkeypatch.setenv("TMPDIR", str(disk))
    assert parent_folder() == disk
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(data_folder, "REQUIRED_MEMORY_BYTES", 1 << 60)
    assert parent_folder() == disk
    monkeypatch.setattr(data_folder, "MEMORY_FOLDER", tmp_path / "missing")
    assert parent_folder() == disk


def test_terminate_ends_the_child_processes_of_a_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "sleep 600 & echo $!; wait"]
    process = spawn(command, log=log)
    while not log.read_text().endswith("\n"):
        assert process.poll() is None
    child = log.read_text().strip()
    terminate(process, signal.SIGTERM)
    subprocess.run(["tail", "--pid", child, "-f", "/dev/null"], timeout=20, check=True)
