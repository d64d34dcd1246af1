"""Renders what changed between two runs, for a terminal and for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from traceability.matrix.difference import Difference, ResultChange, VerdictChange
from traceability.matrix.read import JudgedRequirement, RanScenario, Run
from traceability.model import Finding, Verdict
from traceability.report import sentences as wording
from traceability.report.markdown import inline
from traceability.report.terminal import cut, one_line

LIMIT = 40
"""How many changes of a kind are listed at most; the reports of both runs have all."""


FOLDED = 20
"""Above how many changes of a kind a pull request shows them only when asked to."""


@dataclass(frozen=True)
class Change:
    """One line of a report: what it is about, what became of it, and why."""

    subject: str
    what: str
    why: str = ""


def sentence(diff: Difference) -> str:
    """Return what the difference comes to."""
    if diff.unchanged:
        return f"Nothing changed: {_verified(diff.new)}."
    verdict = "Worse than before" if diff.worse else "Nothing is worse than before"
    return f"{verdict}: {_verified(diff.old)} before, {_verified(diff.new)} now."


def _verified(run: Run) -> str:
    verdicts = run.verdicts
    asked = len(run.requirements) - verdicts[Verdict.EXCLUDED]
    found = f", {wording.count(len(run.findings), 'finding')}" if run.findings else ""
    return f"{verdicts[Verdict.VERIFIED]} of {asked} requirements verified{found}"


def sections(diff: Difference) -> list[tuple[str, list[Change]]]:
    """Return the changes under their headings, what is worse first; only those that there are."""
    found = [
        ("Newly failing", _verdicts(diff.newly_failing)),
        ("Lost requirements", _requirements(diff.lost)),
        ("Lost scenarios", _scenarios(diff.lost_scenarios)),
        ("Other changes of verdict", _verdicts(diff.other_verdicts)),
        ("New findings", _findings(diff.findings_new)),
        ("Newly verified", _verdicts(diff.newly_verified)),
        ("Added requirements", _requirements(diff.added)),
        ("Reworded requirements", _requirements(diff.reworded)),
        ("Scenarios with another result", _results(diff.results)),
        ("Added scenarios", _scenarios(diff.added_scenarios)),
        ("Findings gone", _findings(diff.findings_gone)),
    ]
    return [(heading, changes) for heading, changes in found if changes]


def _verdicts(changes: Sequence[VerdictChange]) -> list[Change]:
    return [
        Change(one.new.id, f"{one.old.verdict} → {one.new.verdict}", one.new.reason)
        for one in changes
    ]


def _requirements(requirements: Sequence[JudgedRequirement]) -> list[Change]:
    return [Change(one.id, one.verdict, one.text) for one in requirements]


def _results(changes: Sequence[ResultChange]) -> list[Change]:
    return [
        Change(one.new.name, f"{one.old.result} → {one.new.result}", one.new.reason)
        for one in changes
    ]


def _scenarios(scenarios: Sequence[RanScenario]) -> list[Change]:
    return [Change(one.name, one.result, f"in {one.feature}") for one in scenarios]


def _findings(findings: Sequence[Finding]) -> list[Change]:
    return [Change(f"{one.path}:{one.line}", one.kind, one.message) for one in findings]


def terminal(diff: Difference, width: int = 80, encoding: str = "utf-8") -> str:
    """Return the changes in lines of at most `width`; what `encoding` cannot write becomes `?`."""
    text = "".join(f"{line}\n" for line in _terminal(diff, width))
    if "→".encode(encoding, "ignore") == b"":
        text = text.replace("→", "->")
    return text.encode(encoding, "replace").decode(encoding)


def _terminal(diff: Difference, width: int) -> Iterator[str]:
    for heading, changes in sections(diff):
        yield f"{heading} ({len(changes)})"
        for one in changes[:LIMIT]:
            why = f": {one_line(one.why)}" if one.why else ""
            yield cut(f"  {one_line(one.subject)}  {one_line(one.what)}{why}", width)
        if len(changes) > LIMIT:
            yield f"  and {len(changes) - LIMIT} more, see the report"
        yield ""
    for said in (*_facts(diff), sentence(diff)):
        yield from wrap(one_line(said), width)


def _facts(diff: Difference) -> Iterator[str]:
    """Yield what else was not the same, so that nobody blames the change for it."""
    if diff.old.target != diff.new.target:
        yield (
            f"Not the same implementation: {diff.old.target or 'not named'} before, "
            f"{diff.new.target or 'not named'} now."
        )


def markdown(diff: Difference, link: Callable[[str], str] = inline) -> str:
    """Return the changes for a pull request: no heading above the third level.

    `link` makes Markdown of what a change is about.
    """
    text = "\n".join(_markdown(diff, link)) + "\n"
    return text.encode("utf-8", "replace").decode()


def _markdown(diff: Difference, link: Callable[[str], str]) -> Iterator[str]:
    yield f"**{inline(sentence(diff))}**"
    for fact in _facts(diff):
        yield ""
        yield inline(fact)
    for heading, changes in sections(diff):
        yield ""
        yield f"### {heading} ({len(changes)})"
        yield ""
        if len(changes) > FOLDED:
            yield f"<details><summary>Show {min(len(changes), LIMIT)}</summary>"
            yield ""
        for one in changes[:LIMIT]:
            why = f": {inline(one.why)}" if one.why else ""
            yield f"- {link(one.subject)} **{inline(one.what)}**{why}"
        if len(changes) > LIMIT:
            yield f"- and {len(changes) - LIMIT} more"
        if len(changes) > FOLDED:
            yield ""
            yield "</details>"
