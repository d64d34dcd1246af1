"""Wrong options and targets that do not start: one sentence and exit status 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from steps.postgres.embedded import EmbeddedPostgres

pytestmark = pytest.mark.judging

ROOT = Path(__file__).parents[3]
MINIMAL = '[server]\ncommand = ["{command}"]\n'


def run_acceptance(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "steps.acceptance", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("sentence", "arguments"),
    [
        ("there is no such target file", ["--target", "none.toml"]),
        ("is none of: embedded, testcontainers", ["--database", "mysql://x"]),
        ("cannot connect", ["--database", "postgresql://a:b@127.0.0.1:1/x"]),
        ("not a connection URL", ["--database", "postgresql://a@h/x?nonsense=1"]),
        ("unrecognized arguments: --nonsense", ["--nonsense"]),
        ("'0' is neither auto nor a number above 0", ["--workers", "0"]),
        ("'many' is neither auto nor a number above 0", ["--workers", "many"]),
        ("-x needs a single worker: say --workers 1", ["--workers", "2", "-x"]),
        ("How the work is shared out is ours: say --workers N", ["-n", "2"]),
    ],
)
def test_a_wrong_option_is_reported_in_one_sentence_with_status_2(
    sentence: str, arguments: list[str]
) -> None:
    completed = run_acceptance(*arguments)
    assert completed.returncode == 2, completed.stdout + completed.stderr
    assert sentence in completed.stdout + completed.stderr
    assert "Traceback" not in completed.stdout + completed.stderr


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("cannot run nowhere: No such file", '[server]\ncommand = ["nowhere", "{port}"]'),
        ("with status 3", '[server]\ncommand = ["sh", "-c", "echo the reason; exit 3", "{port}"]'),
        (
            "[database] schema: nowhere ended with status",
            '[server]\ncommand = ["true", "{port}"]\n[database]\nschema = ["nowhere"]',
        ),
        (
            "[database] grant failed",
            '[server]\ncommand = ["true", "{port}"]\n[database]\ngrant = "GRANT nothing TO {role}"',
        ),
    ],
)
def test_a_target_that_does_not_start_is_reported_with_the_reason(
    tmp_path: Path, cluster: EmbeddedPostgres, sentence: str, text: str
) -> None:
    target = tmp_path / "target.toml"
    target.write_text(text, "utf-8")
    completed = run_acceptance("--target", str(target), "--database", cluster.admin_url)
    assert completed.returncode == 2, completed.stdout + completed.stderr
    assert sentence in completed.stdout + completed.stderr
    assert "Traceback" not in completed.stdout + completed.stderr
