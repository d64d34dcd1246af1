"""Made-up traces, of a library that lends books, as large as a test needs them."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace

from traceability.model import (
    Claim,
    CodePlace,
    Definition,
    Exchange,
    Finding,
    Matrix,
    Measurement,
    Requirement,
    Result,
    Scenario,
    ScenarioEvidence,
    SourceFile,
    Spec,
    StepEvidence,
    Summary,
    TracedFile,
    TracedRequirement,
    TracedScenario,
    Verdict,
)

SPEC = "specs/001-lending/spec.md"
KINDS = {"FR": 40, "SR": 12, "SC": 12, "AS": 20, "EC": 6, "OS": 6, "C": 4}
VERBS = ("lend", "return", "reserve", "list", "renew", "reject", "count", "show")
THINGS = ("a book", "a reader's loans", "an overdue loan", "a title over 200 characters")
FUNCTION = """\
def {name}(reader: str, copy: str) -> Loan:
    # Implements: {id}
    loan = loans.find(reader, copy)
    if loan is None:
        raise NotLent(copy)
    loan.due = today() + timedelta(days=28)
    return loan


"""
LENGTH = FUNCTION.count("\n")
PER_FILE = 12


@dataclass(frozen=True)
class Size:
    requirements: int
    scenarios_each: int = 2


def accepted() -> Matrix:
    """A healthy trace but for one requirement, whose failure is known."""
    whole = matrix(healthy=True)
    known, *rest = whole.requirements
    known = replace(known, verdict=Verdict.FAILED, reason="it failed", deviation="next release")
    total = whole.summary
    summary = replace(total, verified=total.verified - 1, failed=1, known_deviations=1)
    return replace(whole, requirements=(known, *rest), summary=summary)


def matrix(size: Size = Size(100), *, healthy: bool = False, words: str = "") -> Matrix:
    """A trace with every verdict in it, or with `healthy` none but verified and excluded.

    `words` are put into every kind of text that comes from outside.
    """
    dice = random.Random(7)
    ids = _ids(size.requirements)
    traced, scenarios = [], []
    for at, (kind, id_) in enumerate(ids):
        verdict = _verdict(at, kind, healthy)
        mine = _scenarios(at, id_, verdict, size.scenarios_each, dice, words)
        scenarios += mine
        traced.append(_requirement(at, kind, id_, verdict, mine, words))
    spec = Spec(
        path=SPEC,
        title=f"Lending library {words}".strip(),
        digest=_digest("spec"),
        requirements=tuple(each.requirement for each in traced),
        context_ids=("A-001", "A-002", "D-001"),
        text=_text([each.requirement for each in traced], words),
    )
    files = tuple(_file(path, at, ids, traced, words) for path, at in _paths(size.requirements))
    findings = () if healthy else _findings(words)
    return Matrix(
        title=f"Lending library {words}".strip(),
        spec=spec,
        summary=_summary(traced, scenarios, files),
        requirements=tuple(traced),
        scenarios=tuple(scenarios),
        files=files,
        findings=findings,
        environment={
            "python": "3.13.0",
            "database": {"name": "PostgreSQL", "version": "18.4"},
            "target": {"name": f"reference {words}".strip(), "commit": "9fceb02d0ae598e95dc9"},
            "capabilities": ["http", "restart"],
        },
    )


def _ids(count: int) -> list[tuple[str, str]]:
    total = sum(KINDS.values())
    shares = {kind: max(1, share * count // total) for kind, share in KINDS.items()}
    shares["FR"] += count - sum(shares.values())
    return [
        (kind, f"{kind}-{number:03}")
        for kind, share in shares.items()
        for number in range(1, share + 1)
    ]


def _text(requirements: list[Requirement], words: str) -> str:
    """The spec with each requirement in its line."""
    lines = [
        f"# Feature Specification: Lending library {words}",
        "",
        "**Audience**: readers, and those who *lend* to them. See `GET /api/{reader}/loans`.",
        "",
        f"A library lends books. {words}",
        "",
        "| what | how many |",
        "| --- | --- |",
        f"| loans {words} | 10 |",
        "",
        "```",
        f"lend(book) {words}",
        "```",
        "",
        "1. First a reader signs in.",
        "   - Nobody reads unseen.",
        "",
        "## Requirements",
    ]
    for each in requirements:
        lines += [""] * (each.line - 1 - len(lines))
        note = f" *(Not testable: {each.excluded})*" if each.excluded else ""
        lines.append(f"- **{each.id}**: {each.text}{note}")
    return "\n".join(lines) + "\n"


def _verdict(at: int, kind: str, healthy: bool) -> Verdict:
    if kind == "C":
        return Verdict.EXCLUDED
    if healthy:
        return Verdict.VERIFIED
    rare = {9: Verdict.FAILED, 19: Verdict.NOT_RUN, 29: Verdict.UNTESTED, 39: Verdict.UNIMPLEMENTED}
    return rare.get(at % 50, Verdict.VERIFIED)


def _requirement(
    at: int,
    kind: str,
    id_: str,
    verdict: Verdict,
    scenarios: list[TracedScenario],
    words: str,
) -> TracedRequirement:
    excluded = "A rule of process: no test can show it." if verdict is Verdict.EXCLUDED else ""
    reasons = {
        Verdict.VERIFIED: f"{len(scenarios)} scenarios passed, and claimed code ran.",
        Verdict.FAILED: f"{scenarios[0].scenario.name if scenarios else ''}: status 404, not 403.",
        Verdict.NOT_RUN: "The target cannot restart its server.",
        Verdict.UNTESTED: "No scenario carries this id.",
        Verdict.UNIMPLEMENTED: "Its scenarios passed, but no claimed code ran.",
        Verdict.EXCLUDED: excluded,
    }
    text = (
        f"The library MUST {VERBS[at % len(VERBS)]} {THINGS[at % len(THINGS)]} for a reader who "
        f"has signed in, and say so within the rules of branch {at}. {words}".strip()
    )
    return TracedRequirement(
        requirement=Requirement(id_, kind, text, SPEC, 20 + 2 * at, excluded),
        verdict=verdict,
        reason=reasons[verdict],
        scenarios=tuple(scenarios),
        code=_code(at, verdict),
    )


def _code(at: int, verdict: Verdict) -> tuple[CodePlace, ...]:
    if verdict in {Verdict.UNTESTED, Verdict.NOT_RUN, Verdict.EXCLUDED}:
        return ()
    path, first = _spot(at)
    lines = (first + 2, first + 3, first + 5, first + 6)
    claimed = CodePlace(path, f"rule_{at}", first, first + 6, True, True, lines, 1.0)
    if verdict is Verdict.UNIMPLEMENTED:
        return (CodePlace(path, f"rule_{at}", first, first + 6, True, False, (), 0.0),)
    path, first = _spot(0)
    shared = CodePlace(path, "rule_0", first, first + 6, False, True, (first + 2, first + 3), 0.05)
    return (claimed, shared) if at % 3 else (claimed,)


def _scenarios(
    at: int, id_: str, verdict: Verdict, count: int, dice: random.Random, words: str
) -> list[TracedScenario]:
    if verdict in {Verdict.UNTESTED, Verdict.EXCLUDED}:
        return []
    results = {Verdict.FAILED: Result.FAILED, Verdict.NOT_RUN: Result.NOT_RUN}
    made = []
    for number in range(count):
        result = results.get(verdict, Result.PASSED) if number == 0 else Result.PASSED
        made.append(_scenario(at, id_, number, result, dice, words))
    return made


def _scenario(
    at: int, id_: str, number: int, result: Result, dice: random.Random, words: str
) -> TracedScenario:
    topic = ("lending", "returns", "reserving", "accounts")[at % 4]
    feature = f"features/{topic}-{at // 400}.feature"
    line = 12 + 40 * (at % 400) + 8 * number
    name = f"A reader {VERBS[at % len(VERBS)]}s {THINGS[at % len(THINGS)]}, case {at}.{number}"
    steps = (
        f"Given a reader with {1 + at % 3} loans",
        f"When the reader asks branch {at} {words}".rstrip(),
        f"Then the answer is {200 + number}",
        "And no other reader's loan is in it",
    )
    scenario = Scenario(
        id=f"{feature}:{line}",
        feature=feature,
        feature_name=f"Readers and {topic} {words}".strip(),
        rule=f"What is lent comes back, part {at // 40}",
        name=f"{name} {words}".strip(),
        outline=name,
        outline_line=line - 8 * number,
        example=number or None,
        line=line,
        tags=(id_,),
        steps=steps,
    )
    return TracedScenario(scenario, _evidence(at, scenario, result, dice, words))


def _evidence(
    at: int, scenario: Scenario, result: Result, dice: random.Random, words: str
) -> ScenarioEvidence:
    if result is Result.NOT_RUN:
        return ScenarioEvidence(scenario.id, result, "The target cannot restart.", 0.0, ())
    path, first = _spot(at)
    seconds = dice.uniform(0.002, 0.09)
    then = result
    steps: tuple[StepEvidence, ...] = (
        StepEvidence("Given", scenario.steps[0][6:], scenario.line + 1, Result.PASSED, 0.0012),
        StepEvidence(
            "When",
            scenario.steps[1][5:],
            scenario.line + 2,
            Result.PASSED,
            seconds,
            lines={path: frozenset({first + 2, first + 3, first + 5, first + 6})},
        ),
        StepEvidence(
            "Then",
            scenario.steps[2][5:],
            scenario.line + 3,
            then,
            0.0003,
            f"expected 403, got 404 {words}" if then is Result.FAILED else "",
        ),
    )
    if then is Result.PASSED:
        steps += (StepEvidence("Then", scenario.steps[3][4:], scenario.line + 4, then, 0.0001),)
    reason = "Then the answer is 403: got 404" if result is Result.FAILED else ""
    return ScenarioEvidence(
        id=scenario.id,
        result=result,
        reason=reason,
        seconds=seconds + 0.002,
        steps=steps,
        exchanges=(_exchange(at, then, seconds, dice, words),),
        measurements=_measurements(at, dice) if at in {7, 11, 70} else (),
    )


def _exchange(at: int, result: Result, seconds: float, dice: random.Random, words: str) -> Exchange:
    reader, loan = f"reader{dice.getrandbits(48):012x}", f"{dice.getrandbits(32)}"
    status = 404 if result is Result.FAILED else (201, 200, 403, 422)[at % 4]
    title = f'"title": "On branches {at} {words}"'.replace("\\", "")
    body = '{"id": %s, %s, "price": 1.50, "tags": []}' % (loan, title)  # noqa: UP031
    return Exchange(
        step=1,
        method=("POST", "GET", "PUT", "DELETE")[at % 4],
        path=f"/api/{reader}/loans" if at % 4 < 2 else f"/api/{reader}/loans/{loan}",
        request_headers=(
            ("authorization", "Bearer [redacted]"),
            ("content-type", "application/json"),
            ("host", "127.0.0.1"),
        ),
        request_body=body if at % 4 in {0, 2} else "",
        status=status,
        response_headers=(("content-type", "application/json"), ("server", "made up")),
        response_body=body if status < 400 else '{"detail": "not yours", "status_code": 403}',
        seconds=seconds,
    )


def _measurements(at: int, dice: random.Random) -> tuple[Measurement, ...]:
    samples = tuple(dice.lognormvariate(-5.2, 0.5) for _ in range(200))
    plan = "Index Scan using loans_by_reader on loans  (cost=0.42..8.44 rows=1 width=64)"
    return (
        Measurement(1, "slowest answer", max(samples), "s", 3.0, samples),
        Measurement(1, "rows read", 100.0 + at, "rows", None, (), plan),
    )


def _paths(count: int) -> list[tuple[str, int]]:
    return [(_spot(at)[0], at) for at in range(0, count, PER_FILE)]


def _spot(at: int) -> tuple[str, int]:
    """The file of a requirement's function, and its first line there."""
    return f"library/branch_{at // PER_FILE}.py", 1 + LENGTH * (at % PER_FILE)


