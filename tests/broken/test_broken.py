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
TOGETHER = (
    (
        "created-200", "deleted-200", "malformed-id-404", "title-unstripped", "nul-crash",
        "oldest-first", "zone-as-offset", "body-names-the-owner", "list-wrapped", "no-status-code",
    ),
    (
        "no-header-403", "url-names-the-user", "anybody-deletes", "invalid-400", "numbers-are-text",
        "put-is-patch", "plain-500", "updated-never", "task-wrapped", "any-origin",
    ),
)  # fmt: skip
"""Faults of one server: each has to be found beside all the others."""
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
    assert judgement.says(fault) or not fault.reason, judgement.output
    if whole:  # the short form leaves scenarios out on purpose
        assert judgement.having("not run") == sorted(fault.not_run), judgement.output


@pytest.mark.judging
def test_a_conforming_variant_breaks_no_requirement(variant: Variant, judge: Judge) -> None:
    judgement = judge(variant=variant.name, whole=True, users=variant.target)
    assert judgement.having("failed") == [], judgement.output
    assert judgement.having("differs") == sorted(variant.differs), judgement.output
    assert judgement.having("not run") == sorted(variant.not_run), judgement.output


@pytest.mark.judging
@pytest.mark.parametrize("names", [*TOGETHER, sum(TOGETHER, ())], ids=("answers", "access", "all"))
def test_a_server_that_is_wrong_in_many_places_is_judged_for_each_of_them(
    names: tuple[str, ...], judge: Judge
) -> None:
    """One deviation must not hide another, nor fail scenarios that only use it in passing."""
    by_name = {fault.name: fault for fault in read()}
    red = {one for name in names for one in by_name[name].red}
    differs = {one for name in names for one in by_name[name].differs} - red
    judgement = judge(",".join(names), whole=True)
    assert judgement.having("failed") == sorted(red), judgement.output
    assert judgement.having("differs") == sorted(differs), judgement.output
    assert judgement.having("not run") == [], judgement.output
    silent = [name for name in names if not by_name[name].reason]
    unsaid = [name for name in names if not judgement.says(by_name[name])]
    assert (silent, unsaid) == ([], []), judgement.output


@pytest.mark.judging
def test_a_server_that_keeps_every_sentence_and_no_clarification_turns_nothing_red(
    judge: Judge, whole: bool
) -> None:
    """Whoever has read the specification and not its clarifications breaks no requirement."""
    lenient = [fault for fault in read() if not fault.red]
    users = next(variant for variant in read_conforming() if variant.name == "uuid-users")
    expected = {*users.differs, *(one for fault in lenient for one in fault.differs)}
    names = ",".join(fault.name for fault in lenient)
    judgement = judge(names, users.name, whole=whole, users=users.target)
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


def test_every_conforming_variant_has_its_switch_and_every_switch_its_variant() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(SOURCE.glob("*.py")))
    switches = set(re.findall(r'differs\(\s*"([\w-]+)"\s*\)', text))
    assert switches == {variant.name for variant in read_conforming()}


def test_the_page_of_the_documentation_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(read(), read_conforming()), (
        "run: python tests/broken/table.py"
    )
