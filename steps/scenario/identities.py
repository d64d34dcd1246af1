"""Ids of the kind that the server uses: ones that nobody has, and ones that are none.

A server may number its tasks, give them UUIDs, or take any text. A scenario learns the kind from an
id that the server gave out, and never sends one of another kind where it asks something else.
"""

from __future__ import annotations

import re
import secrets
import string
import uuid

NUMBER, UUID, TEXT = "number", "uuid", "text"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST_RANDOM = 12
"""Characters of a text at random that nobody else has."""


def kind_of(identity: str) -> str:
    """Return the kind of an id: `NUMBER`, `UUID` or `TEXT`."""
    if identity.isascii() and identity.isdigit():
        return NUMBER
    return UUID if _UUID.fullmatch(identity) else TEXT


def another_like(identity: str) -> str:
    """Return an id at random, of the kind of `identity`, that nobody has.

    A number fits into 32 bits. Of a text, what stands before its last `_`, `-` or `:` is kept, and
    the characters behind it keep their class: servers recognise their own ids by both.
    """
    match kind_of(identity):
        case "number":
            return str(secrets.randbelow(10**6) + 10**9)
        case "uuid":
            return str(uuid.uuid4())
    start = max(identity.rfind(sign) for sign in "_-:") + 1
    rest = identity[start:]
    rest += "0" * (_SHORTEST_RANDOM - len(rest))
    return identity[:start] + "".join(map(_of_the_same_class, rest))


def one_character_apart(identity: str) -> str:
    """Return an id that differs from `identity` in its last letter or digit only."""
    last = max(at for at, sign in enumerate(identity) if sign.isascii() and sign.isalnum())
    other = "1" if identity[last] == "2" else "2"
    return f"{identity[:last]}{other}{identity[last + 1 :]}"


def _of_the_same_class(sign: str) -> str:
    if sign in string.digits:
        return secrets.choice(string.digits)
    if sign in string.ascii_lowercase:
        return secrets.choice("abcdef" if sign in "abcdef" else string.ascii_lowercase)
    if sign in string.ascii_uppercase:
        return secrets.choice("ABCDEF" if sign in "ABCDEF" else string.ascii_uppercase)
    return sign


MALFORMED = {
    "of another kind": "",
    "a word": "milk",
    "a UUID too short": "8e1b9f0c-5b7d-4a30-9f6e-2f0c9a1b2c3",
    "a UUID with a letter g": "8e1b9f0c-5b7d-4a30-9f6e-2f0c9a1b2c3g",
    "U+0000": "%00",
    "invalid UTF-8": "%FF",
    "10,000 characters": "x" * 10_000,
}
"""Ids that are none, percent-encoded, by their names in the features."""


def malformed(name: str, own: str) -> str:
    """Return the id that a feature calls so, for a server whose ids look like `own`.

    Among UUIDs, a number is of another kind; among numbers, a UUID is.
    """
    if name == "of another kind":
        return "8e1b9f0c-5b7d-4a30-9f6e-2f0c9a1b2c3d" if kind_of(own) == NUMBER else "42"
    return MALFORMED[name]
