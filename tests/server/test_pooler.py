"""The server behind a transaction pooler: connections change hands between two transactions."""

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
import uvloop
from sqlalchemy.engine import make_url

from server.database import Database
from server.schemas import TaskInput
from server.settings import Settings
from server.tasks import Tasks
from steps.postgres.data_folder import change_owner, make_temporary_folder, unprivileged_user
from steps.process.child import last_lines, spawn, terminate
from steps.process.ports import free_port
from tests.server.databases import Databases, alembic, render

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
USERS = [f"user {number}" for number in range(8)]

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here")


@contextmanager
def pooler(url: str, size: int) -> Iterator[str]:
    """Lead to `url` through PgBouncer, which has `size` connections for all its clients."""
    direct = make_url(url)
    nobody = unprivileged_user()
    folder, _ = make_temporary_folder(nobody)
    port = free_port()
    accounts, settings = folder / "accounts", folder / "pgbouncer.ini"
    accounts.write_text(f'"{direct.username}" "{direct.password}"\n')
    settings.write_text(
        f"[databases]\n{direct.database} = host={direct.host} port={direct.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = plain\nauth_file = {accounts}\npool_mode = transaction\n"
        f"default_pool_size = {size}\n"
    )
    change_owner(nobody, folder, accounts, settings)
    log = folder / "log"
    process = spawn([str(PGBOUNCER), str(settings)], log=log, user=nobody, cwd=folder)
    try:
        pooled = render(url, port=port)
        for _ in range(100):
            with suppress(psycopg.OperationalError):
                psycopg.connect(pooled, connect_timeout=1).close()
                break
            time.sleep(0.05)
        else:
            pytest.fail(last_lines(log))
        yield pooled
    finally:
        terminate(process, signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pooled(databases: Databases) -> Iterator[str]:
    """URL of a migrated database through PgBouncer, which has two connections for all."""
    with pooler(databases.migrated(*USERS).api, 2) as url:
        yield url


def test_a_migration_leaves_the_next_client_its_settings(databases: Databases) -> None:
    names = "'search_path', 'lock_timeout', 'row_security', 'TimeZone', 'role'"
    query = f"SELECT name, setting FROM pg_settings WHERE name IN ({names}) ORDER BY name"
    with pooler(databases.login(databases.create(), "SUPERUSER"), 1) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            before = connection.execute(query).fetchall()
        alembic(url, "upgrade", "head")
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute(query).fetchall() == before


def test_many_users_share_two_connections_and_see_only_their_own(pooled: str) -> None:
    async def work(database: Database, user: str) -> Any:
        tasks = Tasks(database, user)
        for number in range(20):
            made = await tasks.create(TaskInput(title=f"{user}, {number}"))
            await tasks.toggle(made.id)
        return [task.title for page in await tasks.newest_first() for task in page]

    async def main() -> list[Any]:
        settings = Settings(
            database_url=pooled,
            jwt_secret="s" * 32,
            cors_origin="http://localhost:3000",  # type: ignore[arg-type]
        )
        database = Database(settings)
        try:
            return await asyncio.gather(*(work(database, user) for user in USERS))
        finally:
            await database.close()

    for user, titles in zip(USERS, uvloop.run(main()), strict=True):
        assert titles == [f"{user}, {number}" for number in reversed(range(20))]
