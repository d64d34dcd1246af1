"""Exit status 2 where the judging cannot be done, red scenarios where a judged server fails."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.postgres.embedded import EmbeddedPostgres
from steps.process.ports import free_port
from tests.steps.run.judge import Judgement, judged

pytestmark = pytest.mark.judging

MISBEHAVING = Path(__file__).with_name("misbehaving_server.py")
USERS_SQL = "CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL);"
USERS_TABLE = "[users]\ninsert = 'INSERT INTO users (id, email) VALUES (%(id)s, %(email)s)'\n"


class Judge:
    """Judges servers in one folder, with the PostgreSQL of this test run and a single worker.

    `test_workers.py` tests that two workers with the same error report it once.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.options = ["--database", database, "--workers", "1"]
        (folder / "users.sql").write_text(USERS_SQL, "utf-8")

    def __call__(self, target: str, *options: str) -> Judgement:
        return judged(target, self.folder, *self.options, *options)

    def misbehaving(self, manner: str, *options: str, server: str = "") -> Judgement:
        command = f'["{{python}}", "{MISBEHAVING}", "{{port}}", "{manner}"]'
        text = f'[server]\ncommand = {command}\n{server}\n[database]\nsql = ["users.sql"]\n'
        return self(text + USERS_TABLE, *options)


@pytest.fixture
def judge(tmp_path: Path, cluster: EmbeddedPostgres) -> Judge:
    return Judge(tmp_path, cluster.admin_url)


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which the process of the tests listens."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        yield server.getsockname()[1]


# The judging cannot be done: status 2


def test_a_server_that_answers_html_is_not_the_api(judge: Judge) -> None:
    judgement = judge.misbehaving("html")
    assert judgement.status == 2
    assert "is answered with HTML (200). Is this the API" in judgement.output
    assert "target.toml: GET http://127.0.0.1:" in judgement.output


def test_a_redirect_to_another_site_is_reported_with_its_location(judge: Judge) -> None:
    judgement = judge.misbehaving("redirect")
    assert judgement.status == 2
    assert "is redirected to https://www.example.test/ (308)" in judgement.output


def test_a_server_that_answers_401_to_every_token_is_reported_with_its_answer(judge: Judge) -> None:
    judgement = judge.misbehaving("unauthorized")
    assert judgement.status == 2
    assert "signed as [tokens] says (401: " in judgement.output
    assert "Invalid audience" in judgement.output


def test_a_server_that_answers_403_to_every_token_is_reported(judge: Judge) -> None:
    judgement = judge.misbehaving("forbidden")
    assert judgement.status == 2
    assert "signed as [tokens] says (403: " in judgement.output


def test_a_server_whose_every_creation_is_a_500_is_reported_with_the_end_of_its_log(
    judge: Judge,
) -> None:
    judgement = judge.misbehaving("crash")
    assert judgement.status == 2
    assert judgement.output.count("The judging could not be done.") == 1
    assert 'creates no task, whatever is sent: 500: {"detail": "Something broke"}.' in (
        judgement.output
    )
    assert "--anyway judges it all the same. The end of the server's log: " in judgement.output
    assert "OperationalError: no such table: tasks" in judgement.output
    assert "Exit:" not in judgement.output  # the class of pytest's exception
    assert "--workers" not in judgement.output
    kept = judgement.folder / "server.log"
    assert [file.name for file in judgement.folder.iterdir()] == ["server.log"]
    assert "Bearer ‹token alg=HS256 sub=" in kept.read_text("utf-8")
    assert f"The server's log: {kept}" in judgement.output


def test_a_server_that_has_nothing_at_the_paths_of_the_spec_is_reported(judge: Judge) -> None:
    judgement = judge.misbehaving("elsewhere")
    assert judgement.status == 2
    assert "The server has nothing at the paths of the spec for a valid token" in judgement.output
    assert 'POST /api/{user_id}/tasks 404: {"detail": "Not Found"}' in judgement.output


def test_a_server_of_which_nothing_works_is_judged_anyway(judge: Judge) -> None:
    judgement = judge.misbehaving("crash", "--anyway", "-m", "US2-AS1")
    assert judgement.results() >= {"failed"}
    assert "The judging could not be done" not in judgement.output
    failed = [one for one in judgement.scenarios if one["result"] == "failed"]
    logs = [exchange["log"] for one in failed for exchange in one["exchanges"]]
    assert any("OperationalError: no such table: tasks" in log for log in logs)
    page = (judgement.folder / "index.html").read_text("utf-8")
    assert "OperationalError: no such table: tasks" in page


def test_a_server_that_never_answers_is_reported_with_its_output(judge: Judge) -> None:
    judgement = judge.misbehaving("silent", server="start_seconds = 2")
    assert judgement.status == 2
    assert "did not answer GET http://127.0.0.1:" in judgement.output
    assert "within 2 s, and something listens there but does not speak HTTP" in judgement.output
    assert "listening, without answers" in judgement.output  # the output of the server


def test_a_server_that_listens_on_another_port_is_reported(judge: Judge) -> None:
    command = f'["{{python}}", "{MISBEHAVING}", "{free_port()}", "plain", "{{port}}"]'
    judgement = judge(f"[server]\ncommand = {command}\nstart_seconds = 2\n")
    assert judgement.status == 2
    assert "nothing listens there: is the server told {port}" in judgement.output


