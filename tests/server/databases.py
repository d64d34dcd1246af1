"""Databases of the migrated schema, inside the PostgreSQL that `owner_url` leads to."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import main
from psycopg import sql
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]


def alembic(url: str, *arguments: str) -> None:
    """Run Alembic's command in this process, where it is loaded already: SystemExit if it fails."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("MIGRATION_DATABASE_URL", url)
        files = [f"--config={ROOT / name}" for name in ("alembic.ini", "pyproject.toml")]
        main([*files, *arguments])


def render(url: str, **changes: Any) -> str:
    return make_url(url).set(**changes).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Schema:
    """A migrated database."""

    owner: str
    """URL of its owner."""
    api: str
    """URL of a login role in tasks_runtime."""


@dataclass(frozen=True)
class Databases:
    """Makes databases and login roles with random names, and drops all of them at the end."""

    owner_url: str
    roles: list[sql.Identifier] = field(default_factory=list)
    names: list[sql.Identifier] = field(default_factory=list)

    def create(self, owner: str | None = None) -> str:
        name = f"t{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if owner:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        self._run(statement)
        self.names.append(sql.Identifier(name))
        return render(self.owner_url, database=name)

    def login(self, url: str, options: str) -> str:
        """Make a login role and return `url` with it."""
        name, password = f"r{secrets.token_hex(6)}", secrets.token_hex(16)
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} " + options)
        self._run(create.format(sql.Identifier(name), sql.Literal(password)))
        self.roles.append(sql.Identifier(name))
        return render(url, username=name, password=password)

    def migrated(self, *users: str) -> Schema:
        """Make a database of the migrated schema with these users, who have no tasks."""
        owner = self.create()
        alembic(owner, "upgrade", "head")
        with psycopg.connect(owner) as connection:
            for user in users:
                connection.execute(
                    "INSERT INTO users (id, name, email) VALUES (%s, %s, %s)", (user, user, user)
                )
        return Schema(owner, self.login(owner, "IN ROLE tasks_runtime"))

    def drop(self) -> None:
        """Databases first: a role that owns something cannot go."""
        self._run(
            *(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name) for name in self.names),
            *(sql.SQL("DROP OWNED BY {}").format(role) for role in self.roles),
            *(sql.SQL("DROP ROLE {}").format(role) for role in self.roles),
        )

    def _run(self, *statements: sql.Composed) -> None:
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
