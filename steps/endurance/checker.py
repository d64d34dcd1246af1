"""Compares what clients were told with what is in the database.

Every row must be in a state that its user's history allows, and every acknowledged write must be
there. What differs has a kind: lost, resurrected, foreign, half, duplicate, toggle, changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import psycopg

from steps.endurance.history import Content, History, Wrong

ROWS_SQL = """
SELECT id::text, user_id, title, description, is_completed,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM {table} WHERE user_id = ANY(%(users)s) OR strpos(title, %(mark)s) > 0
"""
NUMBER = re.compile(r"^(\S+) (?:title|description) (\d+) of (\S+)$")


class Row(NamedTuple):
    """A row of the table of tasks; moments are texts as the API has them."""

    id: str
    user: str
    title: str
    description: str | None
    completed: bool
    created_at: str
    updated_at: str

    @property
    def content(self) -> Content:
        """What the user said of it."""
        return Content(self.title, self.description, self.completed)


@dataclass(frozen=True)
class Compared:
    """What came of comparing."""

    rows: int
    wrong: tuple[Wrong, ...]
    stored_unacknowledged: int
    """Writes that were stored although no client was told so: allowed."""


def read_rows(
    connection: psycopg.Connection[Any], histories: Sequence[History], table: str = "tasks"
) -> list[Row]:
    """Return the rows of these users, and those of others that carry a text of theirs."""
    values = {"users": [one.user for one in histories], "mark": histories[0].mark}
    found = connection.execute(ROWS_SQL.format(table=table).encode(), values)
    return [Row(*row) for row in cast("Iterable[tuple[Any, ...]]", found)]


def compare(histories: Sequence[History], rows: Iterable[Row]) -> Compared:
    """Compare the histories of all clients with all rows that are theirs or carry their texts."""
    everything = list(rows)
    by_user: dict[str, list[Row]] = {one.user: [] for one in histories}
    wrong: list[Wrong] = []
    for row in everything:
        if row.user in by_user:
            by_user[row.user].append(row)
        else:
            wrong.append(Wrong("foreign", f"{row.user}: {row.id} is {row.title!r}"))
    stored = 0
    for history in histories:
        found, count = _compare_user(history, by_user[history.user])
        wrong += found
        stored += count
    return Compared(len(everything), tuple(wrong), stored)


def _compare_user(history: History, rows: Sequence[Row]) -> tuple[list[Wrong], int]:
    """Return what is wrong with the rows of one user, and how many unacknowledged are stored."""
    wrong: list[Wrong] = []
    stored = 0
    titles: dict[str, str] = {}
    for row in rows:
        if row.title in titles:
            wrong.append(
                Wrong("duplicate", f"{row.user}: {row.id} has the title of {titles[row.title]}")
            )
        titles[row.title] = row.id
        kind = _kind(history, row)
        if kind:
            wrong.append(Wrong(kind, f"{row.user}: {row.id} is {row.content}"))
        task = history.tasks.get(row.id)
        if task is None:
            stored += row.content._replace(completed=False) in history.unacknowledged
        elif not task.certain and row.content != task.possible[0]:
            stored += 1
    present = {row.id for row in rows}
    for identity, task in history.tasks.items():
        if identity in present:
            continue
        if None in task.possible:
            stored += 1
        else:
            wrong.append(Wrong("lost", f"{history.user}: {identity} is not there"))
    return wrong, stored


def _kind(history: History, row: Row) -> str:
    """Return what is wrong with a row; empty: nothing."""
    if row.id in history.deleted:
        return "resurrected"
    written = [NUMBER.match(text or "") for text in (row.title, row.description)]
    owners = {match[3] for match in written if match}
    if owners - {history.user}:
        return "foreign"
    task = history.tasks.get(row.id)
    if task is None:
        if row.content in history.unacknowledged:
            return ""
        # A title of one write beside the description of another, or a copy under a new id.
        return "half" if _halves(written) else "foreign"
    if row.content in task.possible:
        if row.created_at != task.created_at:
            return "changed"
        return "changed" if task.certain and row.updated_at != task.updated_at else ""
    if any(
        one is not None and one._replace(completed=row.completed) == row.content
        for one in task.possible
    ):
        return "toggle"
    if _halves(written):
        return "half"
    # What an acknowledged write had replaced is there again: that write is lost.
    return "lost" if row.content in task.earlier else "changed"


def _halves(written: Sequence[re.Match[str] | None]) -> bool:
    """Return whether title and description are of two writes."""
    numbers = {match[2] for match in written if match}
    return len(numbers) > 1 and None not in written
