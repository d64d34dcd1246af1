"""The page's scripts take linear time for every text that a run or a spec can hold."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from tests.browser.conftest import ROOT

SECONDS = 120
"""Limit for all texts, which take 3 s; one text with quadratic work takes over a minute."""


def test_worst_texts_take_linear_time() -> None:
    node = compute_driver_executable()[0]
    script = Path(__file__).with_name("hostile_texts.mjs")
    static = ROOT / "traceability" / "report" / "page" / "static"
    done = subprocess.run(
        [node, script, static], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr[-1000:]
    assert int(done.stdout) > 100
