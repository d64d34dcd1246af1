"""What a fault is, and the stage on which it happens.

A fault is a value: its name, what is answered meanwhile, and a coroutine that makes it and ends it.
`registry.py` lists all of them. The load goes on before, during and after; the fault only marks
its span, with `async with stage.fault():`, and says what else it saw with `stage.find` (wrong),
`stage.note` (worth knowing) and `stage.measure` (a figure)::

    async def kill_backends(stage: Stage) -> None:
        async with stage.fault():
            for _ in range(10):
                await stage.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE …")
                await asyncio.sleep(0.5)

    FAULTS = (Fault("backends terminated", "database", "…", kill_backends, tolerated={500}),)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from steps.endurance.environment import Embedded, Environment, Place
from steps.endurance.proxy import Proxy
from steps.endurance.server import Server

BROKEN = "broken"
"""Outcome of a request whose connection ended before the whole answer had arrived."""
REFUSED = "refused"
"""Outcome of a request for which no connection could be made."""
SILENT = "silent"
"""Outcome of a request without an answer within the client's patience (`load.PATIENCE`)."""
Outcome = int | str
"""A status, or one of the three words above."""


@dataclass(frozen=True)
class Measure:
    """A figure of a fault, with the most that it may be (None: it is only to be read)."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def good(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit


@dataclass(frozen=True)
class Fault:
    """One thing that breaks while clients work."""

    name: str
    """A few words, the row's name in every report."""
    group: str
    """The part of the table: database, network, process, clients, issuer, or a real environment."""
    says: str
    """What is done, in one sentence."""
    run: Callable[[Stage], Awaitable[None]]
    """Makes the fault, keeps it up, ends it. Raises `NotRunError` where it cannot run here."""
    short: bool = False
    """Whether the short form has it."""
    seconds: float = 8.0
    """How long it lasts, about; `Stage.seconds` is shorter in the short form."""
    least: float = 0.0
    """Seconds below which it shows nothing, because a limit of the server has to pass first."""
    settle: float = 6.0
    """Seconds for which the load goes on after its end: recovery is seen in them."""
    tolerated: frozenset[Outcome] | set[Outcome] = frozenset()
    """Outcomes that are no fault of the server's while it lasts, beside the expected ones."""
    stops: frozenset[str] | None = None
    """Operations of the load that may come to them; None: each of them."""
    recovery: float = 1.0
    """Seconds after its end within which everything must be well again."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Variables of the server, beside those that it always gets."""
    workers: int = 1
    """Processes of the server."""
    through_proxy: bool = False
    """Whether `Stage.proxy` stands between the server and PostgreSQL."""
    environment: Environment = field(default_factory=Embedded)
    """Which PostgreSQL; faults of equal environments share one."""
    published_keys: bool = False
    """Whether tokens are signed with keys that the server fetches from `Stage.issuer`."""
    files: int | None = None
    """`ulimit -n` of the server, if it is not this process's own."""
    worker_memory: float = 60.0
    """MB by which a worker may grow, over its size before the fault."""
    keeps_longest: float = 10.0
    """Seconds for which the server may keep a request that was sent whole."""
    clients: float = 1.0
    """Share of the clients of the run that work."""


class NotRunError(Exception):
    """A part that cannot run here; its sentence is the reason."""


@dataclass
class Stage:
    """What a fault may touch. Times are those of `time.monotonic`, in seconds."""

    fault_played: Fault
    place: Place
    """The database: URLs of owner and server, and the cluster."""
    server: Server
    """The server: its processes, its port, its log; it can be killed and started again."""
    proxy: Proxy | None
    """Between server and PostgreSQL, when the fault is `through_proxy`."""
    folder: Path
    """For files of this fault; removed afterwards."""
    tokens: Mapping[str, str]
    """Users of the load, each with a valid token."""
    spare: Mapping[str, str]
    """Users without any load, each with a valid token, for the fault's own requests."""
    seconds: float
    """How long the fault should last."""
    secret: str = ""
    """What tokens are signed with; empty when keys are published."""
    issuer: Any = None
    """The `issuer.KeyServer`, when the fault has `published_keys`."""
    span: tuple[float, float] | None = None
    """Begin and end of the fault."""
    findings: list[str] = field(default_factory=list)
    """What the fault itself saw that is wrong."""
    notes: list[str] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)

    @asynccontextmanager
    async def fault(self) -> AsyncIterator[None]:
        """Mark the span of the fault: it is over when the block ends, also by an error."""
        begin = time.monotonic()
        self.span = (begin, float("inf"))
        try:
            yield
        finally:
            self.span = (begin, time.monotonic())

    def find(self, sentence: str) -> None:
        """Say something that is wrong: the run is red."""
        self.findings.append(sentence)

    def note(self, sentence: str) -> None:
        """Say something that is worth knowing."""
        self.notes.append(sentence)

    def measure(self, name: str, value: float, unit: str, limit: float | None = None) -> None:
        """Keep a figure; over its limit, the run is red."""
        self.measures.append(Measure(name, value, unit, limit))

    async def sql(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Run one statement as the database's superuser, on a connection of its own."""
        return await asyncio.to_thread(run_sql, self.place.owner_url, statement, values)


def run_sql(url: str, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """Run one statement on a connection of its own, and return its rows, if it returns any."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
