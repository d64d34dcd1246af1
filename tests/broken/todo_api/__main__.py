"""`python -m todo_api` serves; `python -m todo_api create-tables` makes the tables."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import psycopg
from aiohttp import web

from .api import Api
from .configuration import Configuration, ConfigurationError, from_environment
from .faults import broken, differs
from .layouts import laid_out, statement
from .pool import Pool
from .store import Store

SCHEMA = Path(__file__).with_name("schema.sql")
NUMBERED = "bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY"
LONGEST_LINE = 256 * 1024
"""Bytes of a header or a path: the longest token is refused by this server, not by its parser."""


def main() -> None:
    """Do what the command line says."""
    log = os.environ["TODO_LOG"] if laid_out("log-file") else None
    if log:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, filename=log)
    try:
        configuration = from_environment()
    except ConfigurationError as error:
        sys.exit(str(error))
    if sys.argv[1:] == ["create-tables"]:
        create_tables(configuration)
    else:
        asyncio.run(serve(configuration))


def create_tables(configuration: Configuration) -> None:
    """Make the tables of an empty database."""
    statements = SCHEMA.read_text("utf-8")
    if broken("no-foreign-key"):
        statements = statements.replace("REFERENCES users (id) ON DELETE CASCADE", "")
    if broken("set-null"):
        cascading = "NOT NULL REFERENCES users (id) ON DELETE CASCADE"
        statements = statements.replace(cascading, "REFERENCES users (id) ON DELETE SET NULL")
    if broken("no-cascade"):
        statements = statements.replace(" ON DELETE CASCADE", "")
    if broken("no-index"):
        statements = statements.replace("(user_id, created_at DESC, id DESC)", "(created_at)")
    if differs("index-on-user-alone"):
        statements = statements.replace("(user_id, created_at DESC, id DESC)", "(user_id)")
    if differs("uuid-users"):
        statements = statements.replace("varchar(255)", "uuid")
    if differs("integer-ids"):
        statements = statements.replace("uuid PRIMARY KEY DEFAULT gen_random_uuid()", NUMBERED)
        statements = statements.replace("is_taken(task uuid)", "is_taken(task bigint)")
    if differs("stored-in-seconds"):
        statements = statements.replace("timestamptz", "timestamptz(0)")
    if laid_out("no-users"):
        statements = statements[statements.index("CREATE TABLE tasks") :]
        statements = statements.replace("REFERENCES users (id) ON DELETE CASCADE", "")
    with psycopg.connect(configuration.dsn, autocommit=True) as connection:
        connection.execute(statement(statements).encode())


async def serve(configuration: Configuration) -> None:
    """Serve until the process is ended."""
    api = Api(configuration, Store(Pool(configuration.dsn)))
    runner = web.ServerRunner(
        web.Server(
            api.answer,
            access_log=None,
            lingering_time=0.5,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", configuration.port).start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
