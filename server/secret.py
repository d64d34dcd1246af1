"""What can be a secret: something that only the issuer of the tokens and this server know.

Whoever reads a public key could sign tokens of any user if it were taken for the secret; PyJWT's
own refusal does not see each of its forms.
"""

import base64
import binascii
import re
from contextlib import suppress

MINIMUM_SECRET_BYTES = 32  # RFC 7518 section 3.2: an HS256 key is as long as its hash

# PEM (RFC 7468) and SSH2 (RFC 4716), OpenSSH, JWK and JWK sets (RFC 7517).
KEY_TEXT = re.compile(
    r"---- ?BEGIN |(?:^|\s)(?:sk-)?(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d+)(?:@|\s)"
    r"""|["'](?:kty|keys)\\?["']\s*:"""
)


def check_secret(value: str) -> None:
    """Raise ValueError with the reason for what cannot be a shared secret."""
    # Implements: SR-006
    text = value.strip()
    if len(text.encode()) < MINIMUM_SECRET_BYTES:
        raise ValueError("is too short to be safe")
    # Keys also come in base64: PEM whole, or its body, which is DER.
    bare = re.sub(r"\\n|\s|=", "", text).translate({ord("-"): "+", ord("_"): "/"})
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if KEY_TEXT.search(text) or KEY_TEXT.search(decoded.decode("latin-1")) or _is_der(decoded):
        raise ValueError("is a key or certificate that others may know, and no shared secret")


def _is_der(content: bytes) -> bool:
    # Implements: SR-006
    if content[:1] != b"\x30":  # a SEQUENCE, which each of them is
        return False
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from cryptography.x509 import load_der_x509_certificate

    for load in (load_der_public_key, load_der_x509_certificate):
        with suppress(ValueError, TypeError, UnsupportedAlgorithm):
            load(content)
            return True
    return False
