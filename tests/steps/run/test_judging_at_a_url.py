"""Judging a running server at its URL; users sign up at an identity provider."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from steps.process.ports import free_port
from steps.process.server_process import ServerProcess
from steps.target.description.read import read
from steps.target.started.target import StartedTarget
from tests.steps.run.judge import FOREIGN, Judgement, judged

pytestmark = pytest.mark.judging

PROVIDER = Path(__file__).with_name("identity_provider.py")
MISSING_ABILITIES = {
    "target cannot lose its database for a while",
    "target cannot show its database",
    "target cannot be restarted",
    "target cannot show its source",
    "target cannot compare itself with a committed contract",
    "target cannot limit what a connection sends and how long it takes",
    "target cannot say which settings it refuses",
    "target cannot serve its port by several processes",
    "target cannot bind its login by row-level security",
    "target cannot verify tokens by published keys",
    "target cannot give a user an id of any text",
    "target cannot be attacked with what could harm its other users",
}


@dataclass(frozen=True)
class Staging:
    """The foreign server, with a user and a task from before the judging; an identity provider."""

    url: str
    provider: str
    dsn: str
    secret: str
    origin: str

    def rows(self, table: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY id".encode()).fetchall()

    def remove_users(self) -> None:
        """Remove all users but the one from before the judging, for the next test."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute("DELETE FROM users WHERE id <> 'earlier-user'")

    def target_file(self, more: str = "") -> str:
        return f"""
name = "staging"
[server]
url = "{self.url}"
cors_origin = "{self.origin}"
[users.sign_up]
url = "{self.provider}/sign-up"
body = {{ email = "{{email}}", password = "{{password}}", name = "{{name}}" }}
id = "user.id"
token = "session.token"
[users.remove]
url = "{self.provider}/users/{{id}}"
method = "DELETE"
headers = {{ Authorization = "Bearer {{token}}" }}
{more}
"""


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staging]:
    with start_staging(tmp_path_factory.mktemp("staging")) as staging:
        yield staging


@contextmanager
def start_staging(folder: Path, fault: str = "") -> Iterator[Staging]:
    file = folder / "foreign.toml"
    file.write_text(FOREIGN.replace("env]\n", f'env]\nBREAK = "{fault}"\n'), "utf-8")
    running = StartedTarget(read(file), "embedded", folder)
    running.open()
    dsn, port = running.database.owner_url, free_port()
    env = {"DSN": dsn, "KEY": running.issuer.secret}
    command = [sys.executable, str(PROVIDER), str(port)]
    provider = ServerProcess(command, env, folder, port, folder / "provider.log")
    provider.wait_until_ready("/")
    running.database.execute(
        "INSERT INTO users VALUES ('earlier-user', 'earlier-user@example.test')"
    )
    running.database.execute("INSERT INTO tasks (user_id, title) VALUES ('earlier-user', 'Stay')")
    url = f"http://127.0.0.1:{port}"
    yield Staging(running.base_url, url, dsn, running.issuer.secret, running.cors_origin)
    provider.stop()
    running.close()


