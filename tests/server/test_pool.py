"""No user and no broken connection keeps the others from the pool's connections."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import psycopg
import pytest
import uvloop
from psycopg import Error, OperationalError
from psycopg.errors import LockNotAvailable, ReadOnlySqlTransaction
from sqlalchemy import text
from sqlalchemy.engine import make_url

from server.database import Database
from server.exchange import Connection, Statement
from server.schemas import TaskInput
from server.settings import Settings
from server.tasks import Tasks
from tests.server.cutting_proxy import Cut, CuttingProxy
from tests.server.databases import Databases, Schema, render

SLEEP = Statement(text("SELECT pg_sleep(0.3)"))
LONG = Statement(text("SELECT pg_sleep(4)"))
WHICH = Statement(text("SELECT pg_backend_pid()"))


@pytest.fixture(scope="module")
def schema(owner_url: str) -> Iterator[Schema]:
    databases = Databases(owner_url)
    yield databases.migrated("ann", "bob")
    databases.drop()


def run(url: str, work: Callable[[Database], Awaitable[None]], **changes: Any) -> None:
    async def main() -> None:
        settings = Settings(
            database_url=url,
            jwt_secret="s" * 32,
            cors_origin="http://localhost:3000",  # type: ignore[arg-type]
            **changes,
        )
        database = Database(settings)
        try:
            await work(database)
        finally:
            await database.close()

    uvloop.run(main())


@asynccontextmanager
async def read_only(schema: Schema) -> AsyncIterator[None]:
    """Let new connections of the server be read-only."""
    role = make_url(schema.api).username
    with psycopg.connect(schema.owner, autocommit=True) as owner:
        owner.execute(f'ALTER ROLE "{role}" SET default_transaction_read_only = on')
        try:
            yield
        finally:
            owner.execute(f'ALTER ROLE "{role}" RESET default_transaction_read_only')


async def fill(database: Database, count: int = 10) -> None:
    """Let so many connections rest in the pool."""
    users = [f"user {number}" for number in range(count)]
    await asyncio.gather(*(database.transact(user, [(SLEEP, {})]) for user in users))
    assert len(database._resting) == count


def test_of_connections_that_the_network_forgot_one_is_tried(schema: Schema) -> None:
    url = make_url(schema.api)
    proxies = CuttingProxy(url.host or "127.0.0.1", url.port or 5432)

    async def work(database: Database) -> None:
        await fill(database)
        database._resting = [(since - 60, one) for since, one in database._resting]
        dead = [one for _, one in database._resting]
        proxies.cut_after(Cut("to PostgreSQL", 0, "silence"))
        await asyncio.wait_for(database.transact("ann", []), 5)
        assert proxies.has_cut
        assert all(one.closed for one in dead)
        assert len(database._resting) == 1

    try:
        run(render(schema.api, host="127.0.0.1", port=proxies.port), work)
    finally:
        proxies.close()


def test_connections_to_a_server_without_writes_are_left_at_the_first_write(
    schema: Schema,
) -> None:
    async def work(database: Database) -> None:
        async with read_only(schema):
            await fill(database)
        old = [one for _, one in database._resting]
        await Tasks(database, "ann").create(TaskInput(title="after the failover"))
        for user in [f"user {number}" for number in range(10)]:
            await database.transact(user, [(WHICH, {})])
        assert all(one.closed for one in old)

    run(schema.api, work)


def test_a_connection_in_use_to_a_server_without_writes_is_left_afterwards(schema: Schema) -> None:
    async def work(database: Database) -> None:
        async with read_only(schema):
            await fill(database, 2)
        old = {one for _, one in database._resting}
        reading = asyncio.ensure_future(database.transact("bob", [(SLEEP, {})]))
        await asyncio.sleep(0.1)
        await Tasks(database, "ann").create(TaskInput(title="after the failover"))
        await reading
        assert all(one.closed for one in old)
        assert len(database._resting) == 1

    run(schema.api, work)


@pytest.mark.parametrize(
    ("state", "kept"),
    [("57P04", False), ("58030", False), ("XX001", False), ("08006", False), ("P0001", True)],
)
def test_a_server_at_fault_is_left_and_a_refused_statement_leaves_nothing(
    schema: Schema, state: str, kept: bool
) -> None:
    fail = Statement(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))

    async def work(database: Database) -> None:
        with pytest.raises(Error) as raised:
            await database.transact("ann", [(fail, {})])
        assert raised.value.sqlstate == state
        assert len(database._resting) == kept

    run(schema.api, work)


def test_a_connection_that_breaks_takes_those_along_that_rested_as_long(schema: Schema) -> None:
    role = make_url(schema.api).username

    async def work(database: Database) -> None:
        await fill(database, 3)
        old = [one for _, one in database._resting]
        asked = asyncio.ensure_future(database.transact("ann", [(LONG, {})]))
        await asyncio.sleep(0.1)
        with psycopg.connect(schema.owner, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = %s AND state = 'active'",
                (role,),
            )
        with pytest.raises(OperationalError):
            await asked
        assert all(one.closed for one in old)

    run(schema.api, work)


def test_when_there_are_no_more_connections_requests_wait_for_those_in_use(schema: Schema) -> None:
    role = make_url(schema.api).username
    with psycopg.connect(schema.owner, autocommit=True) as owner:
        owner.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT 2')

        async def work(database: Database) -> None:
            await fill(database, 2)
            users = [f"user {number}" for number in range(8)]
            await asyncio.gather(*(database.transact(user, [(SLEEP, {})]) for user in users))
            assert len(database._resting) == 2

        try:
            run(schema.api, work)
        finally:
            owner.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT -1')


def test_of_two_hosts_a_silent_one_leaves_time_for_the_other(schema: Schema) -> None:
    url = make_url(schema.api)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        two = f"127.0.0.1:{port},{url.host}:{url.port}"

        async def work(database: Database) -> None:
            await database.transact("ann", [])

        run(f"postgresql://{url.username}:{url.password}@{two}/{url.database}", work)


def test_behind_three_silent_hosts_the_fourth_is_found_by_the_second_request(
    schema: Schema,
) -> None:
    url = make_url(schema.api)

    async def work(database: Database) -> None:
        for _ in range(3):
            with suppress(OperationalError):
                await database.transact("ann", [])
                return
        pytest.fail("the fourth host was never tried")

    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        hosts = [f"127.0.0.1:{one.getsockname()[1]}" for one in silent]
        four = ",".join([*hosts, f"{url.host}:{url.port}"])
        run(f"postgresql://{url.username}:{url.password}@{four}/{url.database}", work)


def test_of_one_name_with_two_addresses_a_silent_one_is_tried_last_from_then_on(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(schema.api)
    port = url.port or 5432
    tried: list[str] = []

    async def resolved(_: object, host: str, *__: object, **___: object) -> Any:
        assert host == "db.example"
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]

    async def work(database: Database) -> None:
        await database.transact("ann", [])
        await database.close()
        await database.transact("ann", [])

    once = Connection.connect

    async def connect(**named: Any) -> Any:
        tried.append(named["hostaddr"])
        return await once(**named)

    with socket.create_server(("127.0.0.2", port)):
        monkeypatch.setattr(uvloop.Loop, "getaddrinfo", resolved)
        monkeypatch.setattr(Connection, "connect", connect)
        run(render(schema.api, host="db.example"), work)
    assert tried == ["127.0.0.2", "127.0.0.1", "127.0.0.1"]


def test_a_database_that_takes_no_writes_costs_a_connection_a_write(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(database: Database) -> None:
        made = 0
        connect = database._connector.connect

        async def counted(deadline: float, **named: Any) -> Any:
            nonlocal made
            made += 1
            return await connect(deadline, **named)

        async with read_only(schema):
            await fill(database)
            monkeypatch.setattr(database._connector, "connect", counted)
            for _ in range(5):
                with pytest.raises(ReadOnlySqlTransaction):
                    await Tasks(database, "ann").create(TaskInput(title="refused"))
                await Tasks(database, "ann").newest_first()
                assert len(database._resting) == 10  # reads are served by those that there are
        assert made <= 5

    run(schema.api, work)


def test_a_locked_row_of_one_user_keeps_nobody_else(schema: Schema) -> None:
    with psycopg.connect(schema.owner) as owner:
        row = owner.execute(
            "INSERT INTO tasks (user_id, title) VALUES ('ann', 'locked') RETURNING id"
        ).fetchone()
        assert row is not None
        owner.commit()

        async def work(database: Database) -> None:
            owner.execute("SELECT FROM tasks WHERE id = %s FOR UPDATE", row)
            calls = [Tasks(database, "ann").toggle(row[0]) for _ in range(40)]
            waiting = [asyncio.ensure_future(call) for call in calls]
            await asyncio.sleep(0.2)
            for _ in range(20):
                await asyncio.wait_for(Tasks(database, "bob").newest_first(), 1)
            assert not any(one.done() for one in waiting)
            assert database._in_use == 5
            errors = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(errors[0], LockNotAvailable)
            assert all(isinstance(error, Error) for error in errors)
            owner.rollback()
            assert database._slots.free == 10

        run(schema.api, work)


def test_one_user_is_not_refused_for_being_many(schema: Schema) -> None:
    async def work(database: Database) -> None:
        await asyncio.gather(*(Tasks(database, "ann").newest_first() for _ in range(300)))
        assert database._slots.free == 10
        assert not database._slots._held
        assert not database._slots._waiting

    run(schema.api, work)


def test_an_old_connection_is_replaced(schema: Schema) -> None:
    async def work(database: Database) -> None:
        seen = []
        for _ in range(2):
            (rows,) = await database.transact("ann", [(WHICH, {})])
            seen.append(rows[:])
            await asyncio.sleep(0.15)
        assert seen[0] != seen[1]

    run(schema.api, work, database_connection_age_seconds=0.1)


def test_all_of_a_request_has_one_limit(schema: Schema) -> None:
    """Waiting for a slot, connecting and the transaction together."""
    url = make_url(schema.api)
    proxy = CuttingProxy(url.host or "127.0.0.1", url.port or 5432)

    async def work(database: Database) -> None:
        proxy.cut_after(Cut("to PostgreSQL", 0, "silence"))
        started = time.monotonic()
        with pytest.raises(OperationalError):
            await database.transact("ann", [])
        assert time.monotonic() - started < 3
        await database.transact("ann", [])

    try:
        run(
            render(schema.api, host="127.0.0.1", port=proxy.port),
            work,
            database_request_seconds=1,
        )
    finally:
        proxy.close()
