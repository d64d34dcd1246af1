"""What all clients of one worker may take together: connections, and memory for what is unfinished.

Both are looked at only where a limit is reached, or nearly: a request that arrives whole costs
nothing here. Who holds most gives way, so that one client can keep no other out.
"""

import heapq
from collections import Counter
from math import inf
from typing import Protocol

from server.logs import Notices

MB = 1024 * 1024
UNFINISHED_BYTES = 12 * MB
"""What may stay, of requests that have not arrived whole, when all is counted."""
COUNT_AFTER = 4 * MB
"""Bytes of such requests after which all is counted again. Together, there are 16 MB at most."""
SHARE = 100
"""One of so many connections is closed at a time: to choose takes a look at each of them."""


class Client(Protocol):
    """A connection, as it is chosen or not."""

    since: float

    @property
    def address(self) -> str:
        """Where it comes from."""

    def unfinished(self, now: float) -> int:
        """Return how many bytes it holds of requests that have not arrived whole."""

    def may_end(self, now: float) -> bool:
        """Return whether nothing is done for it."""

    def end(self) -> None:
        """Close it at once."""

    def refuse_unfinished(self) -> None:
        """Refuse the request that has not arrived whole."""


class ClientLimits:
    """The limits of one worker."""

    def __init__(self, most: int, notices: Notices) -> None:
        self.most = most
        """Connections at a time."""
        self.connections: set[Client] = set()
        self.looked = inf
        """When the phases of all were last looked at, as the event loop's time."""
        self._notices = notices
        self._arrived = 0

    def warn(self, message: str, client: Client) -> None:
        """Log what anybody's behaviour can cause."""
        # Implements: SC-006
        self._notices.warn(
            message, {"client": client.address, "connections": len(self.connections)}
        )

    def make_room(self, now: float, newcomer: Client | None = None) -> None:
        """Close some connections: those that have lasted for longest in their phase.

        Those of the address with the most connections come first. A request that was read whole is
        not given up, and the newcomer only if all others are such.
        """
        # Implements: SC-006
        each = Counter(one.address for one in self.connections)
        count = max(len(self.connections) - self.most, self.most // SHARE, 1)
        longest = heapq.nsmallest(
            count,
            (one for one in self.connections if one is not newcomer and one.may_end(now)),
            # Phases that began since the last look are younger than that, and the newcomers last.
            key=lambda one: (-each[one.address], one.since or self.looked),
        ) or ([newcomer] if newcomer else [])
        for one in longest:
            self.warn("Too many clients: a connection was closed.", one)
        for one in longest:
            self.connections.discard(one)
            one.end()

    def count(self, arrived: int, now: float) -> None:
        """Count what arrived and finished no request; refuse the largest when that is too much."""
        # Implements: SC-006
        self._arrived += arrived
        if self._arrived < COUNT_AFTER:
            return
        self._arrived = 0
        held = [(one.unfinished(now), one) for one in self.connections]
        total = sum(size for size, _ in held)
        for size, one in sorted(held, key=lambda pair: pair[0], reverse=True):
            if total <= UNFINISHED_BYTES:
                break
            total -= size
            self.warn("Too much is unfinished: a request was refused.", one)
            one.refuse_unfinished()
