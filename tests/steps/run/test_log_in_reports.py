"""The server's own words stand beside its 500s, and its log is kept without tokens and secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.run.secret_search import RunSecrets
from tests.steps.run.judge import FOREIGN, judged

pytestmark = pytest.mark.judging


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_log_stands_beside_every_500_and_is_kept(tmp_path: Path, workers: str) -> None:
    target = FOREIGN.replace("env]\n", 'env]\nBREAK = "expiry-crash,token-logged"\n')
    options = ["--workers", workers, "-m", "FR-003"]
    judgement = judged(
        target.replace("[server]", "[server]\nmeasure = false", 1), tmp_path, *options
    )
    exchanges = [one for scenario in judgement.scenarios for one in scenario["exchanges"]]
    crashed = [one for one in exchanges if one["status"] == 500]
    assert crashed
    assert [one for one in crashed if "int() with base 10" not in one["log"]] == []
    assert [one for one in exchanges if one["status"] != 500 and one["log"]] == []
    assert "int() with base 10" in (judgement.folder / "index.html").read_text("utf-8")
    kept = judgement.folder / "server.log"
    text = kept.read_text("utf-8")
    assert "int() with base 10" in text
    assert "‹token alg=HS256" in text  # the server writes tokens into its log
    assert text.count("===== server ") == (2 if workers == "2" else 0)
    assert RunSecrets().found([kept]) == []


def test_a_server_that_is_wrong_in_many_places_is_no_reason_not_to_judge(tmp_path: Path) -> None:
    faults = "list-wrapped,integer-ids,no-status-code,created-200,deleted-200,no-zone,invalid-400"
    target = FOREIGN.replace("env]\n", f'env]\nBREAK = "{faults}"\n')
    judgement = judged(target, tmp_path, "-m", "US2-AS1")
    assert "The judging could not be done" not in judgement.output
    assert judgement.results() >= {"failed"}
