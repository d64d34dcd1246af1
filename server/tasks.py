"""What can be done with tasks: one statement each, every one of them of one user only."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.errors import AccessDeniedError, ApiError, InvalidCredentialsError, TaskNotFoundError
from server.models import Task, User
from server.schemas import TaskInput


def account_gone() -> InvalidCredentialsError:
    """Say that a good token names a user whom the database does not have."""
    # Implements: EC-01
    return InvalidCredentialsError("The account is invalid or deleted.", reason="unknown_user")


class Tasks:
    """The tasks of one user, in the transaction of one request."""

    def __init__(self, session: AsyncSession, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def _own(self, task_id: UUID) -> ColumnElement[bool]:
        # Implements: FR-012, SR-003
        return and_(col(Task.id) == task_id, col(Task.user_id) == self._user_id)

    async def _missing(self, task_id: UUID) -> ApiError:
        """Tell a foreign task from none, without reading a row of it."""
        # Implements: SR-005, SC-004, US3-AS3, US3-AS4, US4-AS3, US4-AS4, US5-AS2, US5-AS3
        foreign = await self._session.exec(select(func.task_belongs_to_another(task_id)))
        if foreign.one():
            return AccessDeniedError("This task belongs to another user.", reason="foreign_task")
        return TaskNotFoundError("There is no task of this id.")

    async def check_user(self) -> None:
        """Raise `InvalidCredentialsError` if the database does not know the user."""
        # Implements: EC-01
        known = await self._session.exec(select(User.id).where(User.id == self._user_id))
        if known.first() is None:
            raise account_gone()

    async def newest_first(self) -> Sequence[Task]:
        """Give all tasks, the latest created first."""
        # Implements: FR-007, FR-012, SR-003, US2-AS2, SC-002, SC-009
        statement = (
            select(Task)
            .where(Task.user_id == self._user_id)
            .order_by(col(Task.created_at).desc(), col(Task.id).desc())
        )
        return (await self._session.exec(statement)).all()

    async def create(self, given: TaskInput) -> Task:
        """Add a task; its id and its timestamps are made by the database."""
        # Implements: FR-006, FR-016, SR-009, SR-012, US2-AS1, SC-001
        values = {"user_id": self._user_id, **given.model_dump()}
        try:
            result = await self._session.exec(insert(Task).values(values).returning(Task))
        except IntegrityError:  # the user was deleted since the token was checked
            raise account_gone() from None
        task: Task = result.scalar_one()
        return task

    async def get(self, task_id: UUID) -> Task:
        """Give one task. This and all below: `AccessDeniedError` or `TaskNotFoundError`."""
        # Implements: FR-008, US5-AS1, US5-AS4
        task = (await self._session.exec(select(Task).where(self._own(task_id)))).first()
        if task is None:
            raise await self._missing(task_id)
        return task

    async def replace(self, task_id: UUID, given: TaskInput) -> Task:
        """Set title and description; a description that was not given becomes null."""
        # Implements: FR-009, FR-017, SR-009, US3-AS1, EC-05
        return await self._change(task_id, **given.model_dump())

    async def toggle(self, task_id: UUID) -> Task:
        """Turn completion around in the database itself, so that no toggle is ever lost."""
        # Implements: FR-011, FR-017, US4-AS1, US4-AS2, SC-008
        return await self._change(task_id, is_completed=~col(Task.is_completed))

    async def _change(self, task_id: UUID, **values: object) -> Task:
        # Implements: FR-017, EC-05, SC-008
        statement = update(Task).where(self._own(task_id)).values(values).returning(Task)
        task: Task | None = (await self._session.exec(statement)).scalar_one_or_none()
        if task is None:
            raise await self._missing(task_id)
        return task

    async def delete(self, task_id: UUID) -> None:
        """Remove a task for good."""
        # Implements: FR-010, US3-AS2
        statement = delete(Task).where(self._own(task_id)).returning(col(Task.id))
        if (await self._session.exec(statement)).first() is None:
            raise await self._missing(task_id)
