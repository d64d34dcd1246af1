"""A comparison of runs: verdicts, first evidence, names, and runs that are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.traceability.matrix_files import edit_document, run_of, three_matrices, write_matrix
from tests.traceability.shops import CAKE, SHOP, TEA, Project
from traceability.cli.command import main
from traceability.matrix.compare import CompareError, Comparison, compare_runs, failure_exchange
from traceability.matrix.read import ExchangeLine, RanScenario, Run, read_matrix
from traceability.model import Result, Verdict

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def compared(shop: Project) -> Comparison:
    return compare_runs([read_matrix(file) for file in three_matrices(shop)])


def test_rows_and_cells(compared: Comparison) -> None:
    assert compared.names == ("oak", "elm", "ash")
    cells = {row.id: [cell.verdict for cell in row.cells] for row in compared.rows}
    assert cells["FR-001"] == [Verdict.VERIFIED, Verdict.FAILED, Verdict.VERIFIED]
    assert cells["FR-002"] == [Verdict.VERIFIED, Verdict.VERIFIED, Verdict.NOT_RUN]
    assert cells["C-001"] == [Verdict.EXCLUDED] * 3
    assert [row.id for row in compared.differing] == ["US1-AS1", "FR-001", "FR-002"]


def test_first_evidence(compared: Comparison) -> None:
    cells = {row.id: row.cells for row in compared.rows}
    failed = cells["FR-001"][1].proof
    assert failed.reason == "1 of 2 answers is not 200"
    assert (failed.scenario, failed.place) == ("Buy cake", CAKE)
    assert failed.exchange == "POST /1 → 201"
    assert cells["FR-001"][0].proof.reason == "1 scenario passed, 1 of 1 claimed place ran"
    assert cells["FR-001"][0].proof.scenario
    assert cells["FR-001"][0].proof.place.startswith("features/")
    assert cells["FR-002"][2].proof.reason.endswith("did not run: target cannot milk")
    assert cells["FR-002"][2].proof.exchange == ""
    assert cells["C-001"][0].proof.reason.startswith("a client sees")


def failed_scenario(
    reason: str, *exchanges: ExchangeLine, failed_step: int | None = 2
) -> RanScenario:
    steps = ("Given a", "When b", "Then c", "Then d")
    return RanScenario("x:1", "x", "x", (), Result.FAILED, reason, steps, failed_step, exchanges)


GIVEN_POST, WHEN_POST = ExchangeLine(0, "POST", "/a", 201), ExchangeLine(1, "POST", "/a", 201)
WHEN_PUT_UNANSWERED = ExchangeLine(1, "PUT", "/a/1", None)
WHEN_PUT, LATER_GET = ExchangeLine(1, "PUT", "/a/1", 200), ExchangeLine(3, "GET", "/a", 200)


@pytest.mark.parametrize(
    ("reason", "exchanges", "expected"),
    [
        ("wrong: PUT /a/1 -> 200, POST /a -> 201", (GIVEN_POST, WHEN_POST, WHEN_PUT), WHEN_PUT),
        ("wrong: POST /a -> 201, PUT /a/1 -> 200", (GIVEN_POST, WHEN_POST, WHEN_PUT), WHEN_POST),
        ("PUT /a/12 -> 200 is wrong", (WHEN_PUT, WHEN_POST), WHEN_POST),
        ("PUT /a/1 -> 2001 is wrong", (WHEN_PUT, WHEN_POST), WHEN_POST),
        ("PUT /a/12 -> no answer", (WHEN_PUT_UNANSWERED, WHEN_POST), WHEN_POST),
        ("PUT /a/1 -> no answer", (WHEN_PUT_UNANSWERED, WHEN_POST), WHEN_PUT_UNANSWERED),
        ("not a list", (GIVEN_POST, WHEN_POST, WHEN_PUT, LATER_GET), WHEN_PUT),
        ("not a list", (LATER_GET,), None),
        ("not a list", (), None),
    ],
)
def test_exchange_that_shows_a_failure(
    reason: str, exchanges: tuple[ExchangeLine, ...], expected: ExchangeLine | None
) -> None:
    assert failure_exchange(failed_scenario(reason, *exchanges)) is expected


def test_exchange_of_a_failure_outside_of_steps() -> None:
    assert (
        failure_exchange(failed_scenario("no end", GIVEN_POST, LATER_GET, failed_step=None))
        is LATER_GET
    )


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (ExchangeLine(1, "GET", "/a/0123456789abcdef/b", 404), "GET /a/0123456789abcdef/b → 404"),
        (ExchangeLine(1, "GET", "/a/0123456789abcdef0/b", 404), "GET /a/01234567…/b → 404"),
        (
            ExchangeLine(1, "GET", "/a?token=0123456789abcdef", 200),
            "GET /a?token=0123456789… → 200",
        ),
        (ExchangeLine(1, "GET", "/a", None), "GET /a → no answer"),
    ],
)
def test_exchange_in_one_line(shop: Project, exchange: ExchangeLine, words: str) -> None:
    shop.results = {CAKE: (Result.FAILED, "no")}
    failed = run_of(shop)
    scenarios = failed.scenarios | {CAKE: replace(failed.scenarios[CAKE], exchanges=(exchange,))}
    compared = compare_runs(
        [replace(failed, scenarios=scenarios), run_of(with_failed_tea(shop), "other.json")]
    )
    row = next(row for row in compared.rows if row.id == "FR-001")
    assert row.cells[0].proof.exchange == words


def with_failed_tea(shop: Project) -> Project:
    shop.results = {TEA: (Result.FAILED, "cold")}
    return shop


def test_failure_without_reason_or_exchange(shop: Project) -> None:
    files = three_matrices(shop, "")
    edit_document(files[1], lambda it: [one.update(exchanges=[]) for one in it["scenarios"]])
    row = compare_runs([read_matrix(file) for file in files]).rows[1]
    assert row.cells[1].proof.reason == "no reason was given"
    assert row.cells[1].proof.exchange == ""


def test_run_names_are_distinct(shop: Project) -> None:
    runs = []
    for at, (name, target) in enumerate(
        [("a/matrix.json", "oak"), ("b/matrix.json", "oak"), ("c.json", "elm"), ("d.json", None)]
    ):
        shop.results = {CAKE: (Result.FAILED, str(at))}
        runs.append(run_of(shop, name, target))
    names = compare_runs(runs).names
    assert names[2] == "elm"
    assert names[:2] == ("oak (a/matrix.json)", "oak (b/matrix.json)")
    assert names[3].endswith("/d.json)")
    assert compare_runs(runs[2:]).names == ("elm", "(d.json)")


def refusal(*runs: Run) -> str:
    with pytest.raises(CompareError) as raised:
        compare_runs(runs)
    return str(raised.value)


def test_runs_of_another_spec_or_other_features_are_refused(shop: Project) -> None:
    first = run_of(shop, "a.json", "a")
    shop.replace("spec.md", "MUST sell", "MUST give away")
    assert "are of different specs" in refusal(first, run_of(shop, "b.json", "b"))
    shop.replace("spec.md", "MUST give away", "MUST sell")
    shop.replace(SHOP, "Given a shop", "Given a small shop")
    assert "are of different features" in refusal(first, run_of(shop, "c.json", "c"))
    shop.replace(SHOP, "Given a small shop", "Given a shop")
    shop.results = {CAKE: (Result.FAILED, "")}
    assert compare_runs([first, run_of(shop, "d.json", "d")])


def test_third_run_of_another_spec_is_refused(shop: Project) -> None:
    files = three_matrices(shop)
    edit_document(files[2], lambda it: it["spec"].update(digest="00"))
    assert "elm.json" not in refusal(*(read_matrix(file) for file in files))


def test_same_digest_with_other_content_is_refused(shop: Project) -> None:
    oak, elm, _ = (read_matrix(file) for file in three_matrices(shop))
    fewer = dict(list(elm.requirements.items())[1:])
    assert "different specs" in refusal(oak, replace(elm, requirements=fewer))
    less = dict(list(elm.scenarios.items())[1:])
    assert "different features" in refusal(oak, replace(elm, scenarios=less))


def test_same_run_twice_is_refused(shop: Project) -> None:
    first = write_matrix(shop, "a.json", "oak")
    copy = shop.folder / "b.json"
    copy.write_bytes(first.read_bytes())
    assert "is given twice" in refusal(read_matrix(first), read_matrix(first))
    assert "are copies of the same run" in refusal(read_matrix(first), read_matrix(copy))
    elm = run_of(with_failed_tea(shop), "c.json", "elm")
    assert "are copies of the same run" in refusal(elm, read_matrix(first), read_matrix(copy))


def test_run_that_cannot_be_compared_is_refused(shop: Project) -> None:
    files = three_matrices(shop)
    oak, elm, _ = (read_matrix(file) for file in files)
    assert "two runs or more" in refusal(oak)
    assert "does not say of which features" in refusal(oak, replace(elm, features_digest=""))
    assert "has no requirement" in refusal(replace(oak, requirements={}), elm)


@pytest.mark.parametrize("path", ["spec.md", SHOP])
def test_run_that_is_out_of_date_is_refused(shop: Project, path: str) -> None:
    elm = run_of(shop, "elm.json", "elm")
    recorded = str(shop.record())
    shop.append(path, "\n# more\n")
    output = shop.folder / "out"
    main(["report", recorded, "--root", str(shop.folder), "--output", str(output)])
    stale = read_matrix(output / "matrix.json")
    assert "have changed since this run" in refusal(elm, stale)
    assert (stale.features_digest != elm.features_digest) is (path == SHOP)


def test_run_of_other_sources_can_be_compared(shop: Project) -> None:
    """Implementations differ in their code: that a source changed does not matter here."""
    elm = run_of(shop, "elm.json", "elm")
    recorded = str(shop.record())
    shop.append("app/shop.py", "\n# more\n")
    output = shop.folder / "out"
    main(["report", recorded, "--root", str(shop.folder), "--output", str(output)])
    oak = read_matrix(output / "matrix.json")
    assert [one.kind for one in oak.findings] == ["stale-evidence"]
    assert compare_runs([elm, oak]).differing == ()


def test_command_writes_page_and_markdown(shop: Project, capsys: Capture) -> None:
    files = [str(file) for file in three_matrices(shop)]
    output = shop.folder / "out"
    assert main(["compare", *files, "--output", str(output)]) == 0
    assert {file.name for file in output.iterdir()} == {"comparison.html", "comparison.md"}
    printed = capsys.readouterr().out
    assert "1 of 3 implementations conformant" in printed
    assert f"Comparison: {output / 'comparison.html'}" in printed
    assert all(len(line) <= 80 for line in printed.splitlines()[:-1])


def test_command_refuses_with_status_2(shop: Project, capsys: Capture) -> None:
    file = str(write_matrix(shop, "a.json"))
    output = shop.folder / "out"
    for files in ([file], [file, file]):
        assert main(["compare", *files, "--output", str(output)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert not output.exists()


def test_command_needs_no_project(
    shop: Project, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = [str(file) for file in three_matrices(shop)]
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["compare", *files]) == 0
    assert Path("build/comparison/comparison.html").is_file()
    assert main(["diff", files[1], files[0]]) == 0
