"""Recognizes what a server should keep to itself: the stack of a failure, a database's words.

Whatever the server is made of: Python, Node.js, Java, .NET, Go, Ruby, PHP or Rust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0", "[::1]")  # noqa: S104 - nothing is bound to it
ESCAPES = (("\\n", "\n"), ("\\r", "\n"), ("\\t", "\t"), ("\\/", "/"), ('\\"', '"'), ("\\\\", "\\"))
"""Of JSON: what stands in a text is looked at as it was before."""
PUBLIC_URL = re.compile(r"""https?://(?:[a-z0-9-]++\.)++[a-z]{2,}+[^\s"'<>\\]*+""", re.IGNORECASE)
"""A link, as to documentation: a name of a product in it tells nothing of this server."""

# Each of these patterns keeps what it has found (atomic), so that no answer makes it slow.
PYTHON = re.compile(
    r"traceback|psycopg|asyncpg|sqlalchemy|sqlstate|operationalerror|integrityerror"
    r"|\.py\b|line \d+, in |pydantic|starlette|uvicorn|\buvloop\b",
    re.IGNORECASE,
)
STACK = re.compile(
    r"\.(?:[cm]?[jt]sx?|java|go|rb|cs|php|rs|kt|scala|exs?)(?::(?:line )?|\(| on line )\d"
    r"|node_modules|\bnode:internal\b|\bgoroutine \d"
    r"|(?:^|\n)[ \t]{0,16}+at (?:async |new )?[\w$.<>/`-]{1,200}+"
    r"(?: \[as \w{1,80}+\])? ?\((?:<anonymous>|native|Native Method|Unknown Source)\)"
    r"|\n[ \t]{0,16}+at \w++(?:\.[\w<>`$]++)++\("
    r"|(?<![\w.])(?:java|javax|jakarta|org|com)\.(?:[a-z][a-z0-9_]*+\.)++[A-Z]"
)
EXCEPTION = re.compile(
    r"\b(?!\w*(?:Valid|Auth|Forbidden|NotFound|BadRequest|Http|HTTP|Token|Jwt|JWT|Syntax|Pars|JSON"
    r"|Request|Input|Zod|Access|Permission|Credential|Signature|Claim|Cod|Conflict|Unprocess"
    r"|Method|Media|Payload|Field))"
    r"[A-Z]\w*+(?:(?<=\wException)|(?<=\wError)):\s"
)
"""An exception with its message, unless its name is one of a refusal, as `ValidationError`."""
DATABASE = re.compile(
    r"(?m:^)(?>.*?select ).+ from|insert into"
    r"|violates (?:unique|foreign[- ]key|check|not[- ]null|exclusion|row-level)"
    r"|\bintegrity_constraint_violation|\bpl/pgsql\b|duplicate key value|null value in column"
    r"|invalid input syntax|invalid byte sequence|syntax error at or near|\brelation [\"'`]\w"
    r"|\bpg::|\bpq: |activerecord|\bprisma|npgsql|\bhibernate\b|queryexception|queryfailed"
    r"|sequelize|typeorm|\bjdbc\b|hikari|pdoexception|\bpgx\b|sqlx|postgrex|\bdjango\."
    r"|127\.0\.0\.1|localhost|port \d+|connection refused|econnrefused"
    r"|server closed|acceptance_|refuse_commit",
    re.IGNORECASE,
)


def has_internal_detail(text: str, known_urls: Iterable[str] = ()) -> bool:
    """Return whether a text shows an internal detail.

    `known_urls` are addresses that are none: the server's own, which its client knows, and the
    origin that it allows.
    """
    for escaped, plain in ESCAPES:
        text = text.replace(escaped, plain)
    for address in _addresses(known_urls):
        first, *rest = text.split(address)  # a digit behind it makes another port of it
        text = first + "".join(f"{address * one[:1].isdigit()}{one}" for one in rest)
    text = PUBLIC_URL.sub("", text)
    return any(kind.search(text) for kind in (PYTHON, STACK, EXCEPTION, DATABASE))


def _addresses(urls: Iterable[str]) -> Iterable[str]:
    """Yield the hosts with their ports, whatever name this machine has in them."""
    for url in urls:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # of what a scenario sends, some is no number
            continue
        if port is not None:
            yield from (f"{host}:{port}" for host in (parts.hostname or "", *LOOPBACK))
        elif parts.hostname:
            yield f"{parts.scheme}://{parts.hostname}"
