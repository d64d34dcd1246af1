"""A request's path as the log shows it: without tokens, and short.

A client that puts its token into the URL must not have it stand in a log that others read. The path
comes from anybody, before any token is checked, and may be as long as a request's head: only its
beginning is looked at, in time in proportion to its length.
"""

import re
from urllib.parse import unquote

MAXIMUM_LOGGED = 1000
"""Maximum length of what is logged, in characters."""
MAXIMUM_READ = 4000
"""Maximum length of what is looked at, in characters: tokens in it leave room for the rest."""
LONG = 10
"""Length of a part, in characters, from which on it may be one of a token that looks like none."""

REST = ".".join(3 * [LONG * "x"])
"""What makes a token of what stands before it."""

# A character may be spelled in percent-encoding (RFC 3986, section 2.1), and that again and again:
# `%2E` and `%252E` are dots for whoever decodes them. Parts are base64url (RFC 7515, section 2).
CODE = r"%(?:25)*"
DOT = re.compile(rf"\.|{CODE}2[Ee]")
PADDING = rf"(?:=|{CODE}3[Dd])"
LETTER = rf"(?:[A-Za-z0-9_-]|{CODE}(?:2[Dd]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa]))"
# Parts and the dots between them, or the code of what separates them. A run that has no dot is
# matched, too: the search goes on behind it, and looks at no letter twice.
RUN = re.compile(
    rf"{LETTER}+(?:{PADDING}{{0,2}}(?:{DOT.pattern}){LETTER}*)*|{CODE}[0-9A-Fa-f]{{2}}"
)
REPEATED = re.compile("%(?:25)+")
# `{` and what may follow it in JSON, in base64url, then some more: the header of a JWS or a JWE.
HEADER = re.compile(r"(?:ey[JA]|ew[ok0])[A-Za-z0-9_-]{8}")


def logged_path(raw_path: bytes) -> str:
    """Return what is logged of a path, or of a path with its query, as it was sent.

    It is not decoded: nothing in it breaks a line. `<token>` replaces each token, in any spelling,
    with what stands next to it without a separator. Only then is the rest cut off.
    """
    # Implements: SR-011
    path = raw_path[:MAXIMUM_READ].decode("latin-1")
    if len(raw_path) <= MAXIMUM_READ:
        return RUN.sub(_without_token, path)[:MAXIMUM_LOGGED]
    # The last code may be cut: `%25` may be the beginning of a dot's `%252E`.
    start, _, code = path.rpartition("%")
    if len(code.lstrip("25")) < len("2E"):
        path = start
    # What is read last may be the beginning of a token: it is taken for one.
    return RUN.sub(_without_token, path + REST)[:MAXIMUM_LOGGED]


def _without_token(run: re.Match[str]) -> str:
    """Return a run without its token, which ends where the run ends."""
    # Implements: SR-011
    spelled = DOT.split(run[0])
    parts = [unquote(REPEATED.sub("%", part)) for part in spelled]
    for at, part in enumerate(parts[:-1]):
        both_long = at + 2 < len(parts) and min(len(part), len(parts[at + 1])) >= LONG
        if both_long or HEADER.search(part):
            return ".".join([*spelled[:at], "<token>"])
    return run[0]
