"""A judge's shell neither changes a verdict nor ends a judging in an error that names no cause."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.steps.run.judge import FOREIGN, ROOT, judged
from tests.steps.test_surroundings import LIBPQ_VARIABLES

pytestmark = pytest.mark.judging

REFERENCE = (ROOT / "targets" / "reference.toml").read_text("utf-8")
REFERENCE = REFERENCE.replace('folder = ".."', f'folder = "{ROOT}"')
ONE = ["-m", "US1-AS3"]
"""Selects scenarios that take no time."""
INSTALLED_PLUGIN = """
import warnings
import pytest

warnings.warn("set the option of this plugin", pytest.PytestDeprecationWarning)

def pytest_configure(config):
    warnings.warn("set the option of this plugin", pytest.PytestDeprecationWarning)

def pytest_collection_modifyitems(config, items):
    items.reverse()
    config.hook.pytest_deselected(items=items[10:])
    del items[10:]

def pytest_runtest_makereport(item, call):
    raise RuntimeError("this plugin is not meant for a judging")
"""
SHELL = LIBPQ_VARIABLES | {
    "PYTEST_PLUGINS": "nonsense",
    "PYTHONWARNINGS": "error",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "ascii",
    "PYTHONSTARTUP": "/nonexistent",
    "COVERAGE_RCFILE": "/nonexistent",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "ALL_PROXY": "socks5://127.0.0.1:1",
    "SSL_CERT_FILE": "/nonexistent",
    "NETRC": "/nonexistent",
    "GIT_DIR": "/nonexistent",
    "TZ": "Nonsense/Zone",
    "LC_ALL": "xx_YY.UTF-8",
    "COLUMNS": "1",
    "FORCE_COLOR": "1",
    "TERM": "dumb",
}


def install_plugin(folder: Path) -> None:
    """Put a distribution with a pytest plugin into a folder of PYTHONPATH, as pip would."""
    (folder / "beside.py").write_text(INSTALLED_PLUGIN, "utf-8")
    metadata = folder / "beside-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: beside\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nbeside = beside\n")


def test_a_verdict_is_the_same_whatever_the_shell_says(tmp_path: Path) -> None:
    install_plugin(tmp_path)
    long = tmp_path / ("long" * 40)
    long.mkdir()
    coverage = tmp_path / "coverage.ini"
    coverage.write_text(f"[run]\nparallel = true\ndata_file = {tmp_path}/coverage\n")
    shell = SHELL | {"PYTHONPATH": str(tmp_path), "TMPDIR": str(long)}
    shell["COVERAGE_PROCESS_START"] = str(coverage)
    judgement = judged(REFERENCE, tmp_path, env=shell)
    assert judgement.status == 0, judgement.output[-2000:]
    assert judgement.results() == {"passed"}
    assert "PYTEST_PLUGINS of the environment is ignored" in judgement.output


@pytest.mark.parametrize(
    "options",
    [
        ONE,
        ["-k", "challenge_names"],
        ["-m", "US1-AS3", "--collect-only"],
        ["-m", "US1-AS3", "--setup-only"],
        ["-m", "US1-AS3", "--setup-plan"],
        ["-m", "US1-AS3", "-x"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("by_variable", [False, True], ids=["argument", "PYTEST_ADDOPTS"])
def test_a_selection_is_no_verdict_and_named(
    tmp_path: Path, options: list[str], by_variable: bool
) -> None:
    target = FOREIGN.replace('source = ["todo_api"]', 'source = ["todo_api"]\nmeasure = false')
    words = " ".join(options)
    if by_variable:
        quoted = words.replace("US1-AS3", "'US1-AS3'")
        judgement = judged(target, tmp_path, "--workers", "1", env={"PYTEST_ADDOPTS": quoted})
        words = f"PYTEST_ADDOPTS {words}"
    else:
        judgement = judged(target, tmp_path, "--workers", "1", *options)
    assert judgement.status == 2, judgement.output
    left_out = rf"Not judged: {re.escape(words)} left out \d+ of \d+ scenarios"
    assert re.search(left_out, judgement.output)
    if "--setup-plan" in options or "--collect-only" in options or "--setup-only" in options:
        assert judgement.results() == {"not run"}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("-n 2", "PYTEST_ADDOPTS of the environment: How the work is shared out is ours"),
        ("--evidence x", "PYTEST_ADDOPTS of the environment: --evidence is ours"),
        ("-k 'open", "PYTEST_ADDOPTS of the environment: No closing quotation"),
        ("--reruns 3", "unrecognized arguments: --reruns"),
    ],
)
def test_options_of_the_shell_that_cannot_be_heeded_are_named(
    tmp_path: Path, value: str, sentence: str
) -> None:
    judgement = judged(FOREIGN, tmp_path, env={"PYTEST_ADDOPTS": value})
    assert judgement.status == 2, judgement.output
    assert sentence in judgement.output
    assert "PYTEST_ADDOPTS of the environment" in judgement.output


def test_asserts_that_are_switched_off_are_named(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, *ONE, env={"PYTHONOPTIMIZE": "1"})
    assert judgement.status == 2
    assert "Steps assert: run without PYTHONOPTIMIZE and python -O." in judgement.output


def acceptance(
    folder: Path, shell: str, *, hard: int = 0, soft: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a judging of the foreign server in a shell; `$ACCEPTANCE` is its command."""
    target = folder / "target.toml"
    target.write_text(FOREIGN, "utf-8")
    command = [sys.executable, "-m", "steps.acceptance", "--target", str(target)]
    command += ["--output", str(folder / "report"), *ONE]

    def limit() -> None:
        if hard or soft:
            _, before = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft or hard, hard or before))

    return subprocess.run(
        ["bash", "-c", shell, "shell", *command],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=limit,
    )


def test_too_few_open_files_are_named_and_a_low_limit_is_raised(tmp_path: Path) -> None:
    refused = acceptance(tmp_path, '"$@"', hard=64)
    assert refused.returncode == 2
    assert "A process may open 64 files here" in refused.stderr
    raised = acceptance(tmp_path, '"$@"', soft=64)
    assert "Not judged: -m US1-AS3 left out" in raised.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(tmp_path: Path, closed: str) -> None:
    done = acceptance(tmp_path, f'"$@" {closed}')
    assert done.returncode == 2
    assert (tmp_path / "report" / "index.html").exists(), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_verdict(tmp_path: Path) -> None:
    done = acceptance(tmp_path, '"$@" | head -1; exit ${PIPESTATUS[0]}')
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Not judged: " in done.stderr
