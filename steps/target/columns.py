"""What the tables and columns of the tasks are called in a database, found in its catalogue.

The spec names the fields of a task, and no column. A name that the catalogue does not show is asked
for in the target file, and what depends on it does not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from psycopg import sql

from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

Execute = Callable[[str, Mapping[str, Any] | None], Sequence[Any]]

COLUMNS_SQL = """
SELECT attname, format_type(atttypid, NULL),
    EXISTS (SELECT FROM pg_constraint
        WHERE conrelid = attrelid AND contype = 'p' AND conkey = ARRAY[attnum]),
    (SELECT a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = c.confkey[1]
        WHERE c.conrelid = p.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[p.attnum]
            AND c.confrelid = to_regclass(%(users)s) LIMIT 1)
FROM pg_attribute p
WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
TABLES_SQL = """
SELECT format('%I.%I', schemaname, tablename), tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
USUAL_NAMES: Mapping[str, frozenset[str]] = {
    "id": frozenset({"taskid", "todoid", "uuid"}),
    "user_id": frozenset({"ownerid", "owner", "user", "userid", "authorid", "createdby"}),
    "title": frozenset({"name", "summary", "subject", "tasktitle"}),
    "description": frozenset({"details", "notes", "note", "body", "content", "taskdescription"}),
    "is_completed": frozenset({"completed", "complete", "iscomplete", "done", "isdone"}),
    "created_at": frozenset({"created", "createdon", "creationdate", "datecreated", "createdtime"}),
    "updated_at": frozenset(
        {"updated", "updatedon", "modified", "modifiedat", "lastmodified", "dateupdated"}
    ),
}
"""Names of columns, in lower case and without `_`, that are taken for a field of the spec."""
TABLE_NAMES = re.compile("(?i)(user)?_?(task|todo)(s|_?items?)?")


@dataclass(frozen=True)
class Column:
    """A column of the table of tasks."""

    name: str
    type: str
    primary: bool
    """Whether it alone is the primary key."""
    references: str | None
    """Name of the users' column that it refers to."""


class Columns:
    """The names of one database's tables and columns, looked up when they are first needed.

    `tables` are the names that the target file gives for `tasks` and `users`, `named` the columns
    that it names, and `fields` what the API calls the fields of a task.
    """

    def __init__(
        self,
        execute: Execute,
        tables: Mapping[str, str],
        named: Mapping[str, str],
        fields: Mapping[str, str],
    ) -> None:
        self._execute = execute
        self._tables = tables
        self._named = named
        self._fields = fields
        self._columns: Sequence[Column] = ()
        self._found_table = ""

    @property
    def tasks(self) -> str:
        """The table of the tasks, as SQL. Raises `NotRun` when the catalogue shows none."""
        self._read()
        return self._found_table

    @property
    def users(self) -> str:
        """The table of the users, as SQL."""
        return self._tables["users"]

    def plain(self, field: str) -> str:
        """Return the name of the column that holds a field of the spec.

        Raises `NotRun` when the catalogue does not show it.
        """
        self._read()
        return self._column(field).name

    def users_id(self) -> str:
        """Return the name of the users' column that identifies them; `id` where none is shown."""
        self._read()
        referred = next((one.references for one in self._columns if one.references), None)
        if referred is None:
            keys = [one.name for one in self._columns_of(self.users) if one.primary]
            referred = keys[0] if keys else "id"
        return referred

    def quoted(self, field: str) -> str:
        """Return the same as SQL. `users_id` is the key of the users."""
        name = self.users_id() if field == "users_id" else self.plain(field)
        return sql.Identifier(name).as_string(None)

    def _read(self) -> None:
        """Find the table and its columns once; a table may come only with the first request."""
        if self._columns:
            return
        for name in (self._tables["tasks"], *self._similar_tables()):
            if columns := self._columns_of(name):
                self._found_table, self._columns = name, columns
                return
        self._cannot_find_table()

    def _similar_tables(self) -> list[str]:
        """Return the one table that is called like one of tasks, if the file names none."""
        if self._tables["tasks"] != "tasks":
            return []
        found = [name for name, plain in self._all_tables() if TABLE_NAMES.fullmatch(plain)]
        return found if len(found) == 1 else []

    def _all_tables(self) -> list[tuple[str, str]]:
        return [(str(full), str(plain)) for full, plain in self._execute(TABLES_SQL, None)]

    def _columns_of(self, table: str) -> list[Column]:
        rows = self._execute(COLUMNS_SQL, {"table": table, "users": self.users})
        return [Column(*row) for row in rows]

    def _column(self, field: str) -> Column:
        if given := self._named.get(field):
            found = [one for one in self._columns if one.name == given]
            return found[0] if found else self._cannot_find(field, f"there is no {given}")
        wanted = [field, self._fields.get(field, field)]
        for candidates in (
            [one for one in self._columns if one.name in wanted],
            [one for one in self._columns if _simple(one.name) in map(_simple, wanted)],
            self._by_role(field),
            [one for one in self._columns if _simple(one.name) in USUAL_NAMES[field]],
        ):
            if len(candidates) == 1:
                return candidates[0]
        return self._cannot_find(field, "none is called so")

    def _by_role(self, field: str) -> list[Column]:
        """Return the columns whose constraint or type shows what they hold."""
        if field == "id":
            return [one for one in self._columns if one.primary]
        if field == "user_id":
            return [one for one in self._columns if one.references]
        if field == "is_completed":
            return [one for one in self._columns if one.type == "boolean"]
        return []

    def _cannot_find(self, field: str, why: str) -> NoReturn:
        names = ", ".join(one.name for one in self._columns)
        raise NotRun(
            f"{TARGET_CANNOT}show in which column of {self._found_table} the {field} is: {why} "
            f"(it has {names}); name it as {field} in [database.columns] of the target file"
        )

    def _cannot_find_table(self) -> NoReturn:
        names = ", ".join(plain for _, plain in self._all_tables()) or "none"
        raise NotRun(
            f"{TARGET_CANNOT}show its tasks in the database: there is no table "
            f"{self._tables['tasks']} (its tables: {names}); name it as tasks in [database] of the "
            "target file"
        )


def _simple(name: str) -> str:
    """Return a name in lower case and without `_`, as `userid` for `user_id` and `userId`."""
    return name.lower().replace("_", "")
