"""The slots of the pool: who may use a connection next, so that no user keeps the others waiting.

One user holds at most half of them, and a slot that becomes free goes to the waiting user who holds
the fewest; users who hold as many take turns. Nobody is refused for being many: they queue.
"""

import asyncio
from collections import deque

from psycopg import OperationalError


class Slots:
    """As many slots as the pool may have connections."""

    def __init__(self, size: int) -> None:
        self.free = size
        self._held: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        # Waiting users by the slots that they hold; a dictionary, because it keeps their order.
        self._turns: list[dict[str, None]] = [{} for _ in range((size + 1) // 2)]

    async def take(self, user_id: str, seconds: float) -> None:
        """Wait for a slot of that user, `seconds` at most; then raises `OperationalError`."""
        # Implements: EC-04, SC-008
        held = self._held.get(user_id, 0)
        if self.free and held < len(self._turns) and user_id not in self._waiting:
            self.free -= 1
            self._held[user_id] = held + 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user_id, deque()).append(turn)
        if held < len(self._turns):
            self._turns[held][user_id] = None
        granted = False
        try:
            async with asyncio.timeout(seconds):
                await turn
            granted = True
        except TimeoutError:
            raise OperationalError("no connection of the pool became free in time") from None
        finally:
            if not granted and not turn.cancelled() and turn.done():  # granted in that moment
                self.give_back(user_id)

    def give_back(self, user_id: str, pause: float = 0) -> None:
        """Give a slot of that user back; nobody gets it before `pause` seconds are over."""
        # Implements: EC-04, SC-008
        held = self._held.pop(user_id) - 1
        if held:
            self._held[user_id] = held
        if user_id in self._waiting:
            self._turns[min(held + 1, len(self._turns) - 1)].pop(user_id, None)
            self._turns[held][user_id] = None
        if pause:
            asyncio.get_running_loop().call_later(pause, self._hand_out)
        else:
            self._hand_out()

    def _hand_out(self) -> None:
        # Implements: SC-008
        self.free += 1
        while self.free and self._waiting:
            held = next((held for held, users in enumerate(self._turns) if users), None)
            if held is None:  # those who wait have their share
                return
            user_id = next(iter(self._turns[held]))
            del self._turns[held][user_id]
            queue = self._waiting[user_id]
            turn = queue.popleft()
            if not turn.done():  # whoever gave up has a turn that is cancelled
                turn.set_result(None)
                self.free -= 1
                held += 1
                self._held[user_id] = held
            if not queue:
                del self._waiting[user_id]
            elif held < len(self._turns):
                self._turns[held][user_id] = None
