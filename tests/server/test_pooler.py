"""The server behind a transaction pooler: connections change hands between two transactions."""

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
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
from tests.server.databases import Databases, render

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
USERS = [f"user {number}" for number in range(8)]

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here")


@pytest.fixture(scope="module")
def pooled(owner_url: str) -> Iterator[str]:
    """URL of a migrated database through PgBouncer, which has two connections for all."""
    databases = Databases(owner_url)
    api = make_url(databases.migrated(*USERS).api)
    nobody = unprivileged_user()
    folder, _ = make_temporary_folder(nobody)
    port = free_port()
    accounts, settings = folder / "accounts", folder / "pgbouncer.ini"
    accounts.write_text(f'"{api.username}" "{api.password}"\n')
    settings.write_text(
        f"[databases]\n{api.database} = host={api.host} port={api.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = plain\nauth_file = {accounts}\npool_mode = transaction\n"
        "default_pool_size = 2\n"
    )
    change_owner(nobody, folder, accounts, settings)
    log = folder / "log"
    process = spawn([str(PGBOUNCER), str(settings)], log=log, user=nobody, cwd=folder)
    url = render(str(api.set(port=port).render_as_string(hide_password=False)))
    for _ in range(100):
        with suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=1).close()
            break
        time.sleep(0.05)
    else:
        pytest.fail(last_lines(log))
    yield url
    terminate(process, signal.SIGINT)
    shutil.rmtree(folder, ignore_errors=True)
    databases.drop()


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
