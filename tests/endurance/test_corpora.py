"""The corpora, played against one real server and its database."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

import jwt
import psycopg
import pytest

from steps.endurance.corpora.reader import wrong
from steps.endurance.corpora.request_cases import play_requests, read_requests
from steps.endurance.corpora.sql_cases import SqlCase, play_sql, read_sql
from steps.endurance.corpora.token_cases import TokenCase, play_tokens, read_tokens
from tests.server.databases import Databases, Schema
from tests.server.serving import serving

pytestmark = pytest.mark.postgresql


@dataclass(frozen=True)
class Site:
    """A server with two users, each of whom has a task."""

    url: str
    schema: Schema
    secret: str
    """What tokens are signed with."""
    values: dict[str, str]
    """Those of the placeholders."""
    hidden: list[str]
    """What only the other user may read."""

    def rows(self) -> object:
        """Return all that the other user has."""
        with psycopg.connect(self.schema.owner) as connection:
            return connection.execute(
                "SELECT * FROM tasks WHERE user_id = %s", (self.values["other"],)
            ).fetchall()


@pytest.fixture(scope="module")
def site(owner_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    databases = Databases(owner_url)
    user, other, marker = (secrets.token_hex(8) for _ in range(3))
    secret = secrets.token_urlsafe(48)
    schema = databases.migrated(user, other)
    values = {
        "user": user,
        "other": other,
        "unknown": str(uuid.uuid4()),
        "token": jwt.encode({"sub": user, "exp": 4_000_000_000}, secret, "HS256"),
    }
    with psycopg.connect(schema.owner) as connection:
        for name, owner, title in (("task", user, "own"), ("foreign", other, marker)):
            row = connection.execute(
                "INSERT INTO tasks (user_id, title) VALUES (%s, %s) RETURNING id", (owner, title)
            ).fetchone()
            assert row
            values[name] = str(row[0])
    settings = {"DATABASE_URL": schema.api, "JWT_SECRET": secret}
    with serving(tmp_path_factory.mktemp("corpora"), settings) as server:
        yield Site(f"http://127.0.0.1:{server.port}", schema, secret, values, [marker])
    databases.drop()


def test_every_hostile_request_gets_its_answer(site: Site) -> None:
    cases, before = read_requests(), site.rows()
    assert len(cases) > 1000
    assert wrong(play_requests(site.url, cases, site.values, site.hidden)) == []
    assert site.rows() == before


def test_a_request_with_a_wrong_answer_is_named(site: Site) -> None:
    good, *_ = (case for case in read_requests() if case.why == "no Host")
    assert wrong(play_requests(site.url, [replace(good, expected=200)], site.values)) == [
        "no Host: 400 came, 200 is right"
    ]


def test_no_statement_of_the_servers_role_reaches_another_users_rows(site: Site) -> None:
    cases, before = read_sql(), site.rows()
    assert len(cases) > 300
    assert wrong(play_sql(site.schema.api, cases, site.values, site.hidden)) == []
    assert site.rows() == before


def test_no_hostile_token_is_let_in(site: Site) -> None:
    cases = read_tokens()
    assert len(cases) > 400
    assert sum(case.expected == 200 for case in cases) > 10
    assert wrong(play_tokens(site.url, cases, site.values, site.secret)) == []


def test_a_token_that_is_let_in_is_named(site: Site) -> None:
    let_in = TokenCase("a token as it should be", expected=401)
    assert wrong(play_tokens(site.url, [let_in], site.values, site.secret)) == [
        "a token as it should be: 200 came, 401 is right"
    ]


@pytest.mark.parametrize(
    ("expected", "sql", "sentence"),
    [
        ("42501", "SELECT 1", "own rows came, 42501 is right"),
        ("no rows", "SELECT 1", "own rows came, no rows is right"),
        ("no rows", "SELECT email FROM public.users", "42501 came, no rows is right"),
        (
            "own rows",
            "SET LOCAL app.user_id = '${other}'; SELECT * FROM public.tasks",
            "own rows, with rows of the other user, came, own rows is right",
        ),
        (
            "own rows",
            "SET LOCAL app.user_id = '${other}'; UPDATE public.tasks SET title = 'x'",
            "own rows, and a change of the other user's rows, came, own rows is right",
        ),
    ],
)
def test_a_statement_that_gets_something_is_named(
    site: Site, expected: str, sql: str, sentence: str
) -> None:
    case = SqlCase("tried", sql, expected)
    outcomes = play_sql(site.schema.api, [case], site.values, site.hidden)
    assert wrong(outcomes) == [f"tried: {sentence}"]


def test_an_answer_with_another_users_task_is_named(site: Site) -> None:
    (case,) = (case for case in read_requests() if case.why == "200 fields")
    (shown,) = play_requests(site.url, [case], site.values, [site.values["task"]])
    assert (shown.ok, shown.came) == (False, "200 that holds what only the other user may read")


def test_a_policy_that_lets_all_through_is_found(site: Site) -> None:
    own = "nullif(current_setting('app.user_id', true), '') = user_id"
    cases = [case for case in read_sql() if "the other's tasks by user" in case.why]
    with psycopg.connect(site.schema.owner, autocommit=True) as owner:
        owner.execute("ALTER POLICY tasks_own ON tasks USING (true) WITH CHECK (true)")
        try:
            found = wrong(play_sql(site.schema.api, cases, site.values, site.hidden))
        finally:
            owner.execute(f"ALTER POLICY tasks_own ON tasks USING ({own}) WITH CHECK ({own})")
    assert len(found) == len(cases) == 6
    assert wrong(play_sql(site.schema.api, cases, site.values, site.hidden)) == []
