"""One request is one round trip and one transaction; the next one does not inherit its user."""

import asyncio
import os
import re
import resource
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import uvloop
from psycopg import AsyncConnection, DataError, OperationalError
from psycopg.errors import InsufficientPrivilege, QueryCanceled, RaiseException
from sqlalchemy import text

from server.database import Database
from server.errors import AccessDeniedError, InvalidCredentialsError, TaskNotFoundError
from server.exchange import Statement
from server.schemas import TaskInput
from server.settings import Settings
from server.tasks import PAGE, Tasks
from tests.server.databases import Databases, Schema

EVERYTHING = Statement(text("SELECT title FROM public.tasks ORDER BY title"))
WHO = Statement(text("SELECT current_setting('app.user_id', true)"))
ADD = Statement(text("INSERT INTO public.tasks (user_id, title) VALUES (:user_id, :title)"))
FAIL = Statement(text("TRUNCATE public.tasks"))
MESSAGE = re.compile(r"[^\t]*\t[FB]\t\d+\t")
SLEEP = Statement(text("SELECT pg_sleep(30)"))

Work = Callable[[Database], Awaitable[Any]]


@pytest.fixture(scope="module")
def schema(owner_url: str) -> Iterator[Schema]:
    databases = Databases(owner_url)
    schema = databases.migrated("ann", "bob")
    with psycopg.connect(schema.owner) as connection:
        for name in ("ann", "bob"):
            connection.execute(
                "INSERT INTO tasks (user_id, title) VALUES (%s, %s)", (name, f"{name}'s")
            )
    yield schema
    databases.drop()


@pytest.fixture
def with_database(schema: Schema) -> Callable[..., Any]:
    """Run work on a pool of one connection, as the server runs it."""

    def run(work: Work, **changes: Any) -> Any:
        async def main() -> Any:
            given = {"database_pool_size": 1, "database_statement_seconds": 5} | changes
            settings = Settings(
                database_url=schema.api,
                jwt_secret="s" * 32,
                cors_origin="http://localhost:3000",  # type: ignore[arg-type]
                **given,
            )
            database = Database(settings)
            try:
                return await work(database)
            finally:
                await database.close()

        return uvloop.run(main())

    return run


def connection_of(database: Database) -> AsyncConnection[Any]:
    ((_, connection),) = database._resting
    return connection


def task_of(schema: Schema, user: str) -> UUID:
    with psycopg.connect(schema.owner) as connection:
        row = connection.execute("SELECT id FROM tasks WHERE user_id = %s", (user,)).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def count(schema: Schema, title: str) -> int:
    with psycopg.connect(schema.owner) as connection:
        row = connection.execute("SELECT count(*) FROM tasks WHERE title = %s", (title,)).fetchone()
    assert row is not None
    return int(row[0])


def trace_of(database: Database, work: Callable[[], Awaitable[Any]]) -> Awaitable[list[str]]:
    """What libpq sends (F) and gets (B) meanwhile, a message a line."""

    async def traced() -> list[str]:
        with tempfile.TemporaryFile("w+b") as file:
            libpq = connection_of(database).pgconn
            libpq.trace(file.fileno())
            try:
                await work()
            finally:
                libpq.untrace()
            file.seek(0)
            lines = file.read().decode().splitlines()
        return [line for line in lines if MESSAGE.match(line)]  # SQL of several lines goes on

    return traced()


def test_the_work_is_done_in_the_name_of_its_user(with_database: Callable[..., Any]) -> None:
    async def work(database: Database) -> list[Any]:
        return [(await database.transact(who, [(EVERYTHING, {})]))[0][:] for who in ("ann", "bob")]

    assert with_database(work) == [[("ann's",)], [("bob's",)]]


