"""Private keys that sign tokens, and the set of public keys that verifies them (RFC 7517)."""

from __future__ import annotations

import json
import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from steps.errors import TargetError
from steps.target.description.tables import Description
from steps.target.tokens import Secret

KEY_GENERATORS: dict[str, Any] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


class PrivateKey:
    """A private key whose public key the server knows. Raises `TargetError` for a wrong `pem`."""

    def __init__(self, algorithm: str, name: str = "", pem: bytes | None = None) -> None:
        self.algorithm = algorithm
        self.name = name or f"key-{secrets.token_hex(4)}"
        self._algorithm: Any = jwt.get_algorithm_by_name(algorithm)
        try:
            self._key = (
                KEY_GENERATORS[algorithm]() if pem is None else self._algorithm.prepare_key(pem)
            )
            self._public = self._key.public_key()
        except (ValueError, TypeError, AttributeError, jwt.InvalidKeyError) as error:
            raise TargetError(f"not a private key for {algorithm} in PEM: {error}") from error

    def sign(self, message: bytes, algorithm: str = "") -> bytes:
        """Return the signature. Where the header names an HMAC, a random secret signs."""
        if algorithm.startswith("HS"):
            return Secret(secrets.token_urlsafe(48)).sign(message, algorithm)
        signature: bytes = self._algorithm.sign(message, self._key)
        return signature

    def another(self) -> PrivateKey:
        """Return a new key under the same name."""
        return PrivateKey(self.algorithm, self.name)

    def published(self) -> dict[str, Any]:
        """Return the public key as a JWK."""
        jwk: dict[str, Any] = self._algorithm.to_jwk(self._public, as_dict=True)
        return jwk | {"kid": self.name, "alg": self.algorithm, "use": "sig"}


class KeySet:
    """Serves public keys on loopback, as an identity provider does.

    `url` is where, on this machine; without one, a free port is taken. Raises `TargetError` when
    another program has its port.
    """

    def __init__(self, *keys: PrivateKey, url: str = "") -> None:
        self.keys = list(keys)
        served = self.keys

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"keys": [key.published() for key in served]}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        address = urlsplit(url)
        # A name is asked for under both of its addresses; not every client tries the second one.
        hosts = ["127.0.0.1", "::1"] if address.hostname == "localhost" and _has_ipv6() else []
        self._servers: list[ThreadingHTTPServer] = []
        try:
            for host in hosts or ["127.0.0.1"]:
                kind = _IPv6Server if ":" in host else ThreadingHTTPServer
                self._servers.append(kind((host, address.port or 0), Handler))
        except OSError as error:
            for one in self._servers:
                one.server_close()
            raise TargetError(
                f"[tokens] jwks_url: the keys cannot be published at {url} ({error.strerror}): "
                f"stop the program that listens on port {address.port}."
            ) from error
        own = f"127.0.0.1:{self._servers[0].server_port}"
        self.issuer = f"http://{address.netloc or own}"
        self.url = url or f"{self.issuer}/jwks"
        for one in self._servers:
            # `close` waits until the server next looks whether to stop: by default 0.5 s.
            threading.Thread(target=one.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        for one in self._servers:
            one.shutdown()
            one.server_close()


class _IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def _has_ipv6() -> bool:
    """Whether this machine has IPv6 on loopback."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def private_key(description: Description) -> PrivateKey:
    """Return the key that the target file names, or a new one. Raises `TargetError`."""
    tokens = description.tokens
    if not tokens.private_key:
        return PrivateKey(tokens.algorithm, tokens.key_id)
    try:
        pem = description.path_of(tokens.private_key).read_bytes()
        return PrivateKey(tokens.algorithm, tokens.key_id, pem)
    except (OSError, TargetError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise TargetError(f"{description.path}: [tokens] private_key: {said}.") from error
