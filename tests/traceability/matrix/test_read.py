"""A matrix.json is read back, and any other file is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.traceability.matrix_files import edit_document, run_of, write_matrix
from tests.traceability.shops import CAKE, LOST, MILK, Project
from traceability.cli.command import main
from traceability.matrix.read import ExchangeLine, MatrixFileError, read_matrix
from traceability.model import Result, Verdict

Document = dict[str, Any]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_reader_returns_what_the_matrix_holds(shop: Project) -> None:
    shop.results[CAKE] = (Result.FAILED, "no cake")
    shop.results[MILK] = (Result.NOT_RUN, "target cannot milk")
    traced, found = shop.matrix(), run_of(shop)
    assert [(one.requirement.id, one.verdict) for one in traced.requirements] == [
        (one.id, one.verdict) for one in found.requirements.values()
    ]
    assert found.verdicts[Verdict.FAILED] == traced.summary.failed == 2
    assert found.results[Result.PASSED] == traced.summary.scenarios_passed
    assert found.findings == traced.findings
    assert found.spec_digest == traced.spec.digest
    assert found.features_digest == traced.features_digest != ""
    cake = found.scenarios[CAKE]
    assert (cake.name, cake.reason, cake.result) == ("Buy cake", "no cake", Result.FAILED)
    assert cake.steps[1] == 'When somebody buys "cake"'
    assert cake.exchanges == (ExchangeLine(1, "POST", "/1", 201),)


def test_conformance_is_computed_from_verdicts_and_findings(shop: Project) -> None:
    assert run_of(shop).conformant
    shop.results[LOST] = (Result.FAILED, "burnt")
    boasting = edit_document(write_matrix(shop, "b.json"), lambda it: it.update(conformant=True))
    assert not read_matrix(boasting).conformant


def test_a_finding_alone_is_not_conformant(shop: Project) -> None:
    shop.leave_out.add(LOST)
    found = read_matrix(edit_document(write_matrix(shop, "a.json"), _verify_everything))
    assert set(found.verdicts) <= {Verdict.VERIFIED, Verdict.EXCLUDED}
    assert found.findings
    assert not found.conformant


def test_nothing_verified_is_not_conformant(shop: Project) -> None:
    found = run_of(shop)
    excluded = {"C-001": found.requirements["C-001"]}
    assert not replace(found, requirements=excluded).conformant
    assert not replace(found, requirements={}).conformant


def test_first_step_that_failed(shop: Project) -> None:
    def fail(document: Document) -> None:
        for step in document["scenarios"][0]["steps"]:
            step["result"] = "failed"

    found = read_matrix(edit_document(write_matrix(shop, "a.json"), fail))
    assert found.scenarios[LOST].failed_step == 0
    assert found.scenarios[CAKE].failed_step is None


def _verify_everything(document: Document) -> None:
    for one in document["requirements"]:
        if one["verdict"] != "excluded":
            one["verdict"] = "verified"


def test_environment_values_of_any_shape_become_text(shop: Project) -> None:
    assert run_of(shop, target={"name": "oak", "commit": "1f"}).target == "oak"
    odd = run_of(shop, target={"name": ["a\x1b[31m", {"b": None}]})
    assert odd.target == "a?[31m, b"
    assert odd.environment["target"] == "name a?[31m, b"
    assert run_of(shop, target=None).target == ""


def _set_in_first_requirement(key: str, value: object) -> Callable[[Document], object]:
    return lambda it: it["requirements"][0].update({key: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: it.pop("format"), "it has no format"),
        (lambda it: it.update(format=99), "its format is 99"),
        (lambda it: it.pop("spec"), "'spec' is missing"),
        (lambda it: it.update(requirements={}), "'requirements' is missing or of another type"),
        (lambda it: it["requirements"].append(3), "'requirements' holds something"),
        (_set_in_first_requirement("verdict", "fine"), "'verdict' cannot be 'fine'"),
        (_set_in_first_requirement("text", None), "'text' is missing"),
        (
            _set_in_first_requirement("scenarios", [{"id": "x:1"}]),
            "US1-AS1 names a scenario that it does not have",
        ),
        (lambda it: it["requirements"].append(it["requirements"][0]), "'US1-AS1' twice"),
        (lambda it: it["scenarios"].append(it["scenarios"][0]), f"{LOST!r} twice"),
        (lambda it: it["scenarios"][0].update(result="ok"), "'result' cannot be 'ok'"),
        (lambda it: it["scenarios"][0]["steps"][0].update(result=1), "'result' is missing"),
        (lambda it: it["scenarios"][0]["exchanges"][0].update(status="2"), "'status' is missing"),
        (lambda it: it["findings"].append({}), "'kind' is missing"),
        (lambda it: it.update(environment=[]), "'environment' is missing"),
    ],
)
def test_document_that_does_not_fit(
    shop: Project, change: Callable[[Document], object], words: str
) -> None:
    file = edit_document(write_matrix(shop, "a.json"), change)
    with pytest.raises(MatrixFileError) as raised:
        read_matrix(file)
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"{file}: is no matrix.json that can be read here: ")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_file_that_is_no_json(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)
    with pytest.raises(MatrixFileError, match="holds no JSON"):
        read_matrix(file)


@pytest.mark.parametrize("content", ["[]", "3", "null", '"x"', "{}"])
def test_json_of_something_else(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(MatrixFileError, match="it has no format"):
        read_matrix(file)


@pytest.mark.parametrize("command", ["compare", "diff"])
def test_command_reports_a_bad_file_in_one_line(
    shop: Project, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    good = str(write_matrix(shop, "a.json"))
    for bad, words in (
        ("pyproject.toml", "holds no JSON"),
        ("gone.json", "cannot be read: No such file"),
        ("features", "cannot be read: Is a directory"),
    ):
        assert main([command, good, str(shop.folder / bad)]) == 2
        printed = capsys.readouterr()
        assert printed.err.startswith(f"traceability: {shop.folder / bad}: {words}")
        assert printed.err.count("\n") == 1
        assert printed.out == ""