def test_the_next_transaction_on_the_connection_has_no_user(
    with_database: Callable[..., Any],
) -> None:
    async def work(database: Database) -> tuple[Any, Any]:
        await database.transact("ann", [(EVERYTHING, {})])
        libpq = connection_of(database).pgconn
        found = []
        for statement in (WHO, EVERYTHING):
            libpq.send_query_params(statement.sql, [])
            libpq.pipeline_sync()
            libpq.flush()
            while not libpq.is_busy() or not (result := libpq.get_result()):
                libpq.consume_input()
            found.append([result.get_value(row, 0) for row in range(result.ntuples)])
            while libpq.get_result() is None:  # up to the answer to the Sync
                libpq.consume_input()
        return found[0], found[1]

    who, seen = with_database(work)
    assert who in ([b""], [None])
    assert seen == []


@pytest.mark.parametrize("operation", ["list", "create", "get", "replace", "toggle", "delete"])
def test_an_operation_is_one_round_trip_without_named_statements(
    schema: Schema, with_database: Callable[..., Any], operation: str
) -> None:
    task = task_of(schema, "bob")
    given = TaskInput(title="bob's")

    async def work(database: Database) -> list[str]:
        await database.check()
        tasks = Tasks(database, "bob")
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "list": tasks.newest_first,
            "create": lambda: tasks.create(TaskInput(title="bob's, too")),
            "get": lambda: tasks.get(task),
            "replace": lambda: tasks.replace(task, given),
            "toggle": lambda: tasks.toggle(task),
            "delete": lambda: tasks.delete(task),
        }
        return await trace_of(database, calls[operation])

    lines = with_database(work)
    kinds = [line.split("\t")[3] for line in lines]
    assert kinds.count("Sync") == 1, kinds
    assert kinds.count("ReadyForQuery") == 1, kinds
    sent = [line.split("\t")[3] for line in lines if line.split("\t")[1] == "F"]
    assert sent[-1] == "Sync"
    assert "Query" not in sent, "a BEGIN or COMMIT of its own"
    named = [line for line in lines if re.search(r'\tParse\t "[^"]', line)]
    assert not named


def test_a_failed_transaction_leaves_nothing_and_a_usable_connection(
    schema: Schema, with_database: Callable[..., Any]
) -> None:
    async def work(database: Database) -> list[Any]:
        await database.check()
        before = connection_of(database)
        values = {"user_id": "ann", "title": "half"}
        with pytest.raises(InsufficientPrivilege):
            await database.transact("ann", [(ADD, values), (FAIL, {})])
        assert connection_of(database) is before
        (rows,) = await database.transact("ann", [(EVERYTHING, {})])
        return rows[:]

    assert with_database(work) == [("ann's",)]
    assert count(schema, "half") == 0


def test_a_commit_that_fails_is_an_error(schema: Schema, with_database: Callable[..., Any]) -> None:
    with psycopg.connect(schema.owner) as owner:
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'not now'; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    async def work(database: Database) -> None:
        await Tasks(database, "ann").create(TaskInput(title="promised"))

    try:
        with pytest.raises(RaiseException, match="not now"):
            with_database(work)
    finally:
        with psycopg.connect(schema.owner) as owner:
            owner.execute("DROP TRIGGER refuse ON tasks")
            owner.execute("DROP FUNCTION refuse")
    assert count(schema, "promised") == 0


def test_every_request_of_an_unknown_user_is_refused_as_such(
    schema: Schema, with_database: Callable[..., Any]
) -> None:
    task = task_of(schema, "ann")

    async def work(database: Database) -> None:
        tasks = Tasks(database, "carl")
        for call in (
            tasks.check_user,
            tasks.newest_first,
            lambda: tasks.create(TaskInput(title="carl's")),
            lambda: tasks.get(task),
            lambda: tasks.delete(task),
        ):
            with pytest.raises(InvalidCredentialsError):
                await call()

    with_database(work)
    assert count(schema, "carl's") == 0


