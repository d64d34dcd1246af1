"""Which texts name a host: the address in HOST, and the hosts inside CORS_ORIGIN and JWKS_URL."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)
"""One label of a name (RFC 1123 section 2.1); `_` is in names that Docker and others give."""
MOST_CHARACTERS = 253


def names_host(text: str) -> bool:
    """Return whether the text is an IP address without brackets, or a host name."""
    # Implements: C-008
    if ":" in text:
        try:
            address = IPv6Address(text)
        except AddressValueError:
            return False
        # A zone (RFC 4007) belongs to a link; other addresses are the same on each.
        return address.scope_id is None or address.is_link_local
    labels = text.split(".")
    if not labels[-1].isdigit():  # else programs read an IPv4 address: 127.1, or 1
        return len(text) <= MOST_CHARACTERS and all(map(LABEL.fullmatch, labels))
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def sent_by_browsers(text: str) -> bool:
    """Return whether the host of an origin is written as browsers write it (WHATWG URL)."""
    # Implements: C-008
    bare = text.removeprefix("[").removesuffix("]")
    if not names_host(bare) or (":" in bare) != (text == f"[{bare}]"):
        return False
    if ":" not in bare:
        return True
    address = IPv6Address(bare)
    # Python 3.13 writes those of IPv4 in another way than Python 3.11.
    shortest = bare == address.compressed or address.ipv4_mapped is not None
    return shortest and address.scope_id is None