def _file(
    path: str, start: int, ids: list[tuple[str, str]], traced: list[TracedRequirement], words: str
) -> TracedFile:
    texts, definitions = [], []
    executable: set[int] = set()
    served: dict[int, tuple[str, ...]] = {}
    for at in range(start, min(start + PER_FILE, len(ids))):
        id_, first = ids[at][1], _spot(at)[1]
        texts.append(FUNCTION.format(name=f"rule_{at}", id=id_))
        body = frozenset({first + 2, first + 3, first + 4, first + 5, first + 6})
        executable |= body
        claim = Claim(id_, path, first + 1)
        definitions.append(Definition(path, f"rule_{at}", first, first + 6, body, (claim,)))
        for place in traced[at].code:
            if place.path == path and place.symbol == f"rule_{at}":
                served |= dict.fromkeys(place.lines, (id_,))
    if start == 0:
        everyone = tuple(id_ for _, id_ in ids)
        served |= dict.fromkeys((3, 4), everyone)
    source = SourceFile(
        path, _digest(path), frozenset(executable), tuple(definitions), "".join(texts) + words
    )
    return TracedFile(source, served)


def _findings(words: str) -> tuple[Finding, ...]:
    path, first = _spot(39)
    return (
        Finding("stale claim", f"No passing scenario runs it. {words}".strip(), path, first + 1),
        Finding("unknown tag", "FR-999 is no requirement.", "features/lending-0.feature", 3),
    )


def _summary(
    traced: list[TracedRequirement], scenarios: list[TracedScenario], files: tuple[TracedFile, ...]
) -> Summary:
    def verdicts(verdict: Verdict) -> int:
        return sum(each.verdict is verdict for each in traced)

    def results(result: Result) -> int:
        return sum(each.result is result for each in scenarios)

    return Summary(
        requirements=len(traced),
        verified=verdicts(Verdict.VERIFIED),
        failed=verdicts(Verdict.FAILED),
        untested=verdicts(Verdict.UNTESTED),
        not_run=verdicts(Verdict.NOT_RUN),
        unimplemented=verdicts(Verdict.UNIMPLEMENTED),
        excluded=verdicts(Verdict.EXCLUDED),
        scenarios=len(scenarios),
        scenarios_passed=results(Result.PASSED),
        scenarios_failed=results(Result.FAILED),
        scenarios_not_run=results(Result.NOT_RUN),
        traced_lines=sum(len(each.requirements) for each in files),
        executable_lines=sum(len(each.source.executable) for each in files),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
