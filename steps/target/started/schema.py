"""The schema of the fresh database, which SQL files and a command of the target file make."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg

from steps.errors import TargetError
from steps.process.child import last_lines, run
from steps.process.server_process import environment
from steps.target.database import Database
from steps.target.description.placeholders import fill
from steps.target.description.tables import Description
from steps.target.started.extensions import extension_sentence

LOG_LINES = 1000
"""Lines at the end of a command's output in which the name of an extension is looked for."""
USER_KEYS = {"letters": "text", "uuid": "uuid"}
USERS_TABLE = """
CREATE TABLE {users} (
    id {key} PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    email_verified boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
)
"""
"""As Better Auth makes it, in snake case: the default of `[users] insert` fits it."""


class Schema:
    """Makes and tears down the schema. `placeholders` returns values for the target file's."""

    def __init__(
        self,
        description: Description,
        database: Database,
        placeholders: Callable[[], Mapping[str, str]],
        log: Path,
    ) -> None:
        self._description = description
        self._table = description.database
        self._database = database
        self._placeholders = placeholders
        self._log = log
        self._created = False

    def create(self) -> None:
        """Make the table of users, if the target file asks for it, run the SQL files and the
        schema command, and grant the server's role its rights.

        Raises `TargetError` when one of them fails.
        """
        users = self._description.users
        with self._database.schema_lock():
            if users.create_table:
                key = USER_KEYS.get(users.ids, "bigint")
                table = USERS_TABLE.format(users=self._table.users, key=key)
                self._database.run_script("[users] create_table", table.encode())
            for name in self._table.sql:
                path = self._description.path_of(name)
                self._run_file(path)
            self._run("schema", self._table.schema_command)
            self._created = True
            self._database.grant()

    def tear_down(self) -> None:
        """Run the teardown command, if the schema was made; report a failure on stderr."""
        try:
            if self._created and self._table.teardown:
                with self._database.schema_lock():
                    self._database.revoke()
                    self._run("teardown", self._table.teardown)
        except (TargetError, psycopg.Error) as error:
            print(f"The schema could not be taken down: {error}", file=sys.stderr)

    def _run_file(self, path: Path) -> None:
        try:
            self._database.run_script(f"[database] sql: {path}", path.read_bytes())
        except TargetError as error:
            self._name_extension(f"[database] sql: {path}", str(error))
            raise

    def _name_extension(self, key: str, output: str) -> None:
        """Raise `TargetError` with the sentence for an extension that is not there, if so."""
        if sentence := extension_sentence(output, self._database.kind):
            raise TargetError(f"{self._description.path}: {key} {sentence}.") from None

    def _run(self, key: str, command: Sequence[str]) -> None:
        """Run the command of a key of the table `[database]`, unless it is empty."""
        if not command:
            return
        values = self._placeholders()
        env = {name: fill(text, values) for name, text in self._table.env.items()}
        self._log.unlink(missing_ok=True)
        words = [fill(part, values) for part in command]
        try:
            run(words, log=self._log, env=environment(env), cwd=self._description.folder)
        except TargetError as error:
            shown = " ".join(command)
            self._name_extension(f"[database] {key}: {shown}", last_lines(self._log, LOG_LINES))
            raise TargetError(
                f"{self._description.path}: [database] {key}: {shown} {error}"
            ) from error
