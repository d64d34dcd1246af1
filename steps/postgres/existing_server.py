"""A PostgreSQL server that exists: the harness must not stop it, and puts a proxy before it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from steps.errors import TargetError
from steps.postgres.proxy import Proxy
from steps.surroundings import LIBPQ, remove_variables

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

TRANSPORT = ("ssl", "gss", "krb", "channel_binding", "require_auth", "min_", "max_")
"""How names of parameters begin that say how a connection is secured."""
SESSION_VARIABLES = re.compile(
    "PG(OPTIONS|TZ|DATESTYLE|GEQO|CLIENTENCODING|APPNAME|CONNECT_TIMEOUT|TARGETSESSIONATTRS)"
)
"""They would change what statements of the harness mean, or how long it waits."""
ADDRESS_VARIABLES = re.compile("PG(HOST|HOSTADDR|SERVICE|SERVICEFILE|LOADBALANCEHOSTS)")
"""They would lead elsewhere than the host that a URL names."""


class ExistingPostgres:
    """A server at a URL, reached through a proxy: stopping the proxy is the outage."""

    kind = "existing server"
    shared = True

    def __init__(self, url: str) -> None:
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise TargetError(f"--database: not a connection URL: {error}") from error
        self.server_options: Mapping[str, str] = {
            name: str(value) for name, value in parts.items() if name not in CONNECTION_KEYS
        }
        self.admin_url = url
        self._names_host = bool({"host", "hostaddr", "service"} & set(parts))
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
        """Connect once for the real address and login: PGHOST, ~/.pgpass and more may set them.

        From then on the URL says all of it, and libpq's variables are removed: they would also
        reach connections through the proxy, which has another address.
        """
        remove_variables(SESSION_VARIABLES)
        if self._names_host:
            remove_variables(ADDRESS_VARIABLES)
        try:
            with psycopg.connect(self.admin_url, connect_timeout=10) as connection:
                info = connection.info
                host, port = info.host, info.port
                user, password = quote(info.user, safe=""), quote(info.password, safe="")
                local = host.startswith("/")
                location = "" if local else f"[{host}]" if ":" in host else host
                options = {**_transport_options(info.get_parameters()), **self.server_options}
                options |= {"host": host} if local else {}
                login = f"{user}:{password}" if password else user
                query = f"?{urlencode(options, quote_via=quote)}" if options else ""
                self.admin_url = (
                    f"postgresql://{login}@{location}:{port}/{quote(info.dbname, safe='')}{query}"
                )
                address = host if local else info.hostaddr or host
        except psycopg.Error as error:
            names = ", ".join(sorted(name for name in os.environ if LIBPQ.fullmatch(name)))
            heeded = f" (set in the environment: {names})" if names else ""
            raise TargetError(
                f"--database: cannot connect: {' '.join(str(error).split())}{heeded}. Check the "
                "URL, and that the server runs."
            ) from error
        remove_variables(LIBPQ)
        return Proxy(address, port)


def _transport_options(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return those of a connection's parameters that say how it is secured: TLS, GSS, SCRAM."""
    return {name: value for name, value in parameters.items() if name.startswith(TRANSPORT)}
