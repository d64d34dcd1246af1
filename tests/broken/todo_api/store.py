"""Every statement that the server sends, each of them atomic and committed by itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg

from . import wrong
from .addresses import UUID
from .bodies import Content
from .faults import broken, differs
from .layouts import laid_out
from .layouts import row as row_of_layout
from .layouts import statement as statement_of_layout
from .pool import Pool
from .problems import Problem, unauthenticated
from .wrong import instead, put_together

Row = dict[str, Any]
Id = uuid.UUID | int

EXISTS = "SELECT 1 AS found FROM users WHERE id = %(user)s"
ADD_USER = "INSERT INTO users (id, email) VALUES (%(user)s, %(email)s) RETURNING id"
LIST = "SELECT * FROM tasks WHERE user_id = %(user)s ORDER BY created_at DESC, id DESC"
READ = "SELECT * FROM tasks WHERE user_id = %(user)s AND id = %(task)s"
CREATE = (
    "INSERT INTO tasks (user_id, title, description) "
    "VALUES (%(user)s, %(title)s, %(description)s) RETURNING *"
)
UPDATE = (
    "UPDATE tasks SET title = %(title)s, description = %(description)s, "
    "updated_at = clock_timestamp() WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
)
TOGGLE = (
    "UPDATE tasks SET is_completed = NOT is_completed, updated_at = clock_timestamp() "
    "WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
)
DELETE = "DELETE FROM tasks WHERE user_id = %(user)s AND id = %(task)s RETURNING *"
TAKEN = "SELECT is_taken(%(task)s)"


class Store:
    """Tasks and users, as the tables hold them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._cache: dict[str, list[Row]] = {}
        self._read: dict[Id, Row] = {}
        self._half_done: list[str | None] = []
        self._being_deleted: set[Id] = set()
        self._readers = 0

    async def exists(self, user: str) -> bool:
        """Return whether the user exists, where there is a table of users."""
        if laid_out("no-users"):
            return True
        if differs("uuid-users") and not UUID.fullmatch(user):
            return False
        return bool(await self._rows(EXISTS, user=user))

    async def add_user(self, user: str, email: str) -> None:
        """Add a user, as only the identity provider should."""
        await self._rows(ADD_USER, user=user, email=email)

    async def all_of(self, user: str) -> list[Row]:
        """Return a user's tasks, newest first."""
        self._readers += 1
        try:
            if self._readers > 15 and broken("frozen-by-a-crowd"):
                time.sleep(3600)
            return await self._all_of(user)
        finally:
            self._readers -= 1

    async def _all_of(self, user: str) -> list[Row]:
        if user not in self._cache:
            rows = await self._rows(instead(wrong.LISTS, LIST), user=user)
            if not broken("cached-list"):
                return rows
            self._cache[user] = rows
        return self._cache[user]

    async def one(self, user: str, task: Id) -> Row:
        """Return one task. Raises a `Problem` of 403 or 404, as all that follow do."""
        if broken("reads-cached") and task in self._read:
            return self._read[task]
        self._read[task] = await self._first(instead(wrong.READS, READ), user, task)
        return self._read[task]

    async def create(self, user: str, content: Content) -> Row:
        """Store a new task. Raises a 401 `Problem` if its user is deleted meanwhile."""
        values = {"user": user, "title": content.title, "description": content.description}
        if broken("body-names-the-owner"):
            values["user"] = content.more.get("user_id", user)
        if broken("failure-swallowed"):
            return await self._create_anyway(values)
        create = put_together(content.title).encode() if broken("sql-from-text") else CREATE
        try:
            return (await self._rows(create, **values))[0]
        except psycopg.errors.ForeignKeyViolation as error:
            if broken("lost-user-crash"):
                raise
            raise unauthenticated("The account is invalid or deleted.") from error

    async def update(self, user: str, task: Id, content: Content) -> Row:
        """Replace title and description."""
        values = {"title": content.title, "description": content.description}
        if broken("refused-but-written"):
            await self._rows(wrong.UPDATE_ANYBODYS, task=task, **values)
        if broken("lost-update-crash"):
            await self.one(user, task)
            return (await self._rows(UPDATE, user=user, task=task, **values))[0]
        if broken("torn-updates"):
            return await self._update_torn(user, task, content)
        return await self._first(instead(wrong.UPDATES, UPDATE), user, task, **values)

    async def _update_torn(self, user: str, task: Id, content: Content) -> Row:
        """Replace the title, and the description a while later: updates overtake others."""
        await self._first(wrong.UPDATE_TITLE, user, task, title=content.title)
        self._half_done.append(content.description)
        await asyncio.sleep(0.2)
        description = self._half_done.pop()
        return await self._first(wrong.UPDATE_DESCRIPTION, user, task, description=description)

    async def toggle(self, user: str, task: Id) -> Row:
        """Toggle the completion."""
        if broken("read-then-write"):
            before = await self._looked_at(user, task)
            return await self._first(wrong.SET_COMPLETED, user, task, to=not before["is_completed"])
        return await self._first(instead(wrong.TOGGLES, TOGGLE), user, task)

    async def delete(self, user: str, task: Id) -> None:
        """Remove a task for good."""
        if broken("read-then-delete"):
            await self.one(user, task)
            await self._rows(DELETE, user=user, task=task)
            return
        if broken("lost-race-crash"):
            await self.one(user, task)
            (await self._rows(DELETE, user=user, task=task))[0]
            return
        if task in self._being_deleted and broken("frozen-by-a-race"):
            time.sleep(3600)  # whatever blocks an event loop for good
        self._being_deleted.add(task)
        try:
            await self._delete(user, task)
        finally:
            self._being_deleted.discard(task)

    async def _delete(self, user: str, task: Id) -> None:
        await self._first(instead(wrong.DELETES, DELETE), user, task)

    async def _first(self, statement: LiteralString, user: str, task: Id, **more: Any) -> Row:
        rows = await self._rows(statement, user=user, task=task, **more)
        if rows:
            return rows[0]
        if (await self._rows(TAKEN, task=task))[0]["is_taken"] and not broken("foreign-task-404"):
            raise Problem(403, "The task belongs to somebody else.")
        raise Problem(404, "There is no such task.")

    async def _looked_at(self, user: str, task: Id) -> Row:
        """Read a task first and wait, so that another request surely comes in between."""
        row = await self.one(user, task)
        await asyncio.sleep(0.2)
        return row

    async def _rows(self, statement: LiteralString | bytes, **values: Any) -> list[Row]:
        text = statement if isinstance(statement, bytes) else statement.encode()
        text = statement_of_layout(text.decode()).encode()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(text, values or None)
            rows = [row_of_layout(row) for row in await cursor.fetchall()]
        if statement[:6] != "SELECT":
            self._cache.clear()
            self._read.pop(values.get("task", 0), None)
        return rows

    async def _create_anyway(self, values: dict[str, Any]) -> Row:
        """Answer with a task, whether or not there is one."""
        with contextlib.suppress(psycopg.IntegrityError):
            return (await self._rows(CREATE, **values))[0]
        now = datetime.now(UTC)
        made_up = {"id": uuid.uuid4(), "user_id": values["user"], "is_completed": False}
        return made_up | values | {"created_at": now, "updated_at": now}
