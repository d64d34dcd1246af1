"""Lies that are planted in the database: the checker must name each of them.

They are told on a copy of the table that only one connection sees and that has no constraint and no
trigger, each inside a savepoint: the database itself stays as the run has left it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from steps.endurance.checker import compare, read_rows
from steps.endurance.history import History, texts

COPY = "scratch_tasks"


@dataclass(frozen=True)
class Lie:
    """One change behind the clients' backs, and the word by which the checker must name it."""

    name: str
    kind: str
    statement: str


LIES = (
    Lie("a row is deleted", "lost", "DELETE FROM {t} WHERE id::text = %(task)s"),
    Lie(
        "a title is changed",
        "changed",
        "UPDATE {t} SET title = 'Something else' WHERE id::text = %(task)s",
    ),
    Lie(
        "a description is changed",
        "changed",
        "UPDATE {t} SET description = NULL WHERE id::text = %(task)s",
    ),
    Lie(
        "a completion is turned",
        "toggle",
        "UPDATE {t} SET is_completed = NOT is_completed WHERE id::text = %(task)s",
    ),
    Lie(
        "title of one write, description of another",
        "half",
        "UPDATE {t} SET description = %(other_description)s WHERE id::text = %(task)s",
    ),
    Lie(
        "an acknowledged change is undone",
        "lost",
        "UPDATE {t} SET title = %(old_title)s, description = %(old_description)s, "
        "is_completed = %(old_completed)s WHERE id::text = %(replaced)s",
    ),
    Lie(
        "a row is copied to another user",
        "foreign",
        "INSERT INTO {t} SELECT gen_random_uuid(), %(neighbour)s, title, description, "
        "is_completed, created_at, updated_at FROM {t} WHERE id::text = %(task)s",
    ),
    Lie(
        "a row is given to another user",
        "foreign",
        "UPDATE {t} SET user_id = %(neighbour)s WHERE id::text = %(task)s",
    ),
    Lie(
        "a row is given to a user without any load",
        "foreign",
        "UPDATE {t} SET user_id = 'somebody-else' WHERE id::text = %(task)s",
    ),
    Lie(
        "a row is there twice",
        "duplicate",
        "INSERT INTO {t} SELECT gen_random_uuid(), user_id, title, description, is_completed, "
        "created_at, updated_at FROM {t} WHERE id::text = %(task)s",
    ),
    Lie(
        "a deleted row is back",
        "resurrected",
        "INSERT INTO {t} VALUES (%(deleted)s::uuid, %(deleted_user)s, %(deleted_title)s, NULL, "
        "false, now(), now())",
    ),
    Lie(
        "a row that nobody made",
        "foreign",
        "INSERT INTO {t} VALUES (gen_random_uuid(), %(user)s, 'From nowhere', NULL, false, "
        "now(), now())",
    ),
    Lie(
        "created_at is changed",
        "changed",
        "UPDATE {t} SET created_at = created_at - interval '1 second' WHERE id::text = %(task)s",
    ),
    Lie(
        "updated_at is set back",
        "changed",
        "UPDATE {t} SET updated_at = updated_at - interval '1 microsecond' "
        "WHERE id::text = %(task)s",
    ),
)


@dataclass(frozen=True)
class Told:
    """Which lies were told, and which of them the checker did not name."""

    told: int
    unnoticed: tuple[str, ...]


def tell_all(connection: psycopg.Connection[Any], histories: Sequence[History]) -> Told:
    """Tell every lie for which the run has left a fitting row; return those that passed.

    The connection is a superuser's; the copy ends with its transaction.
    """
    values = _victims(histories)
    told, unnoticed = 0, []
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TEMP TABLE {COPY} AS TABLE tasks".encode())
        before = set(compare(histories, read_rows(connection, histories, COPY)).wrong)
        for lie in LIES:
            if any(
                f"%({name})s" in lie.statement for name, value in values.items() if value is None
            ):
                continue
            with connection.transaction(force_rollback=True):
                connection.execute(lie.statement.format(t=COPY).encode(), values)
                after = compare(histories, read_rows(connection, histories, COPY))
            told += 1
            if lie.kind not in {one.kind for one in set(after.wrong) - before}:
                unnoticed.append(lie.name)
    return Told(told, tuple(unnoticed))


def _victims(histories: Sequence[History]) -> Mapping[str, Any]:
    """Return the values of the statements; None: the run has left no such row."""
    values: dict[str, Any] = dict.fromkeys(
        ("task", "user", "other_description", "neighbour", "replaced", "old_title")
    ) | dict.fromkeys(("old_description", "old_completed", "deleted", "deleted_user"))
    values["deleted_title"] = None
    for history, neighbour in zip(histories, [*histories[1:], histories[0]], strict=True):
        for identity, task in history.tasks.items():
            if not task.certain:
                continue
            if values["task"] is None and neighbour is not history:
                values |= {"task": identity, "user": history.user, "neighbour": neighbour.user}
                # A number that the write of this row cannot have.
                another = texts(history.mark, history.user, history.writes + 1)
                values["other_description"] = another[1]
            if values["replaced"] is None and task.earlier and task.possible[0] is not None:
                old = task.earlier[0]
                if old.title != task.possible[0].title:
                    values |= {"replaced": identity, "old_title": old.title}
                    values |= {"old_description": old.description, "old_completed": old.completed}
        if values["deleted"] is None and history.deleted:
            identity, content = next(iter(history.deleted.items()))
            values |= {"deleted": identity, "deleted_user": history.user}
            values["deleted_title"] = content.title
    return values
