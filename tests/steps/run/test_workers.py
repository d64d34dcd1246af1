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
from tests.steps.run.judge import ROOT, Judgement, judged

MISBEHAVING = Path(__file__).with_name("misbehaving_server.py")
REFERENCE = (ROOT / "targets" / "reference.toml").read_text("utf-8")
USERS = "CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL);"
KEEPER = """
[database]
sql = ["users.sql"]
[users]
insert = "INSERT INTO users (id, email) VALUES (%(id)s, %(email)s)"
"""


def described(folder: Path, server: str) -> Description:
    file = folder / "target.toml"
    file.write_text(f"[server]\n{server}\n", "utf-8")
    return read(file)


# How many


def test_one_for_each_core_and_one_for_a_selection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = described(tmp_path, 'command = ["server", "{port}"]')
    monkeypatch.setattr(worker_count, "cores", lambda: 3)
    assert worker_count.worker_count(None, target, []) == 3
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
    ],
)
def test_what_cannot_be_started_twice_has_one_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, sentence: str
) -> None:
    monkeypatch.setattr(worker_count, "cores", lambda: 2)
    target = described(tmp_path, server)
    assert (
        worker_count.worker_count(None, target, []) == worker_count.worker_count(1, target, []) == 1
    )
    with pytest.raises(TargetError, match=re.escape(sentence)):
        worker_count.worker_count(2, target, [])


# They give the verdicts of one worker


@pytest.mark.judging
def test_workers_find_what_one_finds(tmp_path: Path) -> None:
    target = REFERENCE.replace('folder = ".."', f'folder = "{ROOT}"')
    found = []
    for count in ("1", "2"):
        folder = tmp_path / count
        folder.mkdir()
        told = ["-m", "US4-AS1 or US1-AS1 or FR-016", "--workers", count]
        judgement = judged(target, folder, *told)
        files = sorted(path.name for path in judgement.folder.glob("evidence*"))
        assert files == ["evidence.jsonl"]
        found.append(seen(judgement))
    assert found[0] == found[1]


def seen(judgement: Judgement) -> dict[str, Any]:
    """Return the parts of a judgement that do not depend on times or on the measured lines."""
    matrix = judgement.matrix
    told = ("feature", "line", "result", "reason")
    return {
        "status": judgement.status,
        "verdicts": judgement.verdicts,
        "scenarios": [[one[key] for key in told] for one in matrix["scenarios"]],
        "findings": matrix["findings"],
        "environment": matrix["environment"],
    }


# They end together


@pytest.mark.judging
def test_what_every_worker_stumbles_over_is_said_once(tmp_path: Path) -> None:
    judgement = judged(
        '[server]\ncommand = ["sh", "-c", "echo the reason; exit 3", "{port}"]\n',
        tmp_path,
        *("--workers", "2"),
    )
    assert judgement.status == 2
    assert judgement.said.count("The judging could not be done.") == 1
    assert judgement.said.count("the reason") == 1
    assert not re.search(r"\bw\d\b", judgement.said)  # the names of the workers
    assert list(judgement.folder.iterdir()) == []


TWIN = """
mkdir starts 2>/dev/null || { echo a twin is in the way; exit 3; }
sleep 1
rmdir starts
exec "$0" "$1" "$2" forbid
"""


@pytest.mark.judging
def test_a_server_that_cannot_start_beside_its_twin_starts_after_it(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text(TWIN, "utf-8")
    words = ["sh", "-c", ". ./start.sh", "{python}", str(MISBEHAVING), "{port}"]
    (tmp_path / "users.sql").write_text(USERS, "utf-8")
    target = f"[server]\ncommand = {json.dumps(words)}\n{KEEPER}"
    judgement = judged(target, tmp_path, "--workers", "2")
    assert judgement.status == 2
    assert "a twin is in the way" not in judgement.said
    assert "signed as [tokens] says (403: " in judgement.said


@dataclass
class Run:
    """A run with two workers, each of which waits for a server that never answers."""

    process: subprocess.Popen[str]
    report: Path

    def started(self) -> dict[int, str]:
        """Return the command lines of all its descendants, by process id."""
        found: dict[int, str] = {}
        places = [self.process.pid]
        for pid in places:
            with suppress(OSError):
                inner = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                places += [int(one) for one in inner]
                found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return {pid: command for pid, command in found.items() if pid != self.process.pid}

    @property
    def workers(self) -> list[int]:
        return [pid for pid, command in self.started().items() if "steps.acceptance" in command]

    @property
    def clusters(self) -> list[Path]:
        """The data folders of its PostgreSQL servers."""
        commands = self.started().values()
        found = (re.search(r"postgres -D (\S+)/data ", command) for command in commands)
        return [Path(one[1]) for one in found if one]

    def ended(self, how: Callable[[], None]) -> str:
        """End it by `how`; return its output when none of its processes is left."""
        started = self.started()
        how()
        said, _ = self.process.communicate(timeout=60)
        for pid in started:  # each ends as soon as the signal of its parent's death has reached it
            subprocess.run(["tail", "--pid", str(pid), "-f", "/dev/null"], timeout=20, check=True)
        assert "Traceback" not in said
        return said


def is_misbehaving(command: str) -> bool:
    return str(MISBEHAVING) in command


def as_in_a_terminal() -> None:
    """Let Ctrl-C end this process; a shell makes its background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "users.sql").write_text(USERS, "utf-8")
    command = f'["{{python}}", "{MISBEHAVING}", "{{port}}", "deaf"]'
    target = tmp_path / "target.toml"
    target.write_text(
        f"[server]\ncommand = {command}\nstart_seconds = 120\n{KEEPER}",
        "utf-8",
    )
    report = tmp_path / "report"
    words = ["--target", str(target), "--output", str(report), "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "steps.acceptance", *words],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=as_in_a_terminal,
    )
    with process:
        run = Run(process, report)
        deadline = time.monotonic() + 60
        while sum(map(is_misbehaving, run.started().values())) < 2:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, run.started()
            time.sleep(0.05)
        yield run
        process.kill()


@pytest.mark.judging
@pytest.mark.parametrize(
    ("how", "end"),
    [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)],
    ids=["Ctrl-C in a terminal", "SIGTERM"],
)
def test_a_run_that_is_stopped_leaves_nothing(
    run: Run, how: signal.Signals, end: Callable[[int, int], None]
) -> None:
    clusters = run.clusters
    assert len(clusters) == 2
    said = run.ended(lambda: end(run.process.pid, how))
    assert run.process.returncode == 2
    assert said.count("KeyboardInterrupt !") == 1
    assert [place for place in clusters if place.exists()] == []
    assert list(run.report.iterdir()) == []


@pytest.mark.judging
def test_a_run_that_is_killed_leaves_no_process_and_no_database(run: Run) -> None:
    clusters = run.clusters
    assert len(clusters) == 2
    run.ended(run.process.kill)
    assert run.process.returncode == -signal.SIGKILL
    assert [place for place in clusters if place.exists()] == []


@pytest.mark.judging
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_is_ended_from_outside_ends_the_judging(
    run: Run, how: signal.Signals
) -> None:
    said = run.ended(lambda: os.kill(run.workers[-1], how))
    assert run.process.returncode == 2
    assert said.count("The judging could not be done. A worker was ended from outside") == 1
    assert list(run.report.iterdir()) == []
