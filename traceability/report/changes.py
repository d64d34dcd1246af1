"""Renders what changed between two runs, for a terminal and for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from traceability.matrix.difference import Difference, ResultChange, VerdictChange
from traceability.matrix.read import JudgedRequirement, RanScenario, Run
from traceability.model import Finding, Verdict
from traceability.report import sentences
from traceability.report.markdown import inline
from traceability.report.terminal import printable, shortened

LISTED_AT_MOST = 40
"""How many changes under a heading are listed at most; the reports of both runs have all."""
FOLDED_ABOVE = 20
"""Above how many changes under a heading the Markdown folds them."""


@dataclass(frozen=True)
class Change:
    """One line of a report: the requirement, scenario or place, its change, and the reason."""

    subject: str
    change: str
    reason: str = ""


def sentence(diff: Difference) -> str:
    """Return the difference in one sentence."""
    if diff.unchanged:
        return f"Nothing changed: {_verified_count(diff.new)}."
    verdict = "Worse than before" if diff.worse else "Nothing is worse than before"
    return f"{verdict}: {_verified_count(diff.old)} before, {_verified_count(diff.new)} now."


def _verified_count(run: Run) -> str:
    verdicts = run.verdicts
    expected = len(run.requirements) - verdicts[Verdict.EXCLUDED]
    found = f", {sentences.plural(len(run.findings), 'finding')}" if run.findings else ""
    return f"{verdicts[Verdict.VERIFIED]} of {expected} requirements verified{found}"


def sections(diff: Difference) -> list[tuple[str, list[Change]]]:
    """Return each heading that has changes, and these; the worst headings come first."""
    found = [
        ("Newly failing", _verdict_changes(diff.newly_failing)),
        ("Lost requirements", _requirement_changes(diff.lost)),
        ("Lost scenarios", _scenario_changes(diff.lost_scenarios)),
        ("Other changes of verdict", _verdict_changes(diff.other_verdicts)),
        ("New findings", _finding_changes(diff.findings_new)),
        ("Newly verified", _verdict_changes(diff.newly_verified)),
        ("Added requirements", _requirement_changes(diff.added)),
        ("Reworded requirements", _requirement_changes(diff.reworded)),
        ("Scenarios with another result", _result_changes(diff.results)),
        ("Added scenarios", _scenario_changes(diff.added_scenarios)),
        ("Findings gone", _finding_changes(diff.findings_gone)),
    ]
    return [(heading, changes) for heading, changes in found if changes]


def _verdict_changes(changes: Sequence[VerdictChange]) -> list[Change]:
    return [
        Change(one.new.id, f"{one.old.verdict} → {one.new.verdict}", one.new.reason)
        for one in changes
    ]


def _requirement_changes(requirements: Sequence[JudgedRequirement]) -> list[Change]:
    return [Change(one.id, one.verdict, one.text) for one in requirements]


def _result_changes(changes: Sequence[ResultChange]) -> list[Change]:
    return [
        Change(one.new.name, f"{one.old.result} → {one.new.result}", one.new.reason)
        for one in changes
    ]


def _scenario_changes(scenarios: Sequence[RanScenario]) -> list[Change]:
    return [Change(one.name, one.result, f"in {one.feature}") for one in scenarios]


def _finding_changes(findings: Sequence[Finding]) -> list[Change]:
    return [Change(f"{one.path}:{one.line}", one.kind, one.message) for one in findings]


def render_terminal(diff: Difference, width: int = 80, encoding: str = "utf-8") -> str:
    """Return the changes in lines of at most `width`; what `encoding` cannot write becomes `?`."""
    text = "".join(f"{line}\n" for line in _terminal_lines(diff, width))
    if "→".encode(encoding, "ignore") == b"":
        text = text.replace("→", "->")
    return text.encode(encoding, "replace").decode(encoding)


def _terminal_lines(diff: Difference, width: int) -> Iterator[str]:
    for heading, changes in sections(diff):
        yield f"{heading} ({len(changes)})"
        for one in changes[:LISTED_AT_MOST]:
            reason = f": {printable(one.reason)}" if one.reason else ""
            yield shortened(f"  {printable(one.subject)}  {printable(one.change)}{reason}", width)
        if len(changes) > LISTED_AT_MOST:
            yield f"  and {len(changes) - LISTED_AT_MOST} more, see the report"
        yield ""
    for text in (*_other_differences(diff), sentence(diff)):
        yield from wrap(printable(text), width)


def _other_differences(diff: Difference) -> Iterator[str]:
    """Yield other differences of the runs, which may be the cause of a change in place of code."""
    if diff.old.target != diff.new.target:
        yield (
            f"Not the same implementation: {diff.old.target or 'not named'} before, "
            f"{diff.new.target or 'not named'} now."
        )


def render_markdown(diff: Difference, link: Callable[[str], str] = inline) -> str:
    """Return the changes for a pull request: no heading above the third level.

    `link` turns the subject of a change into Markdown.
    """
    text = "\n".join(_markdown_lines(diff, link)) + "\n"
    return text.encode("utf-8", "replace").decode()


def _markdown_lines(diff: Difference, link: Callable[[str], str]) -> Iterator[str]:
    yield f"**{inline(sentence(diff))}**"
    for text in _other_differences(diff):
        yield ""
        yield inline(text)
    for heading, changes in sections(diff):
        yield ""
        yield f"### {heading} ({len(changes)})"
        yield ""
        if len(changes) > FOLDED_ABOVE:
            yield f"<details><summary>Show {min(len(changes), LISTED_AT_MOST)}</summary>"
            yield ""
        for one in changes[:LISTED_AT_MOST]:
            reason = f": {inline(one.reason)}" if one.reason else ""
            yield f"- {link(one.subject)} **{inline(one.change)}**{reason}"
        if len(changes) > LISTED_AT_MOST:
            yield f"- and {len(changes) - LISTED_AT_MOST} more"
        if len(changes) > FOLDED_ABOVE:
            yield ""
            yield "</details>"
