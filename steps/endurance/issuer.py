"""The identity provider's published keys (JWKS), from a server that can fail in several ways."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Literal

from steps.target.keys import PrivateKey
from steps.target.tokens import Issuer

Mode = Literal["well", "failing", "refusing", "dripping", "silent"]
DRIP_SECONDS = 0.5


class KeyServer:
    """Serves the public key of one issuer, as well as its mode allows."""

    def __init__(self) -> None:
        self.key = PrivateKey("EdDSA")
        self.mode: Mode = "well"
        self.asked = 0
        """How often the keys were asked for."""
        self.port = 0
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()

    @property
    def name(self) -> str:
        """The `iss` and `aud` of its tokens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The server's settings for it."""
        return {
            "JWT_ALGORITHM": self.key.algorithm,
            "JWKS_URL": f"{self.name}/jwks",
            "JWT_ISSUER": self.name,
            "JWT_AUDIENCE": self.name,
        }

    def issuer(self, key: PrivateKey | None = None) -> Issuer:
        """Return what issues its tokens; with another key than the published one, if given."""
        return Issuer(key or self.key, {"iss": self.name, "aud": self.name})

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked += 1
            if self.mode == "refusing":
                return
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                await reader.readuntil(b"\r\n\r\n")
            body = json.dumps({"keys": [self.key.published()]}).encode()
            status = b"503 Service Unavailable" if self.mode == "failing" else b"200 OK"
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n" % status
            head += b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
            with contextlib.suppress(OSError):
                await self._send(writer, head + body)
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        while self.mode == "silent":
            await asyncio.sleep(0.1)
        while data and self.mode == "dripping":
            writer.write(data[:1])
            await writer.drain()
            data = data[1:]
            await asyncio.sleep(DRIP_SECONDS)
        writer.write(data)
        await writer.drain()
