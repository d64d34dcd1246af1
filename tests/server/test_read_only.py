"""A database that takes no writes: it is named at the start, and left as soon as it takes them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.engine import make_url

from server.database import Database
from server.database_url import connection_parameters
from server.schemas import TaskInput
from server.session import UnusableDatabaseError
from server.tasks import Tasks
from steps.postgres.embedded import EmbeddedPostgres
from tests.server.databases import Schema, alembic, render
from tests.server.test_database_url import start
from tests.server.test_pool import run

SETTING = "default_transaction_read_only"
WRITES = f"?options=-c%20{SETTING}%3Doff"


def alter(schema: Schema, what: str) -> None:
    """Change a setting of the server's role or database, as one who may write."""
    with psycopg.connect(schema.owner + WRITES, autocommit=True) as owner:
        owner.execute(f"ALTER {what}".encode())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("ROLE {role}", "for the role"),
        ("DATABASE {database}", "for the database"),
        ("ROLE {role} IN DATABASE {database}", "for the role in this database"),
    ],
)
def test_who_makes_it_so_is_named_and_can_take_it_back(
    schema: Schema, caplog: pytest.LogCaptureFixture, place: str, said: str
) -> None:
    """Reads are served meanwhile; it may protect a disk that is nearly full, so it is obeyed."""
    api = make_url(schema.api)
    named = place.format(role=api.username, database=api.database)

    async def work(database: Database) -> None:
        await database.check()
        tasks = Tasks(database, "ann")
        with pytest.raises(ReadOnlySqlTransaction):
            await tasks.create(TaskInput(title="refused"))
        assert not [task for page in await tasks.newest_first() for task in page]
        alter(schema, f"{named} RESET {SETTING}")
        await tasks.create(TaskInput(title="stored"))

    alter(schema, f"{named} SET {SETTING} = on")
    with caplog.at_level(logging.WARNING, "server.database"):
        run(schema.api, work)
    assert caplog.messages == [
        f"The database of DATABASE_URL takes no writes now: {SETTING} is set {said}.",
        "A server that takes no writes was left for another one.",
    ]


def test_a_database_that_takes_writes_is_not_mentioned(
    schema: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    run(schema.api, Database.check)
    assert not caplog.messages


def test_options_of_our_own_that_forbid_writes_are_refused(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, sentence = start(schema.api + f"?options=-c%20{SETTING}%3Don")
    assert status == 2
    assert sentence == (
        f"DATABASE_URL, or PGOPTIONS, sets {SETTING} for its sessions: take it away, so that tasks"
        " can be written."
    )
    monkeypatch.setenv("PGOPTIONS", f"-c {SETTING}=on")
    with pytest.raises(UnusableDatabaseError, match="PGOPTIONS"):
        run(schema.api, Database.check)


@pytest.fixture(scope="module")
def frozen() -> Iterator[EmbeddedPostgres]:
    """Another PostgreSQL, which takes no writes."""
    postgres = EmbeddedPostgres(in_memory=True)
    postgres.start()
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER SYSTEM SET {SETTING} = on")
        admin.execute("SELECT pg_reload_conf()")
    yield postgres
    postgres.close()


def before(frozen: EmbeddedPostgres, schema: Schema) -> str:
    """Return a URL of two hosts: the one without writes, with the same names, and the usual one."""
    api = make_url(schema.api)
    with psycopg.connect(frozen.admin_url + WRITES, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{api.database}"'.encode())
        owner = render(frozen.admin_url, database=api.database) + WRITES
        alembic(owner, "upgrade", "head")
        admin.execute(
            f"CREATE ROLE {api.username} LOGIN PASSWORD '{api.password}'"
            " IN ROLE tasks_runtime".encode()
        )
    with psycopg.connect(owner) as connection:
        connection.execute("INSERT INTO users (id, name, email) VALUES ('ann', 'ann', 'ann')")
    name = f"{api.username}:{api.password}"
    hosts = f"127.0.0.1:{frozen.port},{api.host}:{api.port}"
    return f"postgresql://{name}@{hosts}/{api.database}"


def test_of_two_hosts_the_one_that_takes_writes_is_found_and_kept(
    frozen: EmbeddedPostgres, schema: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(database: Database) -> None:
        tasks = Tasks(database, "ann")
        await tasks.create(TaskInput(title="stored"))
        await database.close()  # no connection rests: new ones lead there at once
        await tasks.create(TaskInput(title="stored, too"))
        assert sum(len(page) for page in await tasks.newest_first()) == 2

    url = before(frozen, schema)
    run(url, work)
    assert caplog.messages == ["A server that takes no writes was left for another one."]
    caplog.clear()
    run(url, Database.check)
    assert not caplog.messages


def test_of_two_hosts_without_writes_reads_are_served(
    frozen: EmbeddedPostgres, schema: Schema
) -> None:
    async def work(database: Database) -> None:
        tasks = Tasks(database, "ann")
        for _ in range(2):
            with pytest.raises(ReadOnlySqlTransaction):
                await tasks.create(TaskInput(title="refused"))
            await database.close()
            assert not [task for page in await tasks.newest_first() for task in page]

    url = before(frozen, schema)
    alter(schema, f"ROLE {make_url(schema.api).username} SET {SETTING} = on")
    run(url, work)


@pytest.mark.parametrize("where", ["standby", "read-only", "prefer-standby"])
def test_a_url_that_leads_away_from_writes_is_refused(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with pytest.raises(ValueError, match="target_session_attrs"):
        connection_parameters(f"postgresql://h1,h2/d?target_session_attrs={where}")
    monkeypatch.setenv("PGTARGETSESSIONATTRS", where)
    with pytest.raises(ValueError, match="PGTARGETSESSIONATTRS of the environment"):
        connection_parameters("postgresql://h1,h2/d")
