"""DATABASE_URL as libpq reads it: whatever `psql` takes, the server and the migrations take.

No message quotes a part of the URL that may belong to its password.
"""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, ConnStatus, PGconn

HOW_TO_WRITE = "set it to postgresql://user:password@host/name"
SCHEME = re.compile(r"(postgres(?:ql)?)(?:\+psycopg)?://", re.IGNORECASE)
"""RFC 3986: a scheme knows no case. SQLAlchemy's `+psycopg` names what is used anyway."""

AWAY_FROM_WRITES = {"read-only", "standby", "prefer-standby"}
NO_REPLICATION = {"", "0", "off", "false", "no"}
NUMBERS = ("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout")  # fmt: skip
OF_SESSIONS = ("PGTZ", "PGDATESTYLE", "PGGEQO")
"""Variables of libpq that set something in a session, and are no option of a URL."""


def connection_parameters(value: str) -> dict[str, str]:
    """Return libpq's parameters, without the time limit, which DATABASE_CONNECT_SECONDS sets.

    Raises ValueError with the end of a sentence that begins with the variable's name.
    """
    scheme = SCHEME.match(value)
    rest = value[scheme.end() if scheme else 0 :]
    place, _, query = rest.partition("?")
    before = place.rpartition("@")[0]
    mistakes = {
        f"is not a URL: {HOW_TO_WRITE}": "://" not in value,
        "must begin with postgresql://, since tasks are kept in PostgreSQL": scheme is None,
        "holds a space or a line break: write it percent-encoded, as %20 or %0A": re.search(
            r"[\x00-\x20\x7f]", value
        ),
        "is not readable: write @ in the user or password as %40, and / as %2F, or else "
        + HOW_TO_WRITE: "@" in before or "/" in before,
    }
    for mistake, made in mistakes.items():
        if made:
            raise ValueError(mistake)
    try:
        found = {k: str(v) for k, v in conninfo_to_dict("postgresql://" + rest).items()}
    except UnicodeError:
        raise ValueError("holds percent-encoded bytes that are no UTF-8") from None
    except ProgrammingError as error:  # its message may quote the password
        unknown = re.search(r'invalid URI query parameter: "(\w+)"', str(error))
        if unknown and "@" not in query:
            raise ValueError(
                f"has an option that PostgreSQL does not know: take away {unknown[1]}"
            ) from None
        raise ValueError(
            "is not readable by PostgreSQL's client: write special characters of user and password"
            f" percent-encoded (? is %3F, % is %25), or else {HOW_TO_WRITE}"
        ) from None
    if not all(re.fullmatch(r"\d{0,5}", port) for port in found.get("port", "").split(",")):
        raise ValueError(f"has a port that is no number: {HOW_TO_WRITE}")
    if not re.fullmatch(r"-?\d{1,9}", found.pop("connect_timeout", "0")):
        raise ValueError("has a connect_timeout that is no number of seconds")
    # libpq looks at the values of options before it connects. This place exists nowhere: that no
    # connection can be made there is the error that comes when all options are right.
    nowhere = ",".join("/nonexistent" for _ in found.get("host", "").split(","))
    options = {name: value for name, value in found.items() if name != "password"}
    tried = PGconn.connect_start(
        make_conninfo(**{**options, "host": nowhere, "hostaddr": ""}).encode()
    )
    said = " ".join(tried.get_error_message().split())
    if tried.status == ConnStatus.BAD and "connection to server" not in said:
        raise ValueError(f"{also(found)}has an option that cannot be used: {said.rstrip('.')}")
    _check_options(
        found, {one.keyword.decode(): one.val.decode() for one in tried.info if one.val is not None}
    )
    return found


def _check_options(found: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Look at the options, the environment's too, whose values libpq reads when it connects."""
    # Implements: SR-006
    where = also(found)
    if (attributes := known.get("target_session_attrs")) in AWAY_FROM_WRITES:
        raise ValueError(
            f"{where}has target_session_attrs={attributes}, which leads to servers that take no"
            " writes: set it to read-write"
        )
    if known.get("replication", "").lower() not in NO_REPLICATION:
        raise ValueError(f"{where}has replication, which allows no requests: take it away")
    for name in NUMBERS:
        if not re.fullmatch(r"-?\d{1,9}", known.get(name, "0")):
            raise ValueError(f"{where}has {name} that is no number: correct it")
    hosts, addresses = (
        (found.get(name) or os.environ.get(variable, "")).split(",")
        for name, variable in (("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"))
    )
    try:
        for address in filter(None, addresses):
            ip_address(address.partition("%")[0])
    except ValueError:
        raise ValueError(f"{where}has a hostaddr that is no address: correct it") from None
    if addresses != [""] and hosts != [""] and len(hosts) != len(addresses):
        raise ValueError(f"{where}has more of host or of hostaddr: name one of each")


def also(found: Mapping[str, str]) -> str:
    """Return which of libpq's variables have a say where the URL has none; nothing if none has."""
    # Implements: SR-006
    named = {
        one.envvar.decode(): one.keyword.decode() for one in Conninfo.get_defaults() if one.envvar
    }
    names = [
        name
        for name in (*named, *OF_SESSIONS)
        if os.environ.get(name) and named.get(name) not in found
    ]
    return f"(or {', '.join(names)} of the environment) " if names else ""


def checked_url(value: str) -> str:
    """Return the URL with the scheme that libpq knows. Raises as `connection_parameters`."""
    # Implements: SR-006
    connection_parameters(value)
    return SCHEME.sub("postgresql://", value, count=1)