@pytest.fixture(scope="module")
def judgement(staging: Staging, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """The judging of all scenarios; an environment variable holds the secret."""
    folder = tmp_path_factory.mktemp("judged")
    tokens = '[tokens]\nsecret = "{env:STAGING_SECRET}"'
    return judged(staging.target_file(tokens), folder, env={"STAGING_SECRET": staging.secret})


def test_scenarios_that_need_more_than_http_and_tokens_are_not_run(judgement: Judgement) -> None:
    assert judgement.reasons("failed") == set()
    assert judgement.reasons("not run") == MISSING_ABILITIES
    ran = [one for one in judgement.scenarios if one["result"] == "passed"]
    assert len(ran) > 340
    assert judgement.status == 1  # a requirement with a scenario that is not run is not verified
    assert judgement.verdicts["FR-006"] == "verified"
    assert judgement.verdicts["SC-009"] == "not run"


def test_users_and_tasks_are_announced_before_the_first_scenario(judgement: Judgement) -> None:
    announced = (
        "Makes about 45 users by [users.sign_up], and tasks of theirs; touches nothing else."
    )
    assert announced in judgement.output
    assert judgement.output.index(announced) < judgement.output.index("features/authentication")


def test_the_judging_removes_its_users_and_tasks_and_no_others(
    judgement: Judgement, staging: Staging
) -> None:
    assert judgement.status == 1
    assert [row[0] for row in staging.rows("users")] == ["earlier-user"]
    assert [row[1:3] for row in staging.rows("tasks")] == [("earlier-user", "Stay")]


def test_a_server_without_access_control_keeps_the_tasks_of_other_users(tmp_path: Path) -> None:
    """The server lists tasks of other users and deletes any task."""
    with start_staging(tmp_path, "others-listed,anybody-deletes") as faulty:
        judgement = judged(faulty.target_file(), tmp_path, "-m", "US2-AS2 or US3-AS2")
        assert judgement.status == 2  # a selection gives no verdict
        assert not judgement.matrix["acceptable"]
        assert "failed" in judgement.results()
        assert [row[1:3] for row in faulty.rows("tasks")] == [("earlier-user", "Stay")]
        assert [row[0] for row in faulty.rows("users")] == ["earlier-user"]


def test_users_that_could_not_be_removed_are_named(staging: Staging, tmp_path: Path) -> None:
    target = staging.target_file().replace("/users/{id}", "/unknown/{id}")
    target = target.replace('"DELETE"', '"POST"')
    judgement = judged(target, tmp_path, "-m", "US4-AS1")
    left = {str(row[0]) for row in staging.rows("users")} - {"earlier-user"}
    assert left
    assert all(one in judgement.output.partition("remove by hand: users")[2] for one in left)
    # The next run reads them from the journal, as it does after a run that was killed.
    again = judged(staging.target_file(), tmp_path, "-m", "US4-AS1")
    assert "An earlier run did not remove these users: " in again.output
    assert all(f"{staging.url} {one}" in again.output for one in left)
    staging.remove_users()


def test_the_report_does_not_contain_the_secret(judgement: Judgement, staging: Staging) -> None:
    for file in judgement.folder.iterdir():
        assert staging.secret not in file.read_text("utf-8"), file


def test_without_a_secret_the_tokens_of_the_sign_up_are_used(
    staging: Staging, tmp_path: Path
) -> None:
    judgement = judged(staging.target_file(), tmp_path, "-m", "FR-003 or FR-006")
    assert judgement.reasons("failed") == set()
    signing = "target cannot have tokens signed as the scenario needs them"
    assert signing in judgement.reasons("not run")
    created = "features/create_and_list.feature"
    assert {one["result"] for one in judgement.scenarios if one["feature"] == created} >= {"passed"}


def test_without_a_sign_up_the_scenarios_that_need_no_user_are_judged(
    staging: Staging, tmp_path: Path
) -> None:
    judgement = judged(f'[server]\nurl = "{staging.url}"\n', tmp_path, "-m", "SR-001 or FR-006")
    assert "Makes nothing there: the target file names no way to make users." in judgement.output
    assert judgement.reasons("failed") == set()
    assert "target cannot make users" in judgement.reasons("not run")
    passed = {one["name"] for one in judgement.scenarios if one["result"] == "passed"}
    assert "/api/unknown needs a token, too" in passed


def test_users_that_stay_for_lack_of_a_removal_request_are_named(
    staging: Staging, tmp_path: Path
) -> None:
    target = staging.target_file().partition("[users.remove]")[0]
    before = {str(row[0]) for row in staging.rows("users")}
    judgement = judged(target, tmp_path, "-m", "US4-AS1")
    assert "the users stay, for [users.remove] is missing" in judgement.output
    left = {str(row[0]) for row in staging.rows("users")} - before
    assert left
    assert all(one in judgement.output for one in left)
    assert [row[1] for row in staging.rows("tasks")] == ["earlier-user"]
    staging.remove_users()


def test_a_sign_up_that_fails_ends_the_judging(staging: Staging, tmp_path: Path) -> None:
    target = staging.target_file().replace("/sign-up", "/sign-in")
    judgement = judged(target, tmp_path)
    assert judgement.status == 2
    assert "[users.sign_up] POST http://127.0.0.1:" in judgement.output
    assert "was answered 422" in judgement.output


def test_a_wrong_path_of_the_token_is_reported_with_the_paths_of_the_answer(
    staging: Staging, tmp_path: Path
) -> None:
    target = staging.target_file().replace('"session.token"', '"data.jwt"')
    judgement = judged(target, tmp_path)
    assert judgement.status == 2
    assert "[users.sign_up] token: there is no data.jwt in the answer of POST" in judgement.output
    assert "which has: user.id, session.token." in judgement.output
    staging.remove_users()  # the judging signed up a user without getting a token for the removal
