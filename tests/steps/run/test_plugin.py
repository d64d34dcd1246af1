"""The harness's plugin beside pytest-xdist."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.steps.run.judge import ROOT


@pytest.mark.judging
def test_workers_of_pytest_xdist_and_of_the_harness_do_not_meet() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "2", "--workers", "2"]
    done = subprocess.run(
        [*command, "features", "-m", "US1-AS3"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "-n and --workers both share out the scenarios: leave out one." in done.stderr
