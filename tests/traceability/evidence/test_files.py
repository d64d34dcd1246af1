"""Evidence is written, read back and merged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.traceability.shops import CAKE, MILK, TEA, Project
from traceability.evidence.file_format import (
    UNREACHED,
    EvidenceError,
    format_line_ranges,
    parse_line_ranges,
    recorded_files,
)
from traceability.evidence.merge import merge_evidence
from traceability.evidence.read import read_evidence
from traceability.evidence.write import EvidenceWriter
from traceability.model import (
    Deviation,
    Exchange,
    Finding,
    Measurement,
    Result,
    ScenarioEvidence,
    StepEvidence,
)

FULL = ScenarioEvidence(
    id="features/a.feature:3",
    result=Result.FAILED,
    reason="no \u2013 \ud800",
    seconds=1.5,
    steps=(
        StepEvidence("Given", "a", 4, Result.PASSED, 0.1),
        StepEvidence("When", "b", 5, Result.FAILED, 0.2, "no", {"x.py": frozenset({3, 4, 9})}),
    ),
    exchanges=(
        Exchange(1, "GET", "/", (("a", "b"), ("a", "c")), "q", None, (), "", 0.5, "refused"),
    ),
    measurements=(Measurement(1, "slowest", 0.2, "s", 3.0, (0.1, 0.2), "plan"),),
)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_reader_returns_what_the_writer_wrote(tmp_path: Path) -> None:
    file = tmp_path / "new" / "evidence.jsonl"
    with EvidenceWriter(file) as writer:
        writer.write_run(
            spec_digest="s", features_digest="f", environment={"a": 1}, unmeasured="no"
        )
        writer.write_scenario(FULL)
        writer.write_source("x.py", "d")
        writer.write_finding(Finding("async-step", "is async", "steps.py", 7))
        writer.write_environment(b=[2])
        writer.write_environment(unmeasured="")
        writer.write_end(1)
    read = read_evidence(file)
    assert read.scenarios == {FULL.id: FULL}
    assert (read.spec_digest, read.features_digest, read.unmeasured) == ("s", "f", "")
    assert read.environment == {"a": 1, "b": [2]}
    assert read.sources == {"x.py": "d"}
    assert read.findings == (Finding("async-step", "is async", "steps.py", 7),)


def test_every_record_is_on_disk_when_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    with EvidenceWriter(file) as writer:
        writer.write_run(spec_digest="s", features_digest="f")
        writer.write_scenario(FULL)
        assert read_evidence(file).scenarios == {FULL.id: FULL}


@pytest.mark.parametrize(
    ("lines", "text"), [((), ""), ((9, 4, 3), "3-4,9"), ((1,), "1"), ((1, 2, 3, 5, 6), "1-3,5-6")]
)
def test_line_ranges_are_written_and_read_back(lines: tuple[int, ...], text: str) -> None:
    assert format_line_ranges(lines) == text
    assert parse_line_ranges(text) == frozenset(lines)


def test_line_cut_short_is_a_truncated_run(shop: Project) -> None:
    file = shop.record()
    file.write_bytes(file.read_bytes()[:-20])
    read = read_evidence(file)
    assert [one.kind for one in read.findings] == ["truncated-run"]
    assert len(read.scenarios) == 5


def test_end_that_counts_more_scenarios_than_there_are(shop: Project) -> None:
    file = shop.record()
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if TEA not in line))
    assert [one.kind for one in read_evidence(file).findings] == ["truncated-run"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no run"),
        ("{broken\n", ":1: is no evidence record"),
        ('{"record":"run"}\n', ":1: is no evidence record (KeyError: 'format')"),
        ("[]\n", ":1: is no evidence record"),
        ('{"record":"end","scenarios":0}\n', ":1: a record 'end' stands before"),
        ('{"record":"run","format":99}\n', ":1: has the format 99"),
    ],
)
def test_file_that_is_no_evidence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "evidence.jsonl"
    file.write_text(text)
    with pytest.raises(EvidenceError) as raised:
        read_evidence(file)
    assert str(raised.value).startswith(str(file))
    assert words in str(raised.value)


def test_broken_line_in_the_middle_names_its_number(shop: Project) -> None:
    file = shop.record()
    lines = file.read_text().splitlines()
    lines[3] = lines[3][:-9]
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(EvidenceError, match=r"evidence\.jsonl:4: is no evidence record"):
        read_evidence(file)


def test_unknown_record_and_second_run(shop: Project) -> None:
    file = shop.record()
    first = file.read_text().splitlines()[0]
    for extra, words in ((first, "a second run begins"), ('{"record":"odd"}', "'odd' is unknown")):
        other = shop.folder / "other.jsonl"
        other.write_text(f"{first}\n{extra}\n")
        with pytest.raises(EvidenceError, match=words):
            read_evidence(other)


def test_shards_become_one_run(shop: Project) -> None:
    shop.leave_out = {TEA, MILK}
    one = shop.record("one.jsonl")
    shop.leave_out = {CAKE}
    shop.unmeasured = "nothing to measure"
    two = shop.record("two.jsonl")
    merged = read_evidence(one, two)
    assert len(merged.scenarios) == 5
    assert merged.findings == ()
    assert merged.unmeasured == ""


@pytest.mark.parametrize("backwards", [False, True])
def test_failure_counts_above_pass_and_pass_above_not_run(shop: Project, backwards: bool) -> None:
    shop.results = {CAKE: (Result.FAILED, "no"), TEA: (Result.NOT_RUN, "skipped: deselected")}
    files = [shop.record("one.jsonl")]
    shop.results = {MILK: (Result.FAILED, "sour")}
    files.append(shop.record("two.jsonl"))
    merged = read_evidence(*(reversed(files) if backwards else files))
    results = {name: merged.scenarios[name].result for name in (CAKE, TEA, MILK)}
    assert results == {CAKE: Result.FAILED, TEA: Result.PASSED, MILK: Result.FAILED}


@pytest.mark.parametrize("what", ["spec", "features"])
def test_runs_of_different_versions_are_refused(shop: Project, what: str) -> None:
    one = shop.record("one.jsonl")
    record = json.loads(one.read_text().splitlines()[0]) | {f"{what}_digest": "other"}
    two = shop.folder / "two.jsonl"
    two.write_text(json.dumps(record) + "\n")
    with pytest.raises(EvidenceError, match=rf"two\.jsonl: was run with another version.*{what}"):
        read_evidence(one, two)


def test_source_that_changed_between_merged_runs(shop: Project) -> None:
    one = shop.record("one.jsonl")
    shop.append("app/shop.py", "\n")
    merged = read_evidence(one, shop.record("two.jsonl"))
    assert [(one.kind, one.path) for one in merged.findings] == [("stale-evidence", "app/shop.py")]


def test_environments_that_differ_become_lists(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with EvidenceWriter(tmp_path / name) as writer:
            writer.write_run(
                spec_digest="s", features_digest="f", environment={"host": name, "os": "x"}
            )
            writer.write_end(0)
    merged = read_evidence(tmp_path / "a", tmp_path / "b")
    assert merged.environment == {"host": ["a", "b"], "os": "x"}


def write_run_without_result(file: Path, reason: str, unmeasured: str) -> Path:
    with EvidenceWriter(file) as writer:
        writer.write_run(spec_digest="s", features_digest="f", unmeasured=unmeasured)
        writer.write_scenario(
            ScenarioEvidence("features/a.feature:3", Result.NOT_RUN, reason, 0.0, ())
        )
        writer.write_end(1)
    return file


@pytest.mark.parametrize("turned", [False, True])
def test_run_that_did_not_reach_a_scenario_does_not_count_for_it(
    tmp_path: Path, *, turned: bool
) -> None:
    never = write_run_without_result(tmp_path / "a", UNREACHED, "the harness measures no server")
    tried = write_run_without_result(
        tmp_path / "b", "target cannot stop its database", "it runs elsewhere"
    )
    merged = read_evidence(*([tried, never] if turned else [never, tried]))
    assert merged.scenarios["features/a.feature:3"].reason == "target cannot stop its database"
    assert merged.unmeasured == "it runs elsewhere"


def test_merged_file_holds_the_same_as_its_parts(tmp_path: Path) -> None:
    with EvidenceWriter(tmp_path / "e-gw0.jsonl") as writer:
        writer.write_run(spec_digest="s", features_digest="f", environment={"a": 1})
        writer.write_scenario(FULL)
        writer.write_source("x.py", "d")
        writer.write_finding(Finding("async-step", "is async", "steps.py", 7))
        writer.write_deviation(Deviation("FR-001", "known", ("features/a.feature:3",)))
        writer.write_end(1)
    never = write_run_without_result(tmp_path / "e-gw1.jsonl", UNREACHED, "no reason")
    parts = recorded_files(tmp_path / "e.jsonl")
    assert parts == [tmp_path / "e-gw0.jsonl", never]
    merge_evidence(*parts, into=tmp_path / "e.jsonl")
    assert recorded_files(tmp_path / "e.jsonl") == [tmp_path / "e.jsonl"]
    assert read_evidence(tmp_path / "e.jsonl") == read_evidence(*parts)
