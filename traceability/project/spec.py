"""Reads a spec-kit spec.md: every list item that begins with a bold id is a requirement.

Items with the id of a clarification, an assumption or a dependency are kept apart from them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from traceability.model import Clarification, Finding, Requirement, Spec, TraceabilityError
from traceability.project.emphasis import without_emphasis
from traceability.project.spec_items import Item, list_items

CONTEXT_KINDS = frozenset({"A", "D"})
"""Assumptions and dependencies: scenarios may carry them as tags, and need not show them."""
CLARIFICATION_KIND = "CL"
"""Kind of the ids of clarifications where the project names no other."""

_ID = re.compile(r"(?P<series>US\d{1,9}-(?P<story_kind>AS)|(?P<kind>[A-Z]+)-)(?P<number>\d{1,9})")
_ALMOST_ID = re.compile(
    r"(?P<letters>[A-Za-z]{1,8})(?:(?=\S*\d|[-_–—][OoIl]+$)\S{1,12}| ?[-–—]? ?\d\w*)"
)
_NOT_TESTABLE = re.compile(r"\(Not testable\b(?::(?P<reason>.*)|\s*\Z)", re.IGNORECASE)
_NO_SCENARIO = re.compile(r"\(No scenario rests on it\b(?::(?P<reason>.*)|\s*\Z)", re.IGNORECASE)


class SpecError(TraceabilityError):
    """The spec cannot be read, or has no requirement."""


def read_spec(path: str | Path, root: Path, clarifications: str = CLARIFICATION_KIND) -> Spec:
    """Return the spec. Raises `SpecError` when it cannot be read or has no requirement."""
    spec, findings = inspect_spec(path, root, clarifications=clarifications)
    for one in findings:
        if one.kind == "empty-spec":
            raise SpecError(f"{one.path}:{one.line}: {one.message}")
    return spec


def inspect_spec(
    path: str | Path,
    root: Path,
    counts: Mapping[str, int] | None = None,
    clarifications: str = CLARIFICATION_KIND,
) -> tuple[Spec, tuple[Finding, ...]]:
    """Return the spec and the findings about its ids.

    `counts` maps a kind to the number of ids that there must be; `clarifications` is the kind of
    the ids of clarifications. Raises `SpecError` when the file cannot be read.
    """
    name = Path(path).as_posix()
    try:
        text = (root / path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SpecError(f"{name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SpecError(f"{name}: is not UTF-8; save it as UTF-8") from None
    title, items = list_items(text)
    with_id = [(item, found) for item in items if (found := _ID.fullmatch(item.head))]
    requirements: dict[str, Requirement] = {}
    context: dict[str, int] = {}
    decided: dict[str, Clarification] = {}
    for item, found in with_id:
        kind = found["story_kind"] or found["kind"]
        if kind == clarifications:
            decided.setdefault(item.head, _clarification(item, name))
        elif kind in CONTEXT_KINDS:
            context.setdefault(item.head, item.line)
        else:
            requirements.setdefault(item.head, _requirement(item, kind, name))
    spec = Spec(
        path=name,
        title=title,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        requirements=tuple(requirements.values()),
        context_ids=tuple(context),
        text=text,
        clarifications=tuple(decided.values()),
    )
    findings = [
        *_empty_spec(spec),
        *_malformed_ids(name, items, {item.section for item, _ in with_id}, with_id),
        *_duplicate_ids(name, with_id),
        *_missing_numbers(name, with_id),
        *_wrong_counts(name, spec, counts or {}),
        *_exclusions_without_reason(name, with_id),
    ]
    return spec, tuple(sorted(findings, key=lambda one: one.line))


def _requirement(item: Item, kind: str, path: str) -> Requirement:
    text, excluded = _without_exclusion(item.text)
    if not excluded:
        text = item.text
    return Requirement(
        item.head, kind, without_emphasis(text), path, item.line, without_emphasis(excluded or "")
    )


def _clarification(item: Item, path: str) -> Clarification:
    text, reason = _without_exclusion(item.own_text, _NO_SCENARIO)
    return Clarification(
        id=item.head,
        text=without_emphasis(text if reason else item.own_text),
        path=path,
        line=item.line,
        without_scenario=without_emphasis(reason or ""),
    )


def _without_exclusion(
    text: str, marker: re.Pattern[str] = _NOT_TESTABLE
) -> tuple[str, str | None]:
    """Return a text without `*(Not testable: reason.)*` at its end, and the reason.

    The reason is empty if none is given, and None if the text does not say `Not testable`, or
    whatever else `marker` finds.
    """
    body = text.rstrip().rstrip("*_")
    found = marker.search(body[:-1]) if body.endswith(")") else None
    if not found:
        return text, None
    return text[: found.start()].rstrip("*_").rstrip(), (found["reason"] or "").strip()


_ItemsWithId = list[tuple[Item, re.Match[str]]]


def _empty_spec(spec: Spec) -> Iterator[Finding]:
    if not spec.requirements:
        message = "the spec has no requirement; write them as `- **FR-001**: System MUST ...`"
        yield Finding("empty-spec", message, spec.path, 1)


def _malformed_ids(
    path: str, items: list[Item], sections: set[int], with_id: _ItemsWithId
) -> Iterator[Finding]:
    """Yield items whose id has a typing error: otherwise they would be ignored without a word."""
    prefixes = {found["kind"] or "US" for _, found in with_id}
    for item in items:
        if _ID.fullmatch(item.head):
            continue
        almost = _ALMOST_ID.fullmatch(item.head)
        if almost and (almost["letters"].upper() in prefixes or item.section in sections):
            message = f"{item.head!r} is no id; write capitals, a dash and digits, as in FR-001"
            yield Finding("malformed-id", message, path, item.line)


def _duplicate_ids(path: str, items: _ItemsWithId) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for item, _ in items:
        earlier = first.setdefault(item.head, item.line)
        if earlier != item.line:
            message = (
                f"{item.head} is defined in line {earlier} already; give this one its own number"
            )
            yield Finding("duplicate-id", message, path, item.line)


def _missing_numbers(path: str, items: _ItemsWithId) -> Iterator[Finding]:
    """Yield numbers that are missing in a series of ids. The user stories are a series, too."""
    series: dict[str, dict[int, tuple[int, str]]] = {}
    for item, found in items:
        width = len(found["number"])
        known = series.setdefault(found["series"], {})
        known.setdefault(int(found["number"]), (item.line, f"{found['series']}{{:0{width}}}"))
        if found["story_kind"]:
            story = int(re.sub(r"\D", "", found["series"]))
            series.setdefault("US", {}).setdefault(story, (item.line, "US{}-AS1"))
    for numbers in series.values():
        previous = 0
        for number, (line, id_format) in sorted(numbers.items()):
            if number > previous + 1:
                missing = id_format.format(previous + 1)
                if number > previous + 2:
                    missing += f" to {id_format.format(number - 1)}"
                message = f"{missing} is missing before {id_format.format(number)}"
                yield Finding("missing-number", message, path, line)
            previous = number


def _wrong_counts(path: str, spec: Spec, counts: Mapping[str, int]) -> Iterator[Finding]:
    kinds = [one.kind for one in spec.requirements]
    named = (*spec.context_ids, *(one.id for one in spec.clarifications))
    kinds += [name.partition("-")[0] for name in named]
    for kind, expected in counts.items():
        if kinds.count(kind) != expected:
            message = (
                f"the spec has {kinds.count(kind)} ids of the kind {kind}, expected {expected}"
            )
            yield Finding("wrong-count", message, path, 1)


def _exclusions_without_reason(path: str, items: _ItemsWithId) -> Iterator[Finding]:
    for item, _ in items:
        for text, marker, words in (
            (item.text, _NOT_TESTABLE, "Not testable"),
            (item.own_text, _NO_SCENARIO, "No scenario rests on it"),
        ):
            if _without_exclusion(text, marker)[1] == "":
                message = f"{item.head} says `{words}` and not why; add `: ` and the reason"
                yield Finding("exclusion-without-reason", message, path, item.line)
