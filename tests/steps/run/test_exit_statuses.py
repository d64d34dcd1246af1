"""Exit status 2 where the judging cannot be done, 1 where a judged server falls short."""

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
USERS = "CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL);"
INSERT = "[users]\ninsert = 'INSERT INTO users (id, email) VALUES (%(id)s, %(email)s)'\n"


class Judge:
    """Judges servers in a folder of its own, with the PostgreSQL of this test run.

    One worker does: `test_workers.py` has two stumble over the same.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.options = ["--database", database, "--workers", "1"]
        (folder / "users.sql").write_text(USERS, "utf-8")

    def __call__(self, target: str, *options: str) -> Judgement:
        return judged(target, self.folder, *self.options, *options)

    def misbehaving(self, manner: str, *options: str, server: str = "") -> Judgement:
        command = f'["{{python}}", "{MISBEHAVING}", "{{port}}", "{manner}"]'
        text = f'[server]\ncommand = {command}\n{server}\n[database]\nsql = ["users.sql"]\n{INSERT}'
        return self(text, *options)


@pytest.fixture
def judge(tmp_path: Path, cluster: EmbeddedPostgres) -> Judge:
    return Judge(tmp_path, cluster.admin_url)


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which a process listens that is not the server under judgement."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        yield server.getsockname()[1]


# The judging could not be done


def test_a_website_is_not_the_api(judge: Judge) -> None:
    judgement = judge.misbehaving("html")
    assert judgement.status == 2
    assert "is answered with HTML (200). Is this the API" in judgement.said
    assert "target.toml: GET http://127.0.0.1:" in judgement.said


def test_a_redirect_leads_elsewhere(judge: Judge) -> None:
    judgement = judge.misbehaving("redirect")
    assert judgement.status == 2
    assert "is redirected to https://www.example.test/ (308)" in judgement.said


def test_a_server_that_takes_other_tokens_is_described_wrongly(judge: Judge) -> None:
    judgement = judge.misbehaving("refuse")
    assert judgement.status == 2
    assert "signed as [tokens] says (401: " in judgement.said
    assert "Invalid audience" in judgement.said


def test_a_server_that_forbids_any_token_is_described_wrongly(judge: Judge) -> None:
    judgement = judge.misbehaving("forbid")
    assert judgement.status == 2
    assert "signed as [tokens] says (403: " in judgement.said


def test_a_server_that_never_speaks_is_given_up(judge: Judge) -> None:
    judgement = judge.misbehaving("deaf", server="start_seconds = 2")
    assert judgement.status == 2
    assert "did not answer GET http://127.0.0.1:" in judgement.said
    assert "within 2 s, and something listens there but does not speak HTTP" in judgement.said
    assert "listening, and nothing more" in judgement.said  # the end of its output


def test_a_server_on_another_port_is_never_found(judge: Judge) -> None:
    command = f'["{{python}}", "{MISBEHAVING}", "{free_port()}", "plain", "{{port}}"]'
    judgement = judge(f"[server]\ncommand = {command}\nstart_seconds = 2\n")
    assert judgement.status == 2
    assert "nothing listens there: is the server told {port}" in judgement.said


def test_a_port_that_is_taken_is_named(judge: Judge, listener: int) -> None:
    judgement = judge(f'[server]\ncommand = ["true"]\nport = {listener}\n')
    assert judgement.status == 2
    assert f"[server] port: something listens on {listener} already" in judgement.said


def test_nobody_at_the_url(judge: Judge) -> None:
    judgement = judge(f'[server]\nurl = "http://127.0.0.1:{free_port()}"\n')
    assert judgement.status == 2
    assert "[server] url: GET http://127.0.0.1:" in judgement.said
    assert "Does the server run?" in judgement.said


def test_a_user_who_cannot_be_inserted(judge: Judge) -> None:
    text = f'[server]\ncommand = ["{{python}}", "{MISBEHAVING}", "{{port}}", "plain"]\n'
    judgement = judge(text + '[database]\nsql = ["users.sql"]\n')
    assert judgement.status == 2
    assert '[users] insert: column "name" of relation "users" does not exist.' in judgement.said


def test_a_mistake_in_a_file_of_sql_names_it(judge: Judge) -> None:
    (judge.folder / "users.sql").write_text("CREATE TABEL users ();", "utf-8")
    judgement = judge.misbehaving("plain")
    assert judgement.status == 2
    assert "[database] sql: " in judgement.said
    assert 'users.sql: syntax error at or near "TABEL"' in judgement.said


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
def test_whatever_is_wrong_with_a_file_is_status_2_and_names_it(judge: Judge, text: str) -> None:
    judgement = judge(text)
    assert judgement.status == 2, judgement.said
    assert f"{judge.folder / 'target.toml'}: " in judgement.said
    assert "hunter2" not in judgement.said


def test_a_deviation_of_no_requirement(judge: Judge) -> None:
    deviation = '[[deviations]]\nrequirement = "FR-99"\nreason = "none"\n'
    judgement = judge(f'[server]\nurl = "http://127.0.0.1:1"\n{deviation}')
    assert judgement.status == 2
    assert "[[deviations]] requirement: the spec has no FR-99." in judgement.said


# The server is judged, and falls short


def test_a_server_that_hangs_costs_its_scenarios_and_not_the_run(judge: Judge) -> None:
    judgement = judge.misbehaving("hang", "-m", "US4-AS1 or US4-AS2 or FR-008")
    assert judgement.status == 1
    assert judgement.results() == {"failed", "not run"}
    assert any("no answer: within 10 s" in one for one in judgement.reasons("failed"))
    restarted = [one for one in judgement.reasons("not run") if "it has been restarted once" in one]
    assert restarted, judgement.reasons("not run")
    # It is restarted once in each feature: in each of them a scenario has run.
    tried = {one["feature"] for one in judgement.scenarios if one["result"] == "failed"}
    assert len(tried) > 1


def test_an_answer_that_drips_costs_its_scenario_and_not_the_run(judge: Judge) -> None:
    judgement = judge.misbehaving("drip", "-m", "US4-AS1 or US4-AS2")
    assert judgement.status == 1
    assert any("no answer: within 10 s" in one for one in judgement.reasons("failed"))


def test_a_server_that_dies_is_restarted_once_in_every_feature(judge: Judge) -> None:
    judgement = judge.misbehaving("die", "-m", "US4-AS1 or US4-AS2 or FR-008")
    assert judgement.status == 1
    assert any("it has been restarted once" in one for one in judgement.reasons("not run"))
    assert {one["verdict"] for one in judgement.matrix["requirements"]} >= {"failed", "not run"}


def test_a_judging_ends_when_its_time_is_over(judge: Judge) -> None:
    judgement = judge.misbehaving("slow", "-m", "FR-011", "--minutes", "0.8")
    assert judgement.status == 1
    over = "target cannot answer in time: 0.8 minutes are over, --minutes gives it more"
    assert over in judgement.reasons("not run")
    assert any(one["result"] != "not run" for one in judgement.scenarios)
