"""Several workers give the same verdicts as one, and end together, also on errors and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from steps.errors import TargetError
from steps.run import worker_count
from steps.target.description.read import read
from steps.target.description.tables import Description
from tests.steps.run.judge import ROOT, Judgement, judged, restore_sigint

MISBEHAVING = Path(__file__).with_name("misbehaving_server.py")
REFERENCE = (ROOT / "targets" / "reference.toml").read_text("utf-8")
USERS_SQL = "CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL);"
DATABASE_AND_USERS = """
[database]
sql = ["users.sql"]
[users]
insert = "INSERT INTO users (id, email) VALUES (%(id)s, %(email)s)"
"""


def read_target(folder: Path, server: str) -> Description:
    file = folder / "target.toml"
    file.write_text(f"[server]\n{server}\n", "utf-8")
    return read(file)


# The number of workers


def test_the_default_is_a_worker_for_each_core_and_one_with_pytest_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = read_target(tmp_path, 'command = ["server", "{port}"]')
    monkeypatch.setattr(worker_count, "cores", lambda: 3)
    assert worker_count.worker_count(None, target, []) == 3
    own_log = read_target(tmp_path, 'command = ["server", "{port}"]\nlog = "{port}.log"')
    assert worker_count.worker_count(None, own_log, []) == 3
    assert worker_count.worker_count(None, target, ["-k", "cake"]) == 1
    assert worker_count.worker_count(2, target, ["-k", "cake"]) == 2
    monkeypatch.setattr(worker_count, "cores", lambda: 64)
    assert worker_count.worker_count(None, target, []) == worker_count.DEFAULT_MAXIMUM
    assert worker_count.worker_count(9, target, []) == 9


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ('url = "http://127.0.0.1:1"', "[server] url: a server that runs already"),
        ('command = ["server"]\nport = 8000', "[server] port: several servers cannot listen"),
        ('command = ["{port}"]\nlog = "x.log"', "[server] log: several servers cannot write one"),
    ],
)
def test_a_server_that_cannot_be_started_twice_has_one_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, sentence: str
) -> None:
    monkeypatch.setattr(worker_count, "cores", lambda: 2)
    target = read_target(tmp_path, server)
    assert (
        worker_count.worker_count(None, target, []) == worker_count.worker_count(1, target, []) == 1
    )
    with pytest.raises(TargetError, match=re.escape(sentence)):
        worker_count.worker_count(2, target, [])


# The results of several workers


@pytest.mark.judging
def test_two_workers_give_the_results_of_one(tmp_path: Path) -> None:
    target = REFERENCE.replace('folder = ".."', f'folder = "{ROOT}"')
    results = []
    for count in ("1", "2"):
        folder = tmp_path / count
        folder.mkdir()
        options = ["-m", "US4-AS1 or US1-AS1 or FR-016", "--workers", count]
        judgement = judged(target, folder, *options)
        files = sorted(path.name for path in judgement.folder.glob("evidence*"))
        assert files == ["evidence.jsonl"]
        results.append(comparable_results(judgement))
    assert results[0] == results[1]


def comparable_results(judgement: Judgement) -> dict[str, Any]:
    """Return the parts of a judgement that do not depend on times or on the measured lines."""
    matrix = judgement.matrix
    keys = ("feature", "line", "result", "reason")
    return {
        "status": judgement.status,
        "verdicts": judgement.verdicts,
        "scenarios": [[one[key] for key in keys] for one in matrix["scenarios"]],
        "findings": matrix["findings"],
        "environment": matrix["environment"],
    }


# Errors and signals end all workers


@pytest.mark.judging
def test_an_error_that_every_worker_has_is_reported_once(tmp_path: Path) -> None:
    judgement = judged(
        '[server]\ncommand = ["sh", "-c", "echo the reason; exit 3", "{port}"]\n',
        tmp_path,
        *("--workers", "2"),
    )
    assert judgement.status == 2
    assert judgement.output.count("The judging could not be done.") == 1
    assert judgement.output.count("the reason") == 1
    assert not re.search(r"\bw\d\b", judgement.output)  # the names of the workers
    assert "--workers 1" not in judgement.output
    assert only_a_log(judgement.folder)


@pytest.mark.judging
def test_a_single_worker_is_advised_where_a_port_is_the_trouble(tmp_path: Path) -> None:
    judgement = judged(
        '[server]\ncommand = ["sh", "-c", "echo address already in use; exit 3", "{port}"]\n',
        tmp_path,
        *("--workers", "2"),
    )
    assert judgement.status == 2
    assert "If two of it cannot run on one machine, say --workers 1." in judgement.output


def only_a_log(folder: Path) -> bool:
    """Return whether a run that gave no verdict left no report, and of the server only its log."""
    return {file.name for file in folder.iterdir()} <= {"server.log"}


FAILS_BESIDE_ANOTHER_START = """
mkdir starts 2>/dev/null || { echo another start is going on; exit 3; }
sleep 1
rmdir starts
exec "$0" "$1" "$2" forbidden
"""
"""A start script that fails while another server starts."""


@pytest.mark.judging
def test_a_server_that_fails_beside_another_start_is_started_again_after_it(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text(FAILS_BESIDE_ANOTHER_START, "utf-8")
    command = ["sh", "-c", ". ./start.sh", "{python}", str(MISBEHAVING), "{port}"]
    (tmp_path / "users.sql").write_text(USERS_SQL, "utf-8")
    target = f"[server]\ncommand = {json.dumps(command)}\n{DATABASE_AND_USERS}"
    judgement = judged(target, tmp_path, "--workers", "2")
    assert judgement.status == 2
    assert "another start is going on" not in judgement.output
    assert "signed as [tokens] says (403: " in judgement.output


@dataclass
class Run:
    """A run with two workers, each of which waits for a server that never answers."""

    process: subprocess.Popen[str]
    report: Path

    def descendants(self) -> dict[int, str]:
        """Return the command lines of all descendants of the run's process, by process id."""
        found: dict[int, str] = {}
        pids = [self.process.pid]
        for pid in pids:
            with suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                pids += [int(child) for child in children]
                found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return {pid: command for pid, command in found.items() if pid != self.process.pid}

    @property
    def workers(self) -> list[int]:
        return [pid for pid, command in self.descendants().items() if "steps.acceptance" in command]

    @property
    def clusters(self) -> list[Path]:
        """The folders of the run's PostgreSQL clusters."""
        commands = self.descendants().values()
        found = (re.search(r"postgres -D (\S+)/data ", command) for command in commands)
        return [Path(one[1]) for one in found if one]

    def end(self, send_signal: Callable[[], None]) -> str:
        """Call `send_signal`, wait until all processes of the run have ended, return its output."""
        descendants = self.descendants()
        send_signal()
        output, _ = self.process.communicate(timeout=60)
        for pid in descendants:  # each gets a signal when its parent process has ended
            subprocess.run(["tail", "--pid", str(pid), "-f", "/dev/null"], timeout=20, check=True)
        assert "Traceback" not in output
        return output


