from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from steps.postgres.embedded import EmbeddedPostgres

pytestmark = pytest.mark.judging

ROOT = Path(__file__).parents[3]
MINIMAL = '[server]\ncommand = ["{command}"]\n'


def acceptance(*arguments: str) -> subprocess.CompletedProcess[str]:
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
def test_a_wrong_option_is_one_sentence_and_status_2(sentence: str, arguments: list[str]) -> None:
    done = acceptance(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


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
def test_a_target_that_does_not_start_says_why(
    tmp_path: Path, cluster: EmbeddedPostgres, sentence: str, text: str
) -> None:
    target = tmp_path / "target.toml"
    target.write_text(text, "utf-8")
    done = acceptance("--target", str(target), "--database", cluster.admin_url)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
