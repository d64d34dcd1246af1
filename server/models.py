"""The two tables, as the migrations make them. A test fails when models and migrations differ."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

SCHEMA = "public"
"""Every name has its schema: a role's `search_path` may be empty, or lead elsewhere first."""


class User(SQLModel, table=True):
    """A row of the identity provider's table. The API reads its id, to see that the user exists."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("char_length(id) BETWEEN 1 AND 255", name="users_id_length"),
        UniqueConstraint("email", name="users_email_key"),
        {"schema": SCHEMA},
    )

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    email_verified: bool = Field(sa_column_kwargs={"server_default": sql("false")})
    image: str | None = Field(sa_type=Text)
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": sql("now()")}
    )
    updated_at: datetime = Field(
        sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": sql("now()")}
    )


class Task(SQLModel, table=True):
    """A task of one user. The database sets id and timestamps."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="tasks_title_length"),
        CheckConstraint("char_length(description) <= 2000", name="tasks_description_length"),
        Index("tasks_user_created_idx", "user_id", sql("created_at DESC"), sql("id DESC")),
        {"schema": SCHEMA},
    )

    id: UUID = Field(
        primary_key=True, sa_column_kwargs={"server_default": sql("gen_random_uuid()")}
    )
    user_id: str = Field(
        sa_type=Text,
        sa_column_args=[
            ForeignKey(f"{SCHEMA}.users.id", name="tasks_user_id_fkey", ondelete="CASCADE")
        ],
    )
    title: str = Field(sa_type=Text)
    description: str | None = Field(sa_type=Text)
    is_completed: bool = Field(sa_column_kwargs={"server_default": sql("false")})
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": sql("now()")}
    )
    updated_at: datetime = Field(
        sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": sql("now()")}
    )