def runs_misbehaving_server(command: str) -> bool:
    return str(MISBEHAVING) in command


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "users.sql").write_text(USERS_SQL, "utf-8")
    command = f'["{{python}}", "{MISBEHAVING}", "{{port}}", "silent"]'
    target = tmp_path / "target.toml"
    target.write_text(
        f"[server]\ncommand = {command}\nstart_seconds = 120\n{DATABASE_AND_USERS}",
        "utf-8",
    )
    report = tmp_path / "report"
    arguments = ["--target", str(target), "--output", str(report), "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "steps.acceptance", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=restore_sigint,
    )
    with process:
        run = Run(process, report)
        deadline = time.monotonic() + 60
        while sum(map(runs_misbehaving_server, run.descendants().values())) < 2:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, run.descendants()
            time.sleep(0.05)
        yield run
        process.kill()


@pytest.mark.judging
@pytest.mark.parametrize(
    ("signal_number", "send"),
    [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)],
    ids=["Ctrl-C in a terminal", "SIGTERM"],
)
def test_sigint_and_sigterm_leave_no_process_no_database_and_no_report(
    run: Run, signal_number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    clusters = run.clusters
    assert len(clusters) == 2
    output = run.end(lambda: send(run.process.pid, signal_number))
    assert run.process.returncode == 2
    assert "KeyboardInterrupt" not in output
    name = "Ctrl-C" if signal_number == signal.SIGINT else "SIGTERM"
    assert output.count(f"Not judged: {name} ended the judging.") == 1
    assert [cluster for cluster in clusters if cluster.exists()] == []
    assert only_a_log(run.report)


@pytest.mark.judging
def test_a_run_that_is_killed_leaves_no_process_and_no_database(run: Run) -> None:
    clusters = run.clusters
    assert len(clusters) == 2
    run.end(run.process.kill)
    assert run.process.returncode == -signal.SIGKILL
    assert [cluster for cluster in clusters if cluster.exists()] == []


@pytest.mark.judging
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_a_signal_that_ends_one_worker_ends_the_judging(
    run: Run, signal_number: signal.Signals
) -> None:
    output = run.end(lambda: os.kill(run.workers[-1], signal_number))
    assert run.process.returncode == 2
    assert output.count("The judging could not be done. A worker was ended from outside") == 1
    assert "--workers 1" not in output
    assert only_a_log(run.report)
