"""An operator's mistake ends a migration with one sentence, and leaves the database as it was."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.server.databases import ROOT, Databases, alembic, render

ROLES = ("tasks_runtime", "tasks_ownership")


def run(url: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=folder,
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
    assert (
        "view public.titles depends on table public.tasks): drop what depends on it first" in said
    )


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


def together(*urls: str) -> list[subprocess.CompletedProcess[str]]:
    """Migrate at the same time, each in a process of its own."""
    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(lambda url: run(url, "upgrade", "head"), urls))


def test_three_at_once_on_a_new_database(databases: Databases) -> None:
    url = databases.create()
    assert [(one.returncode, one.stderr) for one in together(url, url, url)] == [(0, "")] * 3
    assert sorted(tables(url)) == [("alembic_version",), ("tasks",), ("users",)]


def test_three_at_once_whose_transactions_keep_their_snapshot(databases: Databases) -> None:
    """By default their transactions would not see, after the wait, what the first one did."""
    url = databases.create()
    setting = "default_transaction_isolation = 'repeatable read'"
    execute(databases.owner_url, f"ALTER DATABASE {make_url(url).database} SET {setting}")
    assert [(one.returncode, one.stderr) for one in together(url, url, url)] == [(0, "")] * 3


@pytest.mark.usefixtures("shared_roles")
@pytest.mark.parametrize("superuser", [True, False])
def test_two_databases_of_one_cluster_at_once(databases: Databases, superuser: bool) -> None:
    login = databases.owner_url
    if not superuser:
        login = databases.login(databases.owner_url, "CREATEROLE")
        name = make_url(login).username
        execute(databases.owner_url, f"GRANT tasks_ownership TO {name} WITH ADMIN OPTION")
    urls = [owned_by(databases, login) for _ in range(3)]
    for one in together(*urls):
        # Roles belong to the cluster: PostgreSQL may refuse the later of two changes to them.
        again = one.returncode == 1 and one.stderr.endswith("run the same command again.\n")
        assert again or (one.returncode, one.stderr) == (0, "")
        assert one.stderr.count("\n") <= 1
    for url in urls:
        alembic(url, "upgrade", "head")


def test_another_migration_takes_too_long(databases: Databases) -> None:
    url = databases.create()
    with psycopg.connect(url) as busy:
        busy.execute("SELECT pg_advisory_xact_lock(6012024001)")
        said = refusal(f"{url}?options=-clock_timeout%3D100")
    assert "lock timeout): run the same command again when the database is free" in said
    assert tables(url) == []


@pytest.mark.parametrize(
    "setting",
    [
        "search_path = ''",
        "default_transaction_read_only = on",
        "default_transaction_isolation = 'serializable'",
        "client_encoding = 'LATIN1'",
        "standard_conforming_strings = off",
        "row_security = off",
        "TimeZone = 'UTC+5'",
    ],
)
def test_a_setting_of_the_database_changes_no_migration(databases: Databases, setting: str) -> None:
    url = databases.create()
    execute(databases.owner_url, f"ALTER DATABASE {make_url(url).database} SET {setting}")
    alembic(url, "upgrade", "head")
    alembic(url, "check")
    alembic(url, "downgrade", "base")


def test_the_checkouts_path_has_a_percent_sign(databases: Databases, tmp_path: Path) -> None:
    checkout = tmp_path / "100% %(here)s"
    checkout.mkdir()
    for name in ("alembic.ini", "pyproject.toml", "migrations", "server"):
        (checkout / name).symlink_to(ROOT / name)
    done = run(databases.create(), "upgrade", "head", folder=checkout)
    assert (done.returncode, done.stderr) == (0, "")


PROBE = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", {head!r}, None, None


def upgrade() -> None:
    op.execute("CREATE TABLE public.seen AS SELECT name, current_setting(name) AS value FROM"
               " unnest(string_to_array('{names}', ',')) AS name")


def downgrade() -> None:
    op.execute("DROP TABLE public.seen")
"""
MEANING = {
    "standard_conforming_strings": ("off", "on"),
    "row_security": ("off", "on"),
    "TimeZone": ("UTC+5", "GMT"),
    "search_path": ("", "pg_catalog, pg_temp"),
    "lock_timeout": ("0", "1min"),
}
"""Setting -> what the database says, and what every migration is to see."""


def test_every_migration_sees_the_settings_that_give_sql_its_meaning(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.create()
    name = make_url(url).database
    for setting, (value, _) in MEANING.items():
        execute(databases.owner_url, f"ALTER DATABASE {name} SET {setting} = '{value}'")
    for part in ("alembic.ini", "pyproject.toml", "server"):
        (tmp_path / part).symlink_to(ROOT / part)
    copytree(ROOT / "migrations", tmp_path / "migrations")
    head = max(file.name[:4] for file in (ROOT / "migrations/versions").glob("*.py"))
    probe = tmp_path / "migrations/versions/9999_probe.py"
    probe.write_text(PROBE.format(head=head, names=",".join(MEANING)), "utf-8")
    done = run(url, "upgrade", "head", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(url) as connection:
        seen: dict[str, str] = dict(
            connection.execute("SELECT name, value FROM public.seen").fetchall()
        )
    assert seen == {setting: value for setting, (_, value) in MEANING.items()}
