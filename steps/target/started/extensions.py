"""Extensions of PostgreSQL that a server's schema needs and its database does not have.

What PostgreSQL or a driver says of one becomes a sentence that names it and says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

UNAVAILABLE = re.compile(
    r'extension "([\w-]{1,63}+)" is not available|/([\w-]{1,63}+)\.control"?: No such file'
)
UUID_FUNCTION = re.compile(r"function uuid_(?:generate|nil|ns)_?\w*+\([^()\n]*+\) does not exist")
CRYPTO_FUNCTION = re.compile(
    r"function (?:gen_random_bytes|gen_salt|crypt|digest)\([^()\n]*+\) does not exist"
)
CITEXT = re.compile(r'type "citext" does not exist')
NOT_CREATED: Mapping[str, re.Pattern[str]] = {
    "uuid-ossp": UUID_FUNCTION,
    "pgcrypto": CRYPTO_FUNCTION,
    "citext": CITEXT,
}
"""What PostgreSQL says when something of an extension is used that nobody has created."""


def extension_sentence(output: str, kind: str) -> str:
    """Return which extension the output of a command lacks, and what to do; empty: none.

    `kind` says where the PostgreSQL comes from.
    """
    if found := UNAVAILABLE.search(output):
        name = found[1] or found[2]
        lacks = f"needs the extension {name}, which the PostgreSQL of this run ({kind}) lacks"
        if kind == "embedded":
            return (
                f"{lacks}: judge with --database testcontainers, or with --database postgresql://… "
                "of a server that has it, such as Debian's package postgresql with its contrib "
                "modules"
            )
        return f"{lacks}: install it there, as Debian's postgresql has it with its contrib modules"
    for name, pattern in NOT_CREATED.items():
        if pattern.search(output):
            more = (
                "; the embedded PostgreSQL lacks it, so give --database, too"
                if kind == "embedded"
                else ""
            )
            return (
                f"needs the extension {name}, which nothing has created: name a file that says "
                f'CREATE EXTENSION "{name}" as sql in [database]{more}'
            )
    return ""
