"""A PostgreSQL server that exists: the harness must not stop it, and puts a proxy before it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from steps.errors import TargetError
from steps.postgres.proxy import Proxy

# Keys of a connection URL for address and login, which are written before its `?`.
CONNECTION_KEYS = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "passfile",
        "service",
        "dbname",
        "target_session_attrs",
        "load_balance_hosts",
    ]
)


class ExistingPostgres:
    """A server at a URL, reached through a proxy: stopping the proxy is the outage."""

    kind = "existing server"
    shared = True

    def __init__(self, url: str) -> None:
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise TargetError(f"--database: not a connection URL: {error}") from error
        self._options = {
            name: str(value) for name, value in parts.items() if name not in CONNECTION_KEYS
        }
        self.admin_url = url
        self._proxy: Proxy | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._proxy.port if self._proxy else 0

    def start(self) -> None:
        if self._proxy is None:
            self._proxy = self._connect()
        self._proxy.start()

    def stop(self) -> None:
        if self._proxy is not None:
            self._proxy.stop()

    def close(self) -> None:
        self.stop()

    def _connect(self) -> Proxy:
        """Connect once for the real address and login: PGHOST, ~/.pgpass and more may set them."""
        try:
            with psycopg.connect(self.admin_url, connect_timeout=10) as connection:
                info = connection.info
                host, port = info.host, info.port
                user, password = quote(info.user, safe=""), quote(info.password, safe="")
                local = host.startswith("/")
                location = "" if local else f"[{host}]" if ":" in host else host
                options = self._options | ({"host": host} if local else {})
                login = f"{user}:{password}" if password else user
                query = f"?{urlencode(options, quote_via=quote)}" if options else ""
                self.admin_url = (
                    f"postgresql://{login}@{location}:{port}/{quote(info.dbname, safe='')}{query}"
                )
                return Proxy(host if local else info.hostaddr or host, port)
        except psycopg.Error as error:
            raise TargetError(
                f"--database: cannot connect: {' '.join(str(error).split())}. Check the URL, and "
                "that the server runs."
            ) from error
