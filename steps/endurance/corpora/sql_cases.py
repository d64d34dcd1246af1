"""Statements of the server's role in one user's name (`sql.jsonl`), and what comes of them.

`expected`, or each of a list where installations differ, is an SQLSTATE; `no rows` (nothing comes,
or nothing is changed); `own rows` (what comes holds nothing of the other user); or `allowed`: what
the role can do itself, so that it is said. Placeholders: `user`, `other`, `task`, `foreign`,
`unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import Connection, Cursor

from steps.endurance.corpora.placeholders import fill
from steps.endurance.corpora.reader import FOLDER, Outcome, read_cases

WORDS = ("no rows", "own rows", "allowed")
AS_USER = "SELECT set_config('app.user_id', %s, false)"
STATEMENT_MS = 3000
"""Milliseconds that a statement may take."""
KEPT = "SELECT md5(string_agg(t::text, ';' ORDER BY t.id)) FROM public.tasks t"


@dataclass(frozen=True)
class SqlCase:
    """A line of the file."""

    why: str
    sql: str
    expected: str | list[str]
    transaction: bool = True
    """Whether a transaction that is rolled back is around it; some statements run in none."""

    def __post_init__(self) -> None:
        if not isinstance(self.sql, str) or not self.sql.strip():
            raise ValueError("'sql' has to be one or more statements")
        if not self.answers or not all(
            one in WORDS or re.fullmatch("[0-9A-Z]{5}", str(one)) for one in self.answers
        ):
            raise ValueError(f"'expected' has to be an SQLSTATE or one of {', '.join(WORDS)}")

    @property
    def answers(self) -> list[str]:
        return self.expected if isinstance(self.expected, list) else [self.expected]


def read_sql() -> list[SqlCase]:
    """Read the file. Raises `CorpusError`."""
    return read_cases(SqlCase, FOLDER / "sql.jsonl")


def play_sql(
    url: str, cases: Sequence[SqlCase], values: Mapping[str, str], secrets: Sequence[str]
) -> Iterator[Outcome[SqlCase]]:
    """Run each statement in the name of `user`, in a transaction of its own that is rolled back.

    `url` is that of the server's role. What a statement returns must not hold one of the `secrets`,
    and the rows of `other` must be the same before and after it, within its transaction too.
    """
    connection = _connect(url)
    try:
        kept = _rows_of(connection, values["other"])
        for case in cases:
            if connection.closed:
                connection = _connect(url)
            came, shown = _run(connection, case, values)
            ok = came in case.answers or (came == "no rows" and "own rows" in case.answers)
            if "allowed" in case.answers:
                ok = ok or came in WORDS
            else:
                if any(secret in shown for secret in secrets):
                    came, ok = f"{came}, with rows of the other user,", False
                elif _rows_of(connection, values["other"]) != kept:
                    came, ok = f"{came}, and a change of the other user's rows,", False
            _undo(connection)
            yield Outcome(case, came, ok)
    finally:
        connection.close()


def _connect(url: str) -> Connection[tuple[object, ...]]:
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
    connection.execute(f"SET statement_timeout = {STATEMENT_MS}")
    return connection


def _run(
    connection: Connection[tuple[object, ...]], case: SqlCase, values: Mapping[str, str]
) -> tuple[str, str]:
    """Return what came, in the words of the file, and all that was shown."""
    notices: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        notices.append(notice.message_primary or "")

    connection.add_notice_handler(note)
    statement, shown, changed = fill(case.sql, values), "", 0
    if case.transaction:
        connection.execute("BEGIN")
    connection.execute(AS_USER, (values["user"],))
    try:
        cursor = connection.cursor()
        if re.match(r"\s*COPY\b.*\bTO STDOUT", statement, re.IGNORECASE | re.DOTALL):
            with cursor.copy(statement.encode()) as copy:
                shown = "\n".join(bytes(row).decode() for row in copy)
            changed = len(shown)
        else:
            cursor.execute(statement.encode())
            shown, changed = _results(cursor)
    except psycopg.Error as error:
        details = (error.diag.message_primary, error.diag.message_detail, error.diag.context)
        return error.sqlstate or type(error).__name__, " ".join(str(one) for one in details)
    finally:
        connection.remove_notice_handler(note)
    return "own rows" if changed else "no rows", shown + " ".join(notices)


def _results(cursor: Cursor[tuple[object, ...]]) -> tuple[str, int]:
    """Return all results as text, and how many rows the last one returned or changed."""
    shown, changed = "", 0
    while True:
        changed = max(cursor.rowcount, 0)
        if cursor.description:
            shown += repr(cursor.fetchall())
        if not cursor.nextset():
            return shown, changed


def _rows_of(connection: Connection[tuple[object, ...]], user: str) -> object:
    """Return a digest of a user's rows; None in a transaction that has failed and keeps nothing."""
    try:
        connection.execute(AS_USER, (user,))
        return connection.execute(KEPT).fetchall()
    except psycopg.errors.InFailedSqlTransaction:
        connection.execute("ROLLBACK")
        return _rows_of(connection, user)


def _undo(connection: Connection[tuple[object, ...]]) -> None:
    connection.execute("ROLLBACK")
    connection.execute("DISCARD ALL")
    connection.execute(f"SET statement_timeout = {STATEMENT_MS}")
