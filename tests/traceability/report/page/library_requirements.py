"""The requirements of the made-up library, and the text of its spec."""

from __future__ import annotations

from tests.traceability.report.page.library_code import code_places
from traceability.model import (
    Requirement,
    TracedRequirement,
    TracedScenario,
    Verdict,
)

SPEC_PATH = "specs/001-lending/spec.md"
VERBS = ("lend", "return", "reserve", "list", "renew", "reject", "count", "show")
THINGS = ("a book", "a reader's loans", "an overdue loan", "a title over 200 characters")


def spec_text(requirements: list[Requirement], injected: str) -> str:
    """Return the text of the spec, with each requirement on its line."""
    lines = [
        f"# Feature Specification: Lending library {injected}",
        "",
        "**Audience**: readers, and those who *lend* to them. See `GET /api/{reader}/loans`.",
        "",
        f"A library lends books. {injected}",
        "",
        "| what | how many |",
        "| --- | --- |",
        f"| loans {injected} | 10 |",
        "",
        "```",
        f"lend(book) {injected}",
        "```",
        "",
        "1. First a reader signs in.",
        "   - Nobody reads unseen.",
        "",
        "## Requirements",
    ]
    for each in requirements:
        lines += [""] * (each.line - 1 - len(lines))
        excluded = f" *(Not testable: {each.excluded})*" if each.excluded else ""
        lines.append(f"- **{each.id}**: {each.text}{excluded}")
    return "\n".join(lines) + "\n"


def traced_requirement(
    at: int,
    kind: str,
    id_: str,
    verdict: Verdict,
    scenarios: list[TracedScenario],
    injected: str,
) -> TracedRequirement:
    excluded = "A rule of process: no test can show it." if verdict is Verdict.EXCLUDED else ""
    first = scenarios[0].scenario.name if scenarios else ""
    reasons = {
        Verdict.VERIFIED: f"{len(scenarios)} scenarios passed, and claimed code ran.",
        Verdict.FAILED: f"{first}: status 404, not 403.",
        Verdict.DIFFERS: f"differs from CL-01 only: {first}",
        Verdict.NOT_RUN: "The target cannot restart its server.",
        Verdict.UNTESTED: "No scenario carries this id.",
        Verdict.UNIMPLEMENTED: "Its scenarios passed, but no claimed code ran.",
        Verdict.EXCLUDED: excluded,
    }
    text = (
        f"The library MUST {VERBS[at % len(VERBS)]} {THINGS[at % len(THINGS)]} for a reader who "
        f"has signed in, and say so within the rules of branch {at}. {injected}".strip()
    )
    return TracedRequirement(
        requirement=Requirement(id_, kind, text, SPEC_PATH, 20 + 2 * at, excluded),
        verdict=verdict,
        reason=reasons[verdict],
        scenarios=tuple(scenarios),
        code=code_places(at, verdict),
    )
