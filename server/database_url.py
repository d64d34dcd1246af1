"""DATABASE_URL as libpq reads it: whatever `psql` takes, the server and the migrations take.

No message quotes a part of the URL that may belong to its password.
"""

import re

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import ConnStatus, PGconn

HOW_TO_WRITE = "set it to postgresql://user:password@host/name"
SCHEME = re.compile(r"(postgres(?:ql)?)(?:\+psycopg)?://", re.IGNORECASE)
"""RFC 3986: a scheme knows no case. SQLAlchemy's `+psycopg` names what is used anyway."""


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
    if (attributes := found.get("target_session_attrs")) in ("read-only", "standby"):
        raise ValueError(
            f"has target_session_attrs={attributes}, which leads to servers that take no writes:"
            " set it to read-write"
        )
    # libpq looks at the values of options before it connects. This place exists nowhere: that no
    # connection can be made there is the error that comes when all options are right.
    nowhere = ",".join("/nonexistent" for _ in found.get("host", "").split(","))
    options = {name: value for name, value in found.items() if name not in ("hostaddr", "password")}
    tried = PGconn.connect_start(make_conninfo(**{**options, "host": nowhere}).encode())
    said = " ".join(tried.get_error_message().split())
    if tried.status == ConnStatus.BAD and "connection to server" not in said:
        raise ValueError(f"has an option that cannot be used: {said.rstrip('.')}")
    return found


def checked_url(value: str) -> str:
    """Return the URL with the scheme that libpq knows. Raises as `connection_parameters`."""
    # Implements: SR-006
    connection_parameters(value)
    return SCHEME.sub("postgresql://", value, count=1)
