"""Requests that are sent at the same time, each from a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from steps.http.answer import Answer, UnansweredError
from steps.http.client import Client
from steps.http.expectations import expect
from steps.scenario.evidence_sample import keep_sample
from steps.target.target import Target


class ConcurrentRequests:
    """Sends the requests of several clients at the same time.

    They must be sent with `record=False`: evidence is recorded in the scenario's own thread, and
    here a sample of all exchanges is.
    """

    def __init__(self, target: Target, client: Client) -> None:
        self._target = target
        self._client = client

    def send(
        self, requests: Sequence[Callable[[], Answer]], meanwhile: Callable[[], None] | None = None
    ) -> list[Answer]:
        """Send all requests at the same moment; return the answers in the order of requests.

        `meanwhile` is called in this thread while they are under way.
        """

        def alone(request: Callable[[], Answer]) -> Callable[[], list[Answer]]:
            return lambda: [request()]

        return self.run_clients([alone(request) for request in requests], meanwhile)

    def run_clients(
        self,
        clients: Sequence[Callable[[], list[Answer]]],
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Answer]:
        """Let all clients begin at the same moment; each sends its requests one after the other.

        Return the answers to all clients, in the order of clients.
        """
        barrier = threading.Barrier(len(clients) + 1)

        def run(client: Callable[[], list[Answer]]) -> list[Answer]:
            barrier.wait()
            try:
                return client()
            except UnansweredError as error:
                return [error.answer]  # the answers to the other clients count all the same

        with ThreadPoolExecutor(len(clients)) as pool:
            pending = [pool.submit(run, client) for client in clients]
            barrier.wait()
            if meanwhile is not None:
                meanwhile()
            answers = [answer for future in pending for answer in future.result()]
        keep_sample(self._client, answers)
        return answers

    def wait_for_blocked_sessions(self, count: int = 1, seconds: float = 5) -> None:
        """Wait until so many sessions of the database wait for a lock that another one holds."""
        blocked = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        deadline = time.monotonic() + seconds
        while self._target.database.execute(blocked)[0][0] < count:
            waiting = f"{count} request{'s' * (count > 1)} did not wait for the locked row"
            expect(time.monotonic() < deadline, waiting)
            time.sleep(0.01)
