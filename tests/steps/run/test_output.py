"""What a judging prints and writes: reasons for people, and no piece of a token that it used."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from tests.steps.run.judge import FOREIGN, ROOT, Judgement, judged

pytestmark = pytest.mark.judging

ECHOING = '''
import json, pathlib, runpy, sys

sys.path.insert(0, str(pathlib.Path.cwd()))
from todo_api import api

answer_as_ever = api.Api.answer

async def answer(self, request):
    """Note the token, and quote its beginning and its end in each refusal, as parsers do."""
    header = request.headers.get("Authorization", "")
    with pathlib.Path({file!r}).open("a", encoding="utf-8", errors="replace") as sent:
        sent.write(header + "\\n")
    response = await answer_as_ever(self, request)
    if response.status >= 400 and len(header) < 1000:
        body = json.loads(response.body)
        body["detail"] += f" Read: {{header[:90]}} ... {{header[-60:]}}."
        response.body = json.dumps(body).encode()
    return response

api.Api.answer = answer
runpy.run_module("todo_api", run_name="__main__")
'''
PIECE = 12
"""Characters of the shortest piece of a token that no report may show."""
FAULTS = "no-header-403,vague-expiry,created-200,list-wrapped,no-status-code,title-of-256,leeway"
SELECTED = "US1-AS2 or US1-AS3 or US1-AS4 or US2-AS1 or US2-AS2 or EC-03 or FR-001 or FR-019"


def judge_broken(folder: Path, *options: str) -> Judgement:
    target = FOREIGN.replace("env]\n", f'env]\nBREAK = "{FAULTS}"\n')
    return judged(target, folder, "--workers", "1", "-m", SELECTED, *options)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_piece_of_a_token_is_printed_or_written(tmp_path: Path, workers: str) -> None:
    """The server tells this test which tokens it got, so it does not ask the harness."""
    sent, wrapper = tmp_path / "sent", tmp_path / "wrapper.py"
    wrapper.write_text(ECHOING.format(file=str(sent)), "utf-8")
    target = FOREIGN.replace('"-m", "todo_api"]', f'"{wrapper}"]', 1)
    target = target.replace("env]\n", 'env]\nBREAK = "leeway,signature-unchecked"\n', 1)
    judgement = judged(target, tmp_path, "--workers", workers, "-m", SELECTED)
    tokens = {line.split(" ")[-1] for line in sent.read_text("utf-8").splitlines()}
    parts = {part for one in tokens if one.count(".") == 2 for part in one.split(".")[1:]}
    parts = {part for part in parts if len(part) >= PIECE}
    assert len(parts) > 100
    assert "failed" in judgement.results()
    texts = {file.name: file.read_text("utf-8") for file in judgement.folder.iterdir()}
    assert texts.keys() >= {"index.html", "junit.xml", "matrix.json", "evidence.jsonl"}
    assert "failures.txt" in texts
    for name, text in {**texts, "the output": judgement.text}.items():
        words = "\n".join(re.findall(rf"[\w-]{{{PIECE},}}", text, re.ASCII))
        shown = [part for part in parts if part[:PIECE] in words or part[-PIECE:] in words]
        assert not shown, f"{len(shown)} of {len(parts)} pieces stand in {name}"
    assert "a piece of a token stands in" not in judgement.text


def test_a_piece_of_a_token_in_a_report_ends_a_judging_with_status_2(tmp_path: Path) -> None:
    planting = tmp_path / "planting.py"
    planting.write_text(
        "from steps.target.tokens import tell_each_token\n"
        "tokens = []\n"
        "tell_each_token(tokens.append)\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    terminalreporter.line('see ' + tokens[0][-30:])\n"
    )
    options = ("-p", "planting", "-m", "US4-AS1", "--workers", "1")
    judgement = judged(FOREIGN, tmp_path, *options, env={"PYTHONPATH": str(tmp_path)})
    assert judgement.status == 2
    assert "a piece of a token stands in the output of this run" in judgement.output


def test_after_the_progress_the_output_fits_on_a_screen(tmp_path: Path) -> None:
    judgement = judge_broken(tmp_path)
    lines = judgement.text.splitlines()
    progress = [at for at, line in enumerate(lines) if re.match(r"\[ *\d+/\d+]|FAILED ", line)]
    rest = lines[progress[-1] + 1 :]
    assert len(rest) <= 60
    # A path or a selection that was given may be longer than a line.
    ours = [line for line in rest if str(tmp_path) not in line and SELECTED not in line]
    assert [line for line in ours if len(line) > 80] == []
    text = "\n".join(rest)
    assert "  US1-AS2  403 instead of 401 without a header: 6 operations" in text
    assert "expected a JSON array" in text
    assert "where" not in text
    assert "Answer(" not in text
    assert "assert" not in text
    assert ".py" not in text
    assert "Failures in full:" in text
    for folder in (str(ROOT), str(Path.home()), tempfile.gettempdir()):
        shown = text.replace(str(tmp_path), "")
        assert folder == "/" or f"{folder}/" not in shown


def test_each_requirement_that_falls_short_is_named_with_its_own_reason(tmp_path: Path) -> None:
    judgement = judge_broken(tmp_path)
    listed = judgement.text.partition("What falls short")[2]
    failed = [id_ for id_, verdict in judgement.verdicts.items() if verdict == "failed"]
    assert failed
    for id_ in failed:
        assert re.search(rf"\b{id_}\b", listed), id_
    reasons = {one["id"]: one["reason"] for one in judgement.matrix["requirements"]}
    assert reasons["EC-03"].startswith("200 instead of 422 with a title of 201 characters")
    assert reasons["US1-AS2"].startswith("403 instead of 401 without a header: 6 operations")
    assert reasons["FR-019"].startswith("an error without status_code")
    assert reasons["US2-AS1"].startswith("200 instead of 201: POST /api/{user_id}/tasks")


def test_no_reason_shows_the_harness_and_both_values_stand_beside_it(tmp_path: Path) -> None:
    judgement = judge_broken(tmp_path)
    for scenario in judgement.scenarios:
        if scenario["result"] == "failed":
            reason = scenario["reason"]
            assert reason, scenario["name"]
            assert "\n" not in reason
            assert not re.search(r"\bassert\b|Answer\(|isinstance|\bwhere\b|Error\b", reason)
            steps = [step for step in scenario["steps"] if step["result"] == "failed"]
            assert steps[0]["mismatches"], reason
    statuses = [
        mismatch
        for scenario in judgement.scenarios
        for step in scenario["steps"]
        for mismatch in step["mismatches"]
        if mismatch["sentence"] == "403 instead of 401"
    ]
    assert statuses[0]["expected"] == "401"
    assert statuses[0]["actual"].startswith('403 {"detail"')
    told = [
        one
        for one in judgement.matrix["failures"]
        if one["sentence"] == "an error without status_code" and not one["clarifications"]
    ]
    assert len(told) == 1  # however many scenarios show it
    assert len(told[0]["scenarios"]) >= 5
    assert told[0]["requirements"] == ["FR-019"]


def test_links_of_the_matrix_work_wherever_it_is(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "1", "-m", "US4-AS1")
    text = (judgement.folder / "matrix.md").read_text("utf-8")
    targets = set(re.findall(r"\]\(([^)#?]+)[^)]*\)", text))
    assert len(targets) > 3
    for target in targets:
        assert not target.startswith("/")
        assert (judgement.folder / target).is_file(), target
