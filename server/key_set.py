"""The issuer's published keys: when they are asked for again, and how long they are trusted.

Known keys never wait for the issuer. What a request needs and the issuer does not give is an error
of the server (500), not of the token.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from jwt.exceptions import InvalidTokenError

from server.errors import ApiError, InvalidCredentialsError
from server.fetching import Fetch
from server.published_key import NAMES, PublishedKey, read_key_set

log = logging.getLogger("server.key_set")

FETCH_SECONDS = 5.0
"""How long one fetch may take in all, redirects and a body that drips included."""
REFRESH_SECONDS = 300.0
"""Age at which the set is fetched again, so that a withdrawn key does not stay valid."""
LARGEST_AGE_SECONDS = 3600.0
"""Age at which the keys are trusted no more although no newer set could be fetched."""
LEAST_PAUSE_SECONDS, LARGEST_PAUSE_SECONDS = 1.0, 60.0
"""Between two fetches; the pause doubles with every fetch that fails and begins anew after one
that does not."""
LARGEST_VAIN_SECONDS = 4.0
"""What it grows to while good answers bring no new key: anybody can name keys that there are not.
A new key is found that much later at most."""
MOST_KEYS = 10
"""How many keys are tried for one token: each trial costs up to 0.1 ms."""


class KeysUnavailableError(ApiError):
    """A token cannot be verified now, since the issuer gives no key set. Each attempt is logged."""

    status = 500


class KeySet:
    """The keys of one issuer for one algorithm."""

    def __init__(self, url: str, algorithm: str) -> None:
        self.algorithms = sorted({name for names in NAMES[algorithm].values() for name in names})
        self._url = url
        self._algorithm = algorithm
        self._keys: list[PublishedKey] = []
        self._fetched = float("-inf")
        """When the set came that is known now; `time.monotonic`, as all moments here."""
        self._pause = LEAST_PAUSE_SECONDS
        self._vain = LEAST_PAUSE_SECONDS
        """The pause after the next answer that brings no new key."""
        self._next = float("-inf")
        self._failing = False
        self._refreshing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def find(self, header: Mapping[str, object]) -> list[PublishedKey]:
        """Return the keys that may have signed a token of this header, one at least.

        Raises `InvalidCredentialsError` if the issuer publishes none, `KeysUnavailableError` if it
        does not say.
        """
        # Implements: FR-002
        if header.get("alg") not in self.algorithms:
            raise InvalidTokenError("The issuer is not asked for keys of another algorithm")
        age = time.monotonic() - self._fetched
        found = self._fitting(header)
        if not found or age > REFRESH_SECONDS:
            self._begin()
        if not found and self._refreshing is not None:
            # All that wait share one fetch, and the end of one of them does not end it.
            await asyncio.shield(self._refreshing)
            found = self._fitting(header)
        if found:
            return found
        if self._failing:
            raise KeysUnavailableError("Internal server error.", reason="keys_unavailable")
        raise InvalidCredentialsError("The token's key is unknown.", reason="unknown_key")

    def _fitting(self, header: Mapping[str, object]) -> list[PublishedKey]:
        # Implements: FR-002
        if time.monotonic() - self._fetched > LARGEST_AGE_SECONDS:
            return []
        keys = [key for key in self._keys if header["alg"] in key.names]
        if "kid" in header:
            keys = [key for key in keys if key.key_id == header["kid"]]
        else:  # those without a name of their own first; the sort keeps the issuer's order
            keys.sort(key=lambda key: key.key_id is not None)
        return keys[:MOST_KEYS]

    def _begin(self) -> None:
        """Begin to fetch the set, unless that is under way or the pause is not over."""
        # Implements: FR-002
        if self._refreshing is None and time.monotonic() >= self._next:
            self._refreshing = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        # Implements: FR-002
        loop = asyncio.get_running_loop()
        try:
            keys = await self._fetch(loop)
        except (OSError, ValueError, RuntimeError) as error:  # TimeoutError is an OSError
            self._failing, seconds = True, self._pause
            self._next = time.monotonic() + seconds
            self._pause = min(self._pause * 2, LARGEST_PAUSE_SECONDS)
            why = str(error) or f"it did not come within {FETCH_SECONDS:g} seconds"
            log.warning("The key set of JWKS_URL could not be fetched: %s.", why)
        else:
            now, seconds = time.monotonic(), REFRESH_SECONDS
            # Asked long after the last time, nobody asks for keys that there are not.
            if keys != self._keys or now - self._fetched > 10 * LARGEST_VAIN_SECONDS:
                self._vain = LEAST_PAUSE_SECONDS
            self._next = now + self._vain
            self._vain = min(self._vain * 2, LARGEST_VAIN_SECONDS)
            self._keys, self._fetched = keys, now
            self._failing, self._pause = False, LEAST_PAUSE_SECONDS
            log.info("The key set of JWKS_URL was fetched.", extra={"keys": len(self._keys)})
        self._refreshing = None
        # Also without a request: a key that was withdrawn meanwhile must not serve the next one.
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._begin)

    async def _fetch(self, loop: asyncio.AbstractEventLoop) -> list[PublishedKey]:
        """Fetch in a thread of its own: a slow issuer takes none of those that others wait for."""
        # Implements: FR-002
        came: asyncio.Future[list[PublishedKey]] = loop.create_future()
        fetch = Fetch(self._url, FETCH_SECONDS)

        def give(result: list[PublishedKey] | Exception) -> None:
            # Implements: FR-002
            if came.done():
                return
            if isinstance(result, Exception):
                came.set_exception(result)
            else:
                came.set_result(result)

        def run() -> None:
            # Implements: FR-002
            result: list[PublishedKey] | Exception
            try:
                result = read_key_set(fetch.run(), self._algorithm)
            except (OSError, ValueError) as error:
                result = error
            with suppress(RuntimeError):  # the event loop is closed: nobody waits
                loop.call_soon_threadsafe(give, result)

        threading.Thread(target=run, name="key-set", daemon=True).start()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await came
        finally:
            fetch.end()
