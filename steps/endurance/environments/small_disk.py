"""PostgreSQL with the tasks on a small disk of their own, which can be filled and freed.

The disk is a tmpfs in a mount namespace of PostgreSQL's own: it is gone with the last process of
PostgreSQL, also after `kill -9`, and nobody else sees it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from steps.endurance.environment import Place
from steps.endurance.environments.debian import DebianPostgres, migrated_place
from steps.endurance.environments.programs import postgresql_programs
from steps.endurance.fault import NotRunError, run_sql
from steps.process.child import WRAPPER, spawn

MEGABYTES = 24
MOUNT = (
    f'mount -t tmpfs -o size={MEGABYTES}m,mode=700,uid="$1",gid="$2" tasks "$3"'
    ' && shift 3 && exec "$@"'
)
BLOCK = bytes(8192)


class SmallDiskPostgres(DebianPostgres):
    """Debian's PostgreSQL that sees a small disk at `disk`. Only root may mount one."""

    def __init__(self) -> None:
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            raise NotRunError(
                "a small disk can be mounted by root with `unshare` only: run as root"
            )
        super().__init__()
        self.disk = self.folder / "disk"
        self.disk.mkdir()

    def fill(self) -> None:
        """Fill the disk to its last byte."""
        with suppress(OSError), self._filler().open("ab", buffering=0) as file:
            while file.write(BLOCK):
                pass

    def free(self) -> None:
        """Free what was filled."""
        self._filler().unlink(missing_ok=True)

    def _filler(self) -> Path:
        """Where the namespace of PostgreSQL is seen from outside."""
        assert self._process is not None, "it was not started"
        return Path(f"/proc/{self._process.pid}/root{self.disk}/filler")

    def _launch(self) -> None:
        """Mount as root, then become PostgreSQL's user; the process stays the same one."""
        uid, gid = self._owner or (os.getuid(), os.getgid())
        user = [str(uid), str(gid)]
        self._log.unlink(missing_ok=True)
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh", *user]
        command += [str(self.disk), sys.executable, "-I", "-S", str(WRAPPER), str(os.getpid())]
        command += [str(int(signal.SIGQUIT)), *user, *self._command()]
        self._process = spawn(
            command,
            log=self._log,
            cwd=self.folder,
            death_signal=signal.SIGQUIT,
        )


@dataclass(frozen=True)
class SmallDiskPlace(Place):
    """A place whose tasks are on the small disk of `postgres`."""

    postgres: SmallDiskPostgres | None = None


@dataclass(frozen=True)
class SmallDisk:
    """PostgreSQL whose tasks are on a small disk."""

    name: str = "a small disk"

    @contextmanager
    def open(self, folder: Path) -> Iterator[SmallDiskPlace]:
        """Start it with an empty, migrated database; remove everything at the end."""
        postgresql_programs()
        cluster = SmallDiskPostgres()
        try:
            cluster.start()
            place = migrated_place(cluster, folder)
            run_sql(cluster.admin_url, f"CREATE TABLESPACE small LOCATION '{cluster.disk}'")
            run_sql(place.owner_url, "ALTER TABLE tasks SET TABLESPACE small")
            run_sql(
                place.owner_url, "ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE small"
            )
            yield SmallDiskPlace(
                place.owner_url, place.server_url, place.role, cluster, postgres=cluster
            )
        finally:
            cluster.close()
