"""The operations on tasks. Each runs one statement, which touches the tasks of one user only."""

import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    update,
)
from sqlmodel import col, select

from server.database import Database
from server.errors import AccessDeniedError, InvalidCredentialsError, TaskNotFoundError
from server.exchange import Rows, Statement
from server.models import Task, User
from server.schemas import TASKS, TaskInput, TaskRead

EARLIEST, LATEST = "'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'"


def _rfc_3339(moment: datetime) -> ColumnElement[str]:
    """Let PostgreSQL write a moment as `UtcText`: Python took ten times as long.

    RFC 3339 has four digits for a year and no infinity. A moment outside is written as the nearest
    one inside: one row that somebody stored by SQL must not take the whole list away.
    """
    # By an interval, not by the name UTC: PostgreSQL 18 looks a name up among the abbreviations of
    # the session's time zone first, and in the zone `UTC+5` UTC is five hours late.
    inside = func.least(func.greatest(moment, literal_column(EARLIEST)), literal_column(LATEST))
    in_utc = func.pg_catalog.timezone(literal_column("INTERVAL '0'"), inside)
    return func.pg_catalog.to_char(in_utc, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""))


# Fields of `TaskRead` that are read. The user id is known from the request: reading it with each
# task of a long list would take more memory than the list itself.
FIELDS = tuple(name for name in TaskRead.model_fields if name != "user_id")
_read = [
    _rfc_3339(column).label(name) if name.endswith("_at") else column
    for name, column in ((name, getattr(Task, name)) for name in FIELDS)
]
# Every statement is about the tasks of one user.
_own = col(Task.user_id) == bindparam("user_id")
_own_one = and_(_own, col(Task.id) == bindparam("task_id"))
_texts: dict[str, BindParameter[str]] = {name: bindparam(name) for name in TaskInput.model_fields}

FIND_USER = Statement(select(User.id).where(User.id == bindparam("user_id")))
IS_FOREIGN = Statement(select(func.public.task_belongs_to_another(bindparam("task_id"))))
LIST = Statement(
    select(*_read).where(_own).order_by(col(Task.created_at).desc(), col(Task.id).desc())
)
CREATE = Statement(insert(Task).values(user_id=bindparam("user_id"), **_texts).returning(*_read))
GET = Statement(select(*_read).where(_own_one))
REPLACE = Statement(update(Task).where(_own_one).values(**_texts).returning(*_read))
# Inverted in the database itself, so that no toggle is ever lost.
TOGGLE = Statement(
    update(Task).where(_own_one).values(is_completed=~col(Task.is_completed)).returning(*_read)
)
DELETE = Statement(delete(Task).where(_own_one).returning(col(Task.id)))

PAGE = 128
"""Tasks of a long list that are in memory as such at a time."""


def account_gone() -> InvalidCredentialsError:
    """Return the error for a valid token whose user is not in the database."""
    # Implements: EC-01
    return InvalidCredentialsError("The account is invalid or deleted.", reason="unknown_user")


def pages(rows: Rows, user_id: str) -> Iterator[list[TaskRead]]:
    """Yield a user's tasks page by page, so that a long list takes little memory but its rows."""
    # Implements: FR-007, US5-AS4
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        tasks = [dict(zip(FIELDS, row, strict=True), user_id=user_id) for row in page]
        yield TASKS.validate_python(tasks)


class Tasks:
    """The tasks of one user. Each method is one transaction, and one round trip.

    Only a request for a task that is not the user's makes a second one.
    """

    def __init__(self, database: Database, user_id: str, spent: float = 0.0) -> None:
        self._database = database
        self._user_id = user_id
        self._known = False
        # Left of this request's time; some may have gone into waiting for the issuer's keys.
        self._seconds = database.seconds - spent

    async def _ask(self, *statements: Statement, **values: object) -> list[Rows]:
        """Look the user up and do the work, in that order. Raises `account_gone()`."""
        # Implements: EC-01, FR-012, SR-003
        values["user_id"] = self._user_id
        work = [(statement, values) for statement in (FIND_USER, *statements)]
        started = time.monotonic()
        found, *rows = await self._database.transact(self._user_id, work, self._seconds)
        self._seconds -= time.monotonic() - started
        if not found:
            raise account_gone()
        self._known = True
        return rows

    async def _on_one(self, statement: Statement, task_id: UUID, **values: object) -> Rows:
        """Work on one task; if it is not found, tell another user's from none, reading neither."""
        # Implements: SR-005, SC-004, US3-AS3, US3-AS4, US4-AS3, US4-AS4, US5-AS2, US5-AS3
        (rows,) = await self._ask(statement, task_id=task_id, **values)
        if rows:
            return rows
        # Asked only now: it is the one question that no index of this user's tasks answers.
        (foreign,) = await self._ask(IS_FOREIGN, task_id=task_id)
        if foreign[:] == [(True,)]:
            raise AccessDeniedError("This task belongs to another user.", reason="foreign_task")
        raise TaskNotFoundError("There is no task of this id.")

    def _only(self, rows: Rows) -> TaskRead:
        ((found,), *_) = pages(rows, self._user_id)
        return found

    async def check_user(self) -> None:
        """Raise `InvalidCredentialsError` if the database does not know the user."""
        # Implements: EC-01
        if not self._known:
            await self._ask()

    async def newest_first(self) -> Iterator[list[TaskRead]]:
        """Return all tasks, the latest created first, in pages."""
        # Implements: FR-007, FR-012, SR-003, US2-AS2, SC-002, SC-009
        (rows,) = await self._ask(LIST)
        return pages(rows, self._user_id)

    async def create(self, given: TaskInput) -> TaskRead:
        """Add a task; the database makes its id and its timestamps."""
        # Implements: FR-006, FR-016, SR-009, SR-012, US2-AS1, SC-001
        try:
            (rows,) = await self._ask(CREATE, **given.model_dump())
        except ForeignKeyViolation:
            raise account_gone() from None
        return self._only(rows)

    async def get(self, task_id: UUID) -> TaskRead:
        """Return one task. Raises `AccessDeniedError` or `TaskNotFoundError`, as do all below."""
        # Implements: FR-008, US5-AS1, US5-AS4
        return self._only(await self._on_one(GET, task_id))

    async def replace(self, task_id: UUID, given: TaskInput) -> TaskRead:
        """Set title and description; a description that was not given becomes null."""
        # Implements: FR-009, FR-017, SR-009, US3-AS1, EC-05
        return self._only(await self._on_one(REPLACE, task_id, **given.model_dump()))

    async def toggle(self, task_id: UUID) -> TaskRead:
        """Toggle completion."""
        # Implements: FR-011, FR-017, US4-AS1, US4-AS2, SC-008
        return self._only(await self._on_one(TOGGLE, task_id))

    async def delete(self, task_id: UUID) -> None:
        """Remove a task for good."""
        # Implements: FR-010, US3-AS2
        await self._on_one(DELETE, task_id)
