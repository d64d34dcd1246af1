"""No secret of a run stands in what it prints and writes; one that does ends it with status 2."""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from steps.run.secret_search import RunSecrets
from tests.steps.run.judge import FOREIGN, ROOT, Judgement, judged

REFERENCE = (ROOT / "targets" / "reference.toml").read_text("utf-8")
ONE = ["-m", "US1-AS3 or SR-006"]
KEEP_ENVIRONMENT = """
import os, pathlib, sys
with pathlib.Path({file!r}).open("a") as kept:
    kept.write("".join(f"{{name}}={{value}}\\n" for name, value in os.environ.items()))
os.execv(sys.executable, [sys.executable, "-m", "server"])
"""
PRINTING = """
import pytest
from steps.run.secret_search import RUN_SECRETS

@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    for secret in config.stash[RUN_SECRETS]._secrets:
        terminalreporter.line("see " + secret)
"""


def written(folder: Path) -> str:
    return "".join(file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())


@pytest.mark.judging
@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_secret_of_a_run_is_printed_or_written(tmp_path: Path, workers: str) -> None:
    """The server itself tells its secrets to this test, so it does not ask the harness."""
    kept, wrapper = tmp_path / "environment", tmp_path / "wrapper.py"
    wrapper.write_text(KEEP_ENVIRONMENT.format(file=str(kept)))
    target = REFERENCE.replace('folder = ".."', f'folder = "{ROOT}"')
    target = target.replace('"-m", "server"]', f'"{wrapper}"]\nmeasure = false')
    judgement = judged(target, tmp_path, "--workers", workers, *ONE)
    assert kept.exists(), judgement.output
    environments = kept.read_text()
    found = set(re.findall(r"^JWT_SECRET=(.+)$", environments, re.MULTILINE))
    found |= {
        urlsplit(url).password or ""
        for url in re.findall(r"^DATABASE_URL=(.+)$", environments, re.MULTILINE)
    }
    found = {one for one in found if len(one) >= 32}
    assert len(found) >= 2 * int(workers)
    assert "Secret in a log" not in judgement.output
    everything = judgement.output + written(judgement.folder)
    assert "US1-AS3" in everything
    for secret in found:
        for spelled in (
            secret,
            quote(secret),
            secret.encode().hex(),
            base64.b64encode(secret.encode()).decode()[:-4],
        ):
            assert spelled not in everything


@pytest.mark.judging
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_secret_in_the_log_of_a_server_is_named(tmp_path: Path, workers: str) -> None:
    (tmp_path / "start.sh").write_text('env | grep TODO_; exec "$@"\n')
    target = FOREIGN.replace(
        'command = ["{python}",', f'command = ["sh", "{tmp_path}/start.sh", "{{python}}",'
    )
    judgement = judged(target, tmp_path, "--workers", workers, "-m", "US1-AS3")
    assert "Secret in a log: the server writes the JWT secret into its log." in judgement.output
    assert "the server writes the database password of the server into its log." in judgement.output


def planted(tmp_path: Path, *options: str) -> Judgement:
    (tmp_path / "printing.py").write_text(PRINTING, "utf-8")
    options = ("-p", "printing", "-m", "US1-AS3", *options)
    return judged(FOREIGN, tmp_path, *options, env={"PYTHONPATH": str(tmp_path)})


@pytest.mark.judging
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_printed_secret_ends_a_judging_with_status_2(tmp_path: Path, workers: str) -> None:
    judgement = planted(tmp_path, "--workers", workers)
    assert judgement.status == 2
    assert "the JWT secret stands in the output of this run" in judgement.output
    assert "the database password of the server stands in the output" in judgement.output


SECRET = secrets.token_urlsafe(24) + "/+~ä"


SPELLINGS = [
    SECRET,
    SECRET.replace("ä", "\\u00e4"),
    quote(SECRET, safe=""),
    SECRET.encode().hex(),
    SECRET.encode().hex().upper(),
    *(base64.b64encode(b"x" * before + SECRET.encode()).decode() for before in range(6)),
    *(base64.urlsafe_b64encode(b"user:"[:n] + SECRET.encode()).decode() for n in range(6)),
    base64.b64encode(SECRET.encode() + b" and more").decode(),
]


@pytest.mark.parametrize("number", range(len(SPELLINGS)))
def test_a_secret_is_found_in_every_spelling(tmp_path: Path, number: int) -> None:
    spelled = SPELLINGS[number]  # a random text is no name of a test
    run_secrets = RunSecrets()
    run_secrets.add({"the secret": SECRET, "a short one": "x"})
    file = tmp_path / "matrix.md"
    file.write_text(f"before x {spelled}: after", "utf-8")
    assert run_secrets.found([file]) == [f"the secret stands in {file}"]
    file.write_text("before x", "utf-8")
    assert run_secrets.found([file]) == []


def test_a_token_is_found(tmp_path: Path) -> None:
    parts = [
        base64.urlsafe_b64encode(one).decode().rstrip("=")
        for one in (b'{"alg":"HS256"}', b'{"sub":"a"}', secrets.token_bytes(32))
    ]
    file = tmp_path / "index.html"
    file.write_text(f"see {'.'.join(parts)}", "utf-8")
    assert RunSecrets().found([file]) == [f"a token stands in {file}"]
