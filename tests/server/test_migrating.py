"""An operator's mistake ends a migration with one sentence, and leaves the database as it was."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.server.databases import ROOT, Databases, alembic, render

ROLES = ("tasks_runtime", "tasks_ownership")


@pytest.fixture(scope="module")
def databases(owner_url: str) -> Iterator[Databases]:
    databases = Databases(owner_url)
    yield databases
    databases.drop()


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env={**os.environ, "MIGRATION_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(url: str, *arguments: str) -> str:
    """The one line that Alembic printed when it stopped."""
    stopped = run(url, *(arguments or ("upgrade", "head")))
    assert stopped.returncode == 1, stopped.stderr
    assert stopped.stderr.count("\n") == 1, stopped.stderr
    return stopped.stderr


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def tables(url: str) -> list[tuple[str]]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def owned_by(databases: Databases, login: str) -> str:
    """URL of `login` to a new database that it owns."""
    created = databases.create(owner=make_url(login).username)
    return render(login, database=make_url(created).database)


@pytest.fixture
def shared_roles(databases: Databases) -> None:
    """Both roles exist already, made by a superuser for another database of the cluster."""
    for role in ROLES:
        execute(
            databases.owner_url,
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        )


def test_no_server_listens() -> None:
    said = refusal("postgresql://somebody:hidden@127.0.0.1:1/tasks")
    assert "check that MIGRATION_DATABASE_URL has the right host, port" in said
    assert "hidden" not in said


def test_the_database_is_not_there(databases: Databases) -> None:
    said = refusal(render(databases.owner_url, database="nowhere"))
    assert '"nowhere" does not exist' in said
    assert "MIGRATION_DATABASE_URL has the right host, port, name" in said


def test_the_password_is_wrong(databases: Databases) -> None:
    login = databases.login(databases.owner_url, "")
    said = refusal(render(login, password="mistaken"))
    assert "password authentication failed" in said
    assert "mistaken" not in said


@pytest.mark.usefixtures("shared_roles")
def test_the_role_owns_nothing(databases: Databases) -> None:
    url = databases.login(databases.create(), "")
    assert "to a role that owns the database and has CREATEROLE" in refusal(url)


@pytest.mark.usefixtures("shared_roles")
def test_the_owning_role_may_not_be_lent(databases: Databases) -> None:
    login = databases.login(databases.owner_url, "CREATEROLE")
    url = owned_by(databases, login)
    grant = f'GRANT tasks_ownership TO "{make_url(login).username}" WITH ADMIN OPTION'
    assert grant in refusal(url)
    assert tables(url) == []
    execute(databases.owner_url, grant)  # and the advised grant is enough
    alembic(url, "upgrade", "head")


def test_a_table_users_is_there_already(databases: Databases) -> None:
    url = databases.create()
    execute(url, "CREATE TABLE users (id text)")
    said = refusal(url)
    assert 'relation "users" already exists' in said
    assert "rename it or move it to another schema" in said
    assert tables(url) == [("users",)]


def test_a_view_depends_on_a_table_that_would_be_dropped(databases: Databases) -> None:
    url = databases.create()
    alembic(url, "upgrade", "head")
    execute(url, "CREATE VIEW titles AS SELECT title FROM tasks")
    said = refusal(url, "downgrade", "base")
    assert "view titles depends on table tasks): drop what depends on it first" in said


def test_a_table_is_locked(databases: Databases) -> None:
    url = databases.create()
    alembic(url, "upgrade", "head")
    with psycopg.connect(url) as busy:
        busy.execute("LOCK TABLE tasks")
        said = refusal(f"{url}?options=-clock_timeout%3D100", "downgrade", "base")
    assert "lock timeout): run the same command again" in said


def test_sql_without_a_database(databases: Databases) -> None:
    assert refusal(databases.owner_url, "upgrade", "head", "--sql").endswith("without --sql.\n")


def test_the_models_need_no_other_migration(databases: Databases) -> None:
    url = databases.create()
    alembic(url, "upgrade", "head")
    alembic(url, "check")
    execute(url, "ALTER TABLE tasks ALTER is_completed SET DEFAULT true")
    check = run(url, "check")
    assert check.returncode != 0
    assert "modify_default" in check.stdout