def test_a_port_in_use_is_named(judge: Judge, listener: int) -> None:
    judgement = judge(f'[server]\ncommand = ["true"]\nport = {listener}\n')
    assert judgement.status == 2
    assert f"[server] port: something listens on {listener} already" in judgement.output


def test_a_url_at_which_no_server_listens_is_reported(judge: Judge) -> None:
    judgement = judge(f'[server]\nurl = "http://127.0.0.1:{free_port()}"\n')
    assert judgement.status == 2
    assert "[server] url: GET http://127.0.0.1:" in judgement.output
    assert "Does the server run?" in judgement.output


def test_an_error_of_the_statement_that_inserts_users_is_reported(judge: Judge) -> None:
    text = f'[server]\ncommand = ["{{python}}", "{MISBEHAVING}", "{{port}}", "plain"]\n'
    judgement = judge(text + '[database]\nsql = ["users.sql"]\n')
    assert judgement.status == 2
    assert '[users] insert: column "name" of relation "users" does not exist.' in judgement.output


def test_a_syntax_error_in_an_sql_file_names_the_file(judge: Judge) -> None:
    (judge.folder / "users.sql").write_text("CREATE TABEL users ();", "utf-8")
    judgement = judge.misbehaving("plain")
    assert judgement.status == 2
    assert "[database] sql: " in judgement.output
    assert 'users.sql: syntax error at or near "TABEL"' in judgement.output


@pytest.mark.parametrize(
    "text",
    [
        '[server]\nurl = "http://[::1"\n',
        f'{"[server]"}\nurl = "http://127.0.0.1:1"\n[tokens]\nclaims = {{ a = 2026-01-01 }}\n',
        '[server]\ncommand = ["{env:{port}}"]\n',
        '[server]\ncommand = ["{port}"]\nenv = { "A=B" = "x" }\n',
        '[server]\ncommand = ["{port}", "\\u0000"]\n',
        '[server]\nurl = "http://127.0.0.1:1"\n[database]\nurl = "x+y://a:hunter2@b/c"\n',
        '[server]\nurl = "http://x"\n[users.sign_up]\nurl = "/x"\nheaders = {"ü" = "x"}\n',
        '[server]\nurl = "http://127.0.0.1:1/x?y=z"\n',
        'deviations = 3\n[server]\nurl = "http://127.0.0.1:1"\n',
        'path = "x"\n[server]\nurl = "http://127.0.0.1:1"\n',
    ],
)
def test_an_error_in_a_target_file_is_status_2_and_names_the_file(judge: Judge, text: str) -> None:
    judgement = judge(text)
    assert judgement.status == 2, judgement.output
    assert f"{judge.folder / 'target.toml'}: " in judgement.output
    assert "hunter2" not in judgement.output


def test_a_deviation_of_an_unknown_requirement_is_reported(judge: Judge) -> None:
    deviation = '[[deviations]]\nrequirement = "FR-99"\nreason = "none"\n'
    judgement = judge(f'[server]\nurl = "http://127.0.0.1:1"\n{deviation}')
    assert judgement.status == 2
    assert "[[deviations]] requirement: the spec has no FR-99." in judgement.output


# The server is judged and fails: status 1, or 2 where a selection is played


def test_a_server_that_stops_answering_is_restarted_and_does_not_end_the_run(
    judge: Judge,
) -> None:
    judgement = judge.misbehaving("hang", "-m", "FR-006 or US4-AS1 or US4-AS2")
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    assert judgement.results() >= {"failed", "not run"}
    assert any("no answer" in one for one in judgement.reasons("failed"))
    # What the scenarios of toggling begin with got no answer: nothing is known of toggling.
    reasons = judgement.reasons("not run")
    first = "GET /api/{user_id}/tasks, for the id of a new task, had no answer"
    assert any(first in one for one in reasons), reasons
    # It is restarted again and again, so that scenarios of more than one feature are played.
    tried = [one for one in judgement.scenarios if "no answer" in one["reason"]]
    assert len({one["feature"] for one in tried}) > 1


def test_an_answer_sent_byte_by_byte_fails_its_scenario_and_does_not_end_the_run(
    judge: Judge,
) -> None:
    judgement = judge.misbehaving("drip", "-m", "US2-AS1")
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    assert any("no answer" in one for one in judgement.reasons("failed"))


def test_a_server_that_always_exits_is_restarted_until_that_is_in_vain(judge: Judge) -> None:
    judgement = judge.misbehaving("exit", "-m", "FR-006 or FR-008")
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    reasons = judgement.reasons("not run")
    assert any("restarts in this feature did not help: 3" in one for one in reasons), reasons


def test_a_judging_ends_at_its_time_limit(judge: Judge) -> None:
    judgement = judge.misbehaving("slow", "-m", "FR-011 or FR-018", "--minutes", "0.8")
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    reason = "target cannot answer in time: 0.8 minutes are over, --minutes gives it more"
    assert reason in judgement.reasons("not run")
    assert any(one["result"] != "not run" for one in judgement.scenarios)
