"""A primary with a hot standby behind one address, and the failover from one to the other.

The standby is synchronous: PostgreSQL acknowledges a commit only when the standby has it, too.
Without that (`synchronous_standby_names` empty) a failover may lose acknowledged writes; this is
a choice of the operator's that no client of PostgreSQL can make good.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from steps.endurance import processes
from steps.endurance.environment import Place
from steps.endurance.environments.debian import DebianPostgres, migrated_place, with_port
from steps.endurance.environments.programs import postgresql_programs
from steps.endurance.fault import run_sql
from steps.errors import TargetError
from steps.postgres.proxy import Proxy
from steps.process.child import last_lines, spawn

STREAM_SECONDS = 30
NAME = "standby"


class StandbyPostgres(DebianPostgres):
    """A copy of a running primary that follows it, made by `pg_basebackup`."""

    def __init__(self, primary: DebianPostgres) -> None:
        super().__init__()
        self._primary = primary

    def _initdb(self) -> None:
        """Copy the primary; `-R` writes how to follow it. The login is the primary's."""
        (self.folder / "password").touch(mode=0o600)
        (self.folder / "password").write_text(self._primary.password, "utf-8")
        source = f"postgresql://postgres@127.0.0.1:{self._primary.port}/postgres"
        command = [f"{self.programs}/pg_basebackup", "-D", str(self._data)]
        command += ["-d", f"{source}?application_name={NAME}"]
        command += ["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
        process = spawn(
            command,
            log=self._log,
            env={"PGPASSWORD": self._primary.password},  # a command line is read by everybody
            user=self._owner,
            cwd=self.folder,
        )
        if process.wait() != 0:
            raise TargetError(f"pg_basebackup failed:\n{last_lines(self._log)}")


class Pair:
    """A primary, its standby, and the address through which clients reach the one that counts."""

    def __init__(self, *, synchronous: bool = True) -> None:
        self.synchronous = synchronous
        self.primary = DebianPostgres()
        self.standby: DebianPostgres | None = None
        self.proxy = Proxy("127.0.0.1", 0)

    def start(self) -> None:
        """Start the primary and the address, which leads to it. Raises `TargetError`."""
        self.primary.start()
        self.proxy.lead_to(*self.primary.address)
        self.proxy.start()

    def add_standby(self) -> None:
        """Make a standby of the primary, and return when it streams. Raises `TargetError`."""
        self.standby = StandbyPostgres(self.primary)
        self.standby.start()
        if self.synchronous:
            admin = self.primary.admin_url
            run_sql(admin, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
            run_sql(admin, "SELECT pg_reload_conf()")
        state = "sync" if self.synchronous else "async"
        end = time.monotonic() + STREAM_SECONDS
        while (NAME, "streaming", state) not in run_sql(
            self.primary.admin_url,
            "SELECT application_name, state, sync_state FROM pg_stat_replication",
        ):
            if time.monotonic() > end:
                raise TargetError(f"The standby does not stream after {STREAM_SECONDS} s.")
            time.sleep(0.02)

    def wait_for_standby(self) -> None:
        """Return when the standby has replayed all that is written now. Raises `TargetError`."""
        ((now,),) = run_sql(self.primary.admin_url, "SELECT pg_current_wal_lsn()")
        end = time.monotonic() + STREAM_SECONDS
        while not run_sql(
            self.primary.admin_url,
            "SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= %(now)s::pg_lsn",
            {"now": now},
        ):
            if time.monotonic() > end:
                raise TargetError(f"The standby was not level after {STREAM_SECONDS} s.")
            time.sleep(0.02)

    def lose_primary(self) -> None:
        """Kill the primary (SIGKILL). The address leads to the standby, which is read-only."""
        assert self.standby is not None, "add_standby comes first"
        self.primary.kill()
        self.proxy.lead_to(*self.standby.address)

    def promote(self) -> None:
        """Make the standby the primary; return when it takes writes. Raises `TargetError`."""
        assert self.standby is not None, "add_standby comes first"
        ((promoted,),) = run_sql(
            self.standby.admin_url, f"SELECT pg_promote(true, {STREAM_SECONDS})"
        )
        if not promoted:
            raise TargetError(f"The standby was not promoted within {STREAM_SECONDS} s.")
        old, self.primary, self.standby = self.primary, self.standby, None
        old.close()

    @contextmanager
    def paused_standby(self) -> Iterator[None]:
        """Let the standby stand still: it keeps its connection, and confirms nothing."""
        assert self.standby is not None, "add_standby comes first"
        file = self.standby.folder / "data" / "postmaster.pid"
        with processes.paused(int(file.read_text("ascii").split()[0])):
            yield

    def switch_over(self) -> None:
        """Let the two change places, as for maintenance; the old primary comes back as a standby.

        It comes back as a fresh copy, which is right whatever it had written last.
        """
        assert self.standby is not None, "add_standby comes first"
        self.primary.stop()
        self.proxy.lead_to(*self.standby.address)
        self.promote()
        self.add_standby()

    def close(self) -> None:
        """End all of it, and remove the files."""
        self.proxy.stop()
        for one in (self.standby, self.primary):
            if one is not None:
                one.close()


@dataclass(frozen=True)
class StandbyPlace(Place):
    """A place whose URLs lead to the address of `pair`."""

    pair: Pair | None = None


@dataclass(frozen=True)
class HotStandby:
    """PostgreSQL with a hot standby, both behind one address."""

    synchronous: bool = True

    @property
    def name(self) -> str:
        """How it is called in the reports."""
        return f"{'synchronous' if self.synchronous else 'asynchronous'} hot standby"

    @contextmanager
    def open(self, folder: Path) -> Iterator[StandbyPlace]:
        """Start both with an empty, migrated database; remove everything at the end."""
        postgresql_programs()
        pair = Pair(synchronous=self.synchronous)
        try:
            pair.start()
            place = migrated_place(pair.primary, folder)
            pair.add_standby()
            owner, server = (
                with_port(url, pair.proxy.port) for url in (place.owner_url, place.server_url)
            )
            yield StandbyPlace(owner, server, place.role, pair=pair)
        finally:
            pair.close()
