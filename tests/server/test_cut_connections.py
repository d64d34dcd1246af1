"""A database connection that breaks in the middle of an exchange costs that exchange alone.

A proxy cuts each operation's exchange, in both directions, by FIN, by RST and by silence. After
each cut the next requests are right, and no slot, no file and no task is left. By default after
some bytes; with EVERY_BYTE=1 after every single one (`nox -s cuts`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import uvloop
from psycopg import Error
from sqlalchemy.engine import make_url

from server.database import Database
from server.schemas import TaskInput
from server.settings import Settings
from server.tasks import Tasks
from tests.server.cuts import remember
from tests.server.cutting_proxy import Cut, CuttingProxy, Direction, How
from tests.server.databases import Databases, Schema, render

EVERY_BYTE = bool(os.environ.get("EVERY_BYTE"))
STEP = 1 if EVERY_BYTE else 151
"""Bytes between two cuts."""
SILENCES = 1 if EVERY_BYTE else 1000
"""The same for silence, each of which costs its time limit."""
FOLLOWING = 20 if EVERY_BYTE else 3
"""Requests after each cut."""
CASES: list[tuple[How, Callable[..., int]]] = [
    ("FIN", uvloop.run),
    ("FIN", asyncio.run),
    ("RST", uvloop.run),
    ("RST", asyncio.run),
    ("silence", uvloop.run),
]
"""Ways of a cut, and the event loop; silence, which no loop reports, on the server's alone."""
SILENT_SECONDS = 0.5
"""Time limit of a request whose connection falls silent."""
TITLE = "a task with a title of some length"

Operation = Callable[[Tasks, UUID], Awaitable[object]]
OPERATIONS: dict[str, Operation] = {
    "list": lambda tasks, _: tasks.newest_first(),
    "get": lambda tasks, task: tasks.get(task),
    "create": lambda tasks, _: tasks.create(TaskInput(title=TITLE)),
    "replace": lambda tasks, task: tasks.replace(task, TaskInput(title=TITLE)),
    "toggle": lambda tasks, task: tasks.toggle(task),
    "delete": lambda tasks, task: tasks.delete(task),
}


@pytest.fixture(scope="module")
def schema(owner_url: str) -> Iterator[Schema]:
    databases = Databases(owner_url)
    yield databases.migrated("ann")
    databases.drop()


@pytest.fixture
def proxy(schema: Schema) -> Iterator[CuttingProxy]:
    url = make_url(schema.api)
    proxy = CuttingProxy(url.host or "127.0.0.1", url.port or 5432)
    yield proxy
    proxy.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def lengths_of(
    proxy: CuttingProxy, database: Database, run: Operation, task: UUID
) -> dict[Direction, int]:
    """Return how many bytes an exchange of this operation has in each direction."""
    await Tasks(database, "ann").newest_first()  # connects
    proxy.count()
    await run(Tasks(database, "ann"), task)
    return dict(proxy.passed)


@pytest.mark.parametrize(("how", "loop"), CASES, ids=lambda one: getattr(one, "__module__", one))
@pytest.mark.parametrize("name", OPERATIONS)
def test_after_a_cut_the_next_requests_are_right(
    schema: Schema,
    proxy: CuttingProxy,
    name: str,
    how: How,
    loop: Callable[..., int],
) -> None:
    cuts = loop(cut_everywhere(schema, proxy, OPERATIONS[name], how))
    assert cuts > 0
    print(f"{cuts} cuts: {name}, {how}, {loop.__module__}")
    if EVERY_BYTE:
        remember({"operation": name, "how": how, "loop": loop.__module__, "cuts": cuts})


async def cut_everywhere(schema: Schema, proxy: CuttingProxy, run: Operation, how: How) -> int:
    """Cut after byte upon byte; return how many cuts there were."""
    settings = Settings(
        database_url=render(schema.api, host="127.0.0.1", port=proxy.port),
        jwt_secret="s" * 32,
        cors_origin="http://localhost:3000",  # type: ignore[arg-type]
        database_pool_size=1,
    )
    database = Database(settings)
    admin = await psycopg.AsyncConnection.connect(schema.owner, autocommit=True)
    cuts = 0
    try:
        lengths = await lengths_of(proxy, database, run, await new_task(admin))
        files = open_files()  # with the one connection that is there after each cut, too
        step = SILENCES if how == "silence" else STEP
        for direction, length in lengths.items():
            for after in range(0, length, step):
                cut = Cut(direction, after, how)
                cuts += await cut_once(proxy, database, admin, run, cut, files)
    finally:
        await database.close()
        await admin.close()
    return cuts


async def cut_once(
    proxy: CuttingProxy, database: Database, admin: Any, run: Operation, cut: Cut, files: int
) -> bool:
    await admin.execute("DELETE FROM tasks")
    task = await new_task(admin)
    await Tasks(database, "ann").newest_first()  # a connection rests in the pool
    tasks = len(asyncio.all_tasks())
    where = f"after {cut.after} bytes {cut.direction}, {cut.how}"
    proxy.cut_after(cut)
    cut_tasks = Tasks(database, "ann")
    if cut.how == "silence":
        cut_tasks._seconds = SILENT_SECONDS
    try:
        await asyncio.wait_for(run(cut_tasks, task), 10)
    except Error:
        assert proxy.has_cut, f"it failed before it was cut {where}"
    else:
        assert not proxy.has_cut, f"it was answered although it was cut {where}"
        proxy.count()
        return False  # this exchange is some bytes shorter than the one that was measured
    for _ in range(FOLLOWING):
        pages = list(await asyncio.wait_for(Tasks(database, "ann").newest_first(), 10))
        stored = await (await admin.execute("SELECT count(*) FROM tasks")).fetchone()
        assert sum(map(len, pages)) == stored[0], where
    proxy.end_silent()
    assert database._slots.free == 1, f"a slot is lost {where}"
    assert len(database._resting) == 1, where
    assert len(asyncio.all_tasks()) == tasks, f"a task is left {where}"
    await asyncio.sleep(0)
    # The proxy's own two of the connection that was cut may still be on their way to their end.
    assert open_files() <= files + 4, f"files are left {where}"
    return True


async def new_task(admin: Any) -> UUID:
    """Store a task of ann's as the owner; return its id."""
    cursor = await admin.execute(
        "INSERT INTO tasks (user_id, title) VALUES ('ann', 'first') RETURNING id"
    )
    (identity,) = await cursor.fetchone()
    found: UUID = identity
    return found
