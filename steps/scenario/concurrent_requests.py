"""Requests that are sent at the same time, each from a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from steps.http.answer import Answer, UnansweredError
from steps.http.client import Client
from steps.scenario.evidence_sample import keep_sample
from steps.target.target import Target
from traceability.evidence.recording.not_run import NotRun

Request = Callable[[], Answer]
Requests = Callable[[], Iterable[Answer]]
"""The requests of one client: each is sent when the answer before it is taken."""
Pending = Sequence[Future[list[Answer]]]
"""The clients that are under way, with the answers of each."""

FIRST_WAIT_SECONDS = 5.0
"""How long the first request may take to reach a lock."""
NEXT_WAIT_SECONDS = 1.5
"""How long each next request may take to reach the same lock.

A server that carries out one request after the other lets only one get there. The lock is not held
longer for its sake, because servers give up waiting for a lock, often after 2 s and more.
"""
CROWD_SECONDS = 0.3
"""After so many seconds in which no more of many requests reach a lock, no more of them will."""


class ConcurrentRequests:
    """Sends the requests of several clients at the same time.

    They must be sent with `record=False`: evidence is recorded in the scenario's own thread, and
    here a sample of all exchanges is.
    """

    def __init__(self, target: Target, client: Client) -> None:
        self._target = target
        self._client = client

    def send(
        self,
        requests: Sequence[Request],
        meanwhile: Callable[[Pending], None] | None = None,
    ) -> list[Answer]:
        """Send all requests at the same moment; return the answers in the order of requests.

        `meanwhile` is called in this thread while they are under way.
        """
        return self.run_clients([_alone(request) for request in requests], meanwhile)

    def run_clients(
        self,
        clients: Sequence[Requests],
        meanwhile: Callable[[Pending], None] | None = None,
    ) -> list[Answer]:
        """Let all clients begin at the same moment; each sends its requests one after the other.

        Return all answers, in the order of clients; the last one of a client may be a missing one.
        Raises `NotRun` when the time limits forbid all requests.
        """
        barrier = threading.Barrier(len(clients) + 1)

        def begin(client: Requests) -> list[Answer]:
            barrier.wait()
            return _answers_of(client)

        with ThreadPoolExecutor(len(clients)) as pool:
            pending = [pool.submit(begin, client) for client in clients]
            barrier.wait()
            if meanwhile is not None:
                meanwhile(pending)
            answers = [answer for future in pending for answer in future.result()]
        return self._sampled(answers)

    def send_to_lock(
        self, clients: Sequence[Requests], release: Callable[[], None]
    ) -> list[Answer]:
        """Let clients begin one after the other, each when the one before waits for a lock.

        Then `release` ends the lock, which another session of the database holds. That is how a
        race has the same course every time. A client that does not get as far as the lock keeps
        the others from it: then they are sent at once. Return all answers, as `run_clients`.
        """
        with ThreadPoolExecutor(len(clients)) as pool:
            pending: list[Future[list[Answer]]] = []
            reached = True
            try:
                for client in clients:
                    pending.append(pool.submit(_answers_of, client))
                    seconds = NEXT_WAIT_SECONDS if len(pending) > 1 else FIRST_WAIT_SECONDS
                    reached = reached and self.wait_for_lock(pending, len(pending), seconds)
            finally:
                release()
            answers = [answer for future in pending for answer in future.result()]
        return self._sampled(answers)

    def wait_for_lock(self, pending: Pending, count: int, seconds: float) -> bool:
        """Wait until `count` requests wait in the database for a lock, or all those under way.

        Return whether they do: False when for so many seconds no further one has come to wait.
        """
        blocked = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        waiting, deadline = 0, time.monotonic() + seconds
        while True:
            before, waiting = waiting, self._target.database.execute(blocked)[0][0]
            under_way = sum(not future.done() for future in pending)
            if waiting >= min(count, under_way):
                return True
            if waiting > before:
                deadline = time.monotonic() + seconds
            elif time.monotonic() > deadline:
                return False
            time.sleep(0.01)

    def _sampled(self, answers: list[Answer]) -> list[Answer]:
        if not answers:
            raise NotRun("target cannot answer these requests: earlier ones had no answer")
        keep_sample(self._client, answers)
        return answers


def _alone(request: Request) -> Requests:
    return lambda: [request()]


def _answers_of(client: Requests) -> list[Answer]:
    """Return a client's answers up to a missing one: all that came count, whatever follows."""
    answers: list[Answer] = []
    try:
        answers.extend(client())
    except UnansweredError as error:
        answers.append(error.answer)
    except NotRun:
        pass  # other requests had no answer, and the time limits forbid more of their kind
    return answers