@pytest.mark.parametrize(
    ("title", "error"), [("cut\0off", DataError), ("cut\ud800off", UnicodeEncodeError)]
)
def test_text_that_postgresql_cannot_hold_is_refused_and_not_cut_off(
    with_database: Callable[..., Any], title: str, error: type[Exception]
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(error):
            await database.transact("ann", [(ADD, {"user_id": "ann", "title": title})])
        (rows,) = await database.transact("ann", [(EVERYTHING, {})])
        assert rows[:] == [("ann's",)]

    with_database(work)


def test_a_foreign_task_is_told_from_none(
    schema: Schema, with_database: Callable[..., Any]
) -> None:
    task = task_of(schema, "ann")

    async def work(database: Database) -> None:
        with pytest.raises(AccessDeniedError):
            await Tasks(database, "bob").delete(task)
        with pytest.raises(TaskNotFoundError):
            await Tasks(database, "bob").delete(uuid4())

    with_database(work)
    assert task_of(schema, "ann") == task


def test_a_connection_that_died_in_the_pool_is_replaced(
    schema: Schema, with_database: Callable[..., Any]
) -> None:
    async def work(database: Database) -> list[Any]:
        await database.check()
        dead = connection_of(database)
        with psycopg.connect(schema.owner, autocommit=True) as owner:
            owner.execute("SELECT pg_terminate_backend(%s, 5000)", (dead.info.backend_pid,))
        (rows,) = await database.transact("ann", [(EVERYTHING, {})])
        assert dead.closed
        return rows[:]

    assert with_database(work) == [("ann's",)]


def test_a_connection_that_rested_is_asked_for_a_sign_of_life(
    with_database: Callable[..., Any],
) -> None:
    async def work(database: Database) -> list[str]:
        await database.check()
        since, connection = database._resting.pop()
        database._resting.append((since - 3600, connection))
        return await trace_of(database, lambda: database.transact("ann", []))

    kinds = [line.split("\t")[3] for line in with_database(work)]
    assert kinds[:2] == ["Sync", "ReadyForQuery"]
    assert kinds.count("Sync") == 2


def test_postgresql_ends_a_statement_that_takes_too_long(
    with_database: Callable[..., Any],
) -> None:
    async def work(database: Database) -> None:
        await database.transact("ann", [(SLEEP, {})])

    with pytest.raises(QueryCanceled):
        with_database(work, database_statement_seconds=0.2)


def test_a_request_without_a_free_connection_in_time_fails(
    with_database: Callable[..., Any],
) -> None:
    async def work(database: Database) -> None:
        sleeping = asyncio.create_task(database.transact("ann", [(SLEEP, {})]))
        await asyncio.sleep(0.1)
        with pytest.raises(OperationalError, match="became free"):
            await database.transact("bob", [(EVERYTHING, {})])
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        (rows,) = await database.transact("ann", [(EVERYTHING, {})])  # its slot is free again
        assert len(rows) == 1

    with_database(work, database_pool_seconds=0.1)


def test_a_long_list_comes_in_pages(schema: Schema, with_database: Callable[..., Any]) -> None:
    with psycopg.connect(schema.owner) as owner:
        owner.execute("INSERT INTO users (id, name, email) VALUES ('dan', 'dan', 'dan')")
        owner.execute(
            "INSERT INTO tasks (user_id, title) "
            "SELECT 'dan', n::text FROM generate_series(1, %s) n",
            (PAGE + 1,),
        )

    async def work(database: Database) -> list[int]:
        return [len(page) for page in await Tasks(database, "dan").newest_first()]

    assert with_database(work) == [PAGE, 1]


def test_an_exchange_needs_no_further_file(with_database: Callable[..., Any]) -> None:
    """Clients may have taken all files that the process may open."""

    async def work(database: Database) -> int:
        tasks = Tasks(database, "ann")
        await tasks.newest_first()  # a connection rests in the pool
        with no_files_left():
            return sum(map(len, await tasks.newest_first()))

    assert with_database(work) >= 1


@contextmanager
def no_files_left() -> Iterator[None]:
    """Take every file that this process may open."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as taken:
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limit[1]))
        with suppress(OSError):
            while True:
                taken.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        with pytest.raises(OSError, match="Too many open files"):
            os.open(os.devnull, os.O_RDONLY)
        yield
