"""What can be a secret: something that only the issuer of the tokens and this server know.

Whoever reads a public key could sign tokens of any user if it were taken for the secret; PyJWT's
own refusal does not see each of its forms.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_to_bytes

MINIMUM_SECRET_BYTES = 32  # RFC 7518 section 3.2: an HS256 key is as long as its hash

# PEM (RFC 7468) and SSH2 (RFC 4716), OpenSSH with its name or bare (RFC 4253 section 6.6), XML
# signatures, JWK and JWK sets (RFC 7517), in YAML too.
KEY_TEXT = re.compile(
    rb"---- ?BEGIN |(?:^|\s)(?:sk-)?(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d+)(?:@|\s)"
    rb"|\0\0\0[\x07-\x40](?:sk-)?(?:ssh-|ecdsa-sha2-)"
    rb"|<(?:\w{1,20}:)?(?:Modulus|RSAKeyValue|ECKeyValue|X509Certificate)>"
    rb"""|["'](?:kty|keys)\\?["']\s*:|(?:^|[\s{,])(?:kty|crv|x5c)\s{0,9}:"""
)
KEY_NAMES = {"kty", "keys", "crv", "n", "x5c"}
"""Members of JSON objects that are public keys or hold them."""
LAYOUT = re.compile(rb"\\n|\s|=")
"""What stands between and behind the letters of an encoding."""
MOST_CODINGS = 3
"""How often a key may be encoded: percent, hexadecimal, base64, JSON."""
# Of DER (X.690): what a key, a request or a certificate begins with, and what else is in it.
SEQUENCE = 0x30
LONG_FORM = 0x80
"""From here on, a length says in how many bytes the length itself follows."""
FIRST_TAGS = {0x02, 0x06, SEQUENCE}
TAGS = {*FIRST_TAGS, 0x03, 0x04, 0x05, 0x31, 0xA0, 0xA1, 0xA2, 0xA3}
LEAST_DER_BYTES = 44
"""The shortest of all, a public key of Ed25519. A random secret of the usual 32 bytes is shorter,
and a longer one is by chance of this form in one of 2**30 cases or fewer."""


def check_secret(value: str) -> None:
    """Raise ValueError with the reason for what cannot be a shared secret."""
    # Implements: SR-006
    form = value.strip().encode()
    if len(form) < MINIMUM_SECRET_BYTES:
        raise ValueError("is too short to be safe")
    forms = {form}
    for _ in range(MOST_CODINGS + 1):
        if any(KEY_TEXT.search(one) or _is_der(one) or _names_key(one) for one in forms):
            raise ValueError("is a key or certificate that others may know, and no shared secret")
        forms = {decoded for one in forms for decoded in _decoded(one)} - forms


def _decoded(form: bytes) -> Iterator[bytes]:
    """Yield what a text may be the encoding of."""
    # Implements: SR-006
    yield unquote_to_bytes(form)
    bare = LAYOUT.sub(b"", form)
    with suppress(ValueError):
        yield bytes.fromhex(bare.replace(b":", b"").decode())
    bare = bare.translate(bytes.maketrans(b"-_", b"+/"))
    with suppress(ValueError):
        yield base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    for value in _members(form):
        if isinstance(value, str):
            yield value.encode("utf-8", "replace")


def _names_key(form: bytes) -> bool:
    # Implements: SR-006
    return any(isinstance(one, dict) and not KEY_NAMES.isdisjoint(one) for one in _members(form))


def _members(form: bytes) -> list[Any]:
    """Return all that is in a text of JSON, itself included; nothing for another text."""
    # Implements: SR-006
    found: list[Any] = []
    with suppress(ValueError, RecursionError):
        found.append(json.loads(form))
    for one in found:  # it grows meanwhile
        found += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
    return found


def _is_der(form: bytes) -> bool:
    """Return whether this is a SEQUENCE of DER to its last byte, as key and certificate are."""
    # Implements: SR-006
    if len(form) < LEAST_DER_BYTES or form[0] != SEQUENCE:
        return False
    whole = _elements(form)
    parts = _elements(whole[0][1]) if len(whole) == 1 else []
    return (
        len(parts) > 1
        and parts[0][0] in FIRST_TAGS
        and all(tag in TAGS for tag, _ in parts)
        and (parts[0][0] != SEQUENCE or bool(_elements(parts[0][1])))
    )


def _elements(content: bytes) -> list[tuple[int, bytes]]:
    """Return tag and content of each element of DER; nothing if they do not end where it does."""
    # Implements: SR-006
    found, at = [], 0
    while at + 2 <= len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length >= LONG_FORM:
            size = length - LONG_FORM
            length, at = int.from_bytes(content[at : at + size], "big"), at + size
        found.append((tag, content[at : at + length]))
        at += length
    return found if at == len(content) else []
