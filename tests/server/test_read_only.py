"""A database that takes no writes: it is named at the start, and left as soon as it takes them."""

from __future__ import annotations

import logging

import psycopg
import pytest
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.engine import make_url

from server.database import Database
from server.schemas import TaskInput
from server.session import UnusableDatabaseError
from server.tasks import Tasks
from tests.server.databases import Schema
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
