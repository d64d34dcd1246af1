"""PostgreSQL that is reached by TLS alone, with a certificate of its own authority."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote

from steps.endurance.environment import Place
from steps.endurance.environments.certificates import VALID, Authority
from steps.endurance.environments.debian import DebianPostgres, migrated_place
from steps.endurance.environments.programs import postgresql_programs
from steps.postgres.data_folder import change_owner

HBA = """hostssl all all 127.0.0.1/32 scram-sha-256
hostssl replication all 127.0.0.1/32 scram-sha-256
"""


class TlsPostgres(DebianPostgres):
    """Debian's PostgreSQL with `hostssl` lines only: a connection without TLS is refused.

    Its own URLs verify certificate and host (`sslmode=verify-full`, RFC 5280) and bind the login to
    the channel (`channel_binding=require`, RFC 5802): a man in the middle can do neither.
    """

    def __init__(self) -> None:
        super().__init__(settings={"ssl": "on", "ssl_min_protocol_version": "TLSv1.2"})
        self.authority = Authority(self.folder / "root.crt")
        self.server_options = dict(parse_qsl(self.options(self.authority.root)))
        self.serial = 0

    @property
    def admin_url(self) -> str:
        """The superuser's URL, by TLS."""
        return f"{super().admin_url}?{self.options(self.authority.root)}"

    @staticmethod
    def options(root: Path) -> str:
        """Return the part of a URL that demands TLS, verified by the authority in `root`."""
        file = quote(str(root), safe="")
        return f"sslmode=verify-full&sslrootcert={file}&channel_binding=require"

    def issue(
        self, hosts: tuple[str, ...] = ("localhost", "127.0.0.1"), expires: timedelta = VALID
    ) -> None:
        """Put another certificate of the same authority in place; it counts from a reload on."""
        self.serial = self.authority.issue(self._data, self._owner, hosts, expires)

    def _initdb(self) -> None:
        super()._initdb()
        rules = self._data / "pg_hba.conf"
        rules.write_text(HBA, "utf-8")
        change_owner(self._owner, rules)
        self.issue()


@dataclass(frozen=True)
class TlsPlace(Place):
    """A place that knows its PostgreSQL with TLS."""

    tls: TlsPostgres | None = None


@dataclass(frozen=True)
class Tls:
    """PostgreSQL with TLS, reached directly."""

    name: str = "PostgreSQL with TLS, verify-full and channel binding"

    @contextmanager
    def open(self, folder: Path) -> Iterator[TlsPlace]:
        """Start it with an empty, migrated database; remove both at the end."""
        postgresql_programs()
        cluster = TlsPostgres()
        try:
            cluster.start()
            place = migrated_place(cluster, folder)
            yield TlsPlace(place.owner_url, place.server_url, place.role, cluster, tls=cluster)
        finally:
            cluster.close()
