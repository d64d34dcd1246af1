"""The statements of the broken variants of this server."""

from __future__ import annotations

from typing import LiteralString

from .faults import broken

LISTS: dict[str, LiteralString] = {
    "oldest-first": "SELECT * FROM tasks WHERE user_id = %(user)s ORDER BY created_at, id",
    "ties-in-any-order": "SELECT * FROM tasks WHERE user_id = %(user)s "
    "ORDER BY created_at DESC, id",
    "sorted-by-change": "SELECT * FROM tasks WHERE user_id = %(user)s "
    "ORDER BY updated_at DESC, id DESC",
    "hundred-at-most": "SELECT * FROM tasks WHERE user_id = %(user)s "
    "ORDER BY created_at DESC, id DESC LIMIT 100",
    "others-listed": "SELECT * FROM tasks WHERE user_id = %(user)s "
    "OR id IN (SELECT id FROM tasks ORDER BY created_at DESC LIMIT 100) "
    "ORDER BY created_at DESC, id DESC",
}
READS: dict[str, LiteralString] = {
    "anybody-reads": "SELECT * FROM tasks WHERE id = %(task)s",
}
UPDATES: dict[str, LiteralString] = {
    "put-is-patch": "UPDATE tasks SET title = %(title)s, "
    "description = coalesce(%(description)s, description), updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
    "put-reopens": "UPDATE tasks SET title = %(title)s, description = %(description)s, "
    "is_completed = false, updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
    "updated-never": "UPDATE tasks SET title = %(title)s, description = %(description)s "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
    "created-again": "UPDATE tasks SET title = %(title)s, description = %(description)s, "
    "created_at = clock_timestamp(), updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
}
TOGGLES: dict[str, LiteralString] = {
    "reopening-unnoticed": "UPDATE tasks SET is_completed = NOT is_completed, "
    "updated_at = CASE WHEN is_completed THEN updated_at ELSE clock_timestamp() END "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
    "sorted-by-change": "UPDATE tasks SET is_completed = NOT is_completed "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
    "updated-never": "UPDATE tasks SET is_completed = NOT is_completed "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *",
}
UPDATE_ANYBODYS: LiteralString = (
    "UPDATE tasks SET title = %(title)s, description = %(description)s, "
    "updated_at = clock_timestamp() WHERE id = %(task)s RETURNING *"
)
UPDATE_TITLE: LiteralString = (
    "UPDATE tasks SET title = %(title)s, updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
)
UPDATE_DESCRIPTION: LiteralString = (
    "UPDATE tasks SET description = %(description)s, updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
)
SET_COMPLETED = (
    "UPDATE tasks SET is_completed = %(to)s, updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
)
DELETES: dict[str, LiteralString] = {
    "anybody-deletes": "DELETE FROM tasks WHERE id = %(task)s RETURNING *",
}


def instead(statements: dict[str, LiteralString], right: LiteralString) -> LiteralString:
    """Return the statement of a fault that is switched on, the right one without."""
    return next((wrong for name, wrong in statements.items() if broken(name)), right)


def put_together(title: str) -> str:
    """Return an INSERT with a title in the middle of it, as it was sent."""
    values = f"(%(user)s, '{title.replace('%', '%%')}', %(description)s)"
    start = "INSERT INTO tasks (user_id, title, description) VALUES"
    return " ".join([start, values, "RETURNING *"])
