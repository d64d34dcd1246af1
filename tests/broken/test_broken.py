"""Each broken server turns exactly the requirements red that it breaks; the unbroken one none."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.broken.conftest import Judge
from tests.broken.table import PAGE, ROOT, Fault, Variant, page, read, read_conforming
from traceability.project.config import load_config
from traceability.project.spec import read_spec

SOURCE = Path(__file__).with_name("todo_api")
TOGETHER = ("list-wrapped", "renamed-field", "no-status-code", "created-200", "no-header-403")
AREAS = {
    "authentication",
    "authorization",
    "isolation",
    "validation",
    "shapes",
    "status codes",
    "timestamps",
    "ordering",
    "concurrency",
    "error handling",
    "CORS",
    "persistence",
}


@pytest.mark.judging
def test_the_unbroken_server_is_conformant(judge: Judge) -> None:
    judgement = judge("", whole=True)
    assert judgement.having("failed") == [], judgement.output
    assert judgement.having("differs") == [], judgement.output
    assert judgement.having("not run") == [], judgement.output
    assert judgement.conformant, judgement.output


@pytest.mark.judging
def test_a_broken_server_turns_exactly_its_requirements_red(
    fault: Fault, judge: Judge, whole: bool
) -> None:
    judgement = judge(fault.name, whole=whole)
    assert judgement.having("failed") == sorted(fault.red), judgement.output
    unknown = [] if whole else judgement.having("not run")
    differs = [one for one in fault.differs if one not in unknown]
    assert judgement.having("differs") == sorted(differs), judgement.output
    if whole:
        assert judgement.conformant is not bool(fault.red)
    if whole:  # the short form leaves scenarios out on purpose
        assert judgement.having("not run") == [], judgement.output


@pytest.mark.judging
def test_a_server_that_conforms_otherwise_breaks_no_requirement(
    variant: Variant, judge: Judge
) -> None:
    judgement = judge(variant.name, whole=True, users=variant.target)
    assert judgement.having("failed") == [], judgement.output
    assert judgement.having("differs") == sorted(variant.differs), judgement.output
    assert judgement.having("not run") == sorted(variant.not_run), judgement.output


@pytest.mark.judging
def test_a_server_that_is_wrong_in_five_places_is_judged_for_each_of_them(
    judge: Judge, whole: bool
) -> None:
    """One deviation must not hide another, nor fail scenarios that only use it in passing."""
    by_name = {fault.name: fault for fault in read()}
    expected = {one for name in TOGETHER for one in by_name[name].red}
    judgement = judge(",".join(TOGETHER), whole=whole)
    assert judgement.having("failed") == sorted(expected), judgement.output


@pytest.mark.judging
def test_a_server_that_keeps_every_sentence_and_no_clarification_turns_nothing_red(
    judge: Judge, whole: bool
) -> None:
    """Whoever has read the specification and not its clarifications breaks no requirement."""
    lenient = [fault for fault in read() if not fault.red]
    users = next(variant for variant in read_conforming() if variant.name == "uuid-users")
    expected = {one for each in (*lenient, users) for one in each.differs}
    names = ",".join(each.name for each in (*lenient, users))
    judgement = judge(names, whole=whole, users=users.target)
    assert judgement.having("failed") == [], judgement.output
    unknown = [] if whole else judgement.having("not run")
    assert judgement.having("differs") == sorted(expected.difference(unknown)), judgement.output
    assert judgement.conformant or not whole


def test_the_table_covers_every_area() -> None:
    faults = read()
    assert len(faults) >= 40
    assert {fault.area for fault in faults} >= AREAS
    assert [name for name, count in Counter(f.name for f in faults).items() if count > 1] == []
    assert len({fault.area for fault in faults if fault.quick}) >= 4


@pytest.mark.parametrize("row", read(), ids=lambda row: row.name)
def test_every_fault_breaks_or_differs_in_requirements_of_the_spec(row: Fault) -> None:
    config = load_config(ROOT)
    known = {one.id for one in read_spec(config.spec, ROOT).requirements if not one.excluded}
    assert row.red or row.differs
    assert set(row.red) | set(row.differs) <= known
    assert set(row.red).isdisjoint(row.differs)


def test_every_fault_has_its_switch_and_every_switch_its_fault() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(SOURCE.glob("*.py")))
    switches = set(re.findall(r'broken\(\s*"([\w-]+)"\s*\)', text))
    switches |= set(
        re.findall(r'^    "([\w-]+)": ', (SOURCE / "wrong.py").read_text(), re.MULTILINE)
    )
    assert switches == {fault.name for fault in read()}
    variants = set(re.findall(r'varies\(\s*"([\w-]+)"\s*\)', text))
    assert variants == {variant.name for variant in read_conforming()}


def test_the_page_of_the_documentation_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(read()), "run: python tests/broken/table.py"
