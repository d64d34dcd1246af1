"""Reads a spec-kit spec.md: every list item that begins with a bold id is a requirement."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from traceability.model import Finding, Requirement, Spec, TraceabilityError
from traceability.project.emphasis import without_emphasis

CONTEXT_KINDS = frozenset({"A", "D"})
"""Assumptions and dependencies: scenarios may carry them as tags, and need not show them."""

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_FENCE = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+(.*)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*(?:\s*:)?")
_ID = re.compile(r"(?P<series>US\d{1,9}-(?P<story_kind>AS)|(?P<kind>[A-Z]+)-)(?P<number>\d{1,9})")
_ALMOST_ID = re.compile(
    r"(?P<letters>[A-Za-z]{1,8})(?:(?=\S*\d|[-_–—][OoIl]+$)\S{1,12}| ?[-–—]? ?\d\w*)"
)
_NOT_TESTABLE = re.compile(r"\(Not testable\b(?::(?P<reason>.*)|\s*\Z)", re.IGNORECASE)


class SpecError(TraceabilityError):
    """The spec cannot be read, or has no requirement."""


@dataclass(frozen=True)
class _Item:
    """A list item that begins with bold text, unwrapped to one line."""

    head: str
    text: str
    line: int
    section: int
    """Line of the heading above the item."""


def read_spec(path: str | Path, root: Path) -> Spec:
    """Return the spec. Raises `SpecError` when it cannot be read or has no requirement."""
    spec, findings = inspect_spec(path, root)
    for one in findings:
        if one.kind == "empty-spec":
            raise SpecError(f"{one.path}:{one.line}: {one.message}")
    return spec


def inspect_spec(
    path: str | Path, root: Path, counts: Mapping[str, int] | None = None
) -> tuple[Spec, tuple[Finding, ...]]:
    """Return the spec and the findings about its ids.

    `counts` maps a kind to the number of ids that there must be. Raises `SpecError` when the file
    cannot be read.
    """
    name = Path(path).as_posix()
    try:
        text = (root / path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SpecError(f"{name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SpecError(f"{name}: is not UTF-8; save it as UTF-8") from None
    title, items = _items(text)
    with_id = [(item, found) for item in items if (found := _ID.fullmatch(item.head))]
    requirements: dict[str, Requirement] = {}
    context: dict[str, int] = {}
    for item, found in with_id:
        kind = found["story_kind"] or found["kind"]
        if kind in CONTEXT_KINDS:
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


def _items(text: str) -> tuple[str, list[_Item]]:
    """Return the first heading, and the items outside code fences and comments."""
    title, section = "", 0
    items: list[_Item] = []
    open_item: tuple[int, int, list[str]] | None = None  # indent, line, texts

    def close() -> None:
        nonlocal open_item
        if open_item:
            found = _bold_head(" ".join(open_item[2]))
            if found:
                items.append(_Item(*found, open_item[1], section))
        open_item = None

    for number, line in _visible_lines(text):
        if found := heading(line):
            close()
            title, section = title or found[1], number
        elif item := _ITEM.match(line):
            indent = len(item[1])
            nested = open_item is not None and indent > open_item[0]
            if nested and open_item and not item[2].startswith("**"):
                open_item[2].append(item[2].strip())
                continue
            close()
            open_item = (indent, number, [item[2].strip()])
        elif open_item and line.strip() and line[0] in " \t":
            open_item[2].append(line.strip())
        else:
            close()
    close()
    return title.removeprefix("Feature Specification:").strip(), items


def _visible_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield numbered lines; lines in a code fence or a comment become empty."""
    fence, comment = "", False
    for number, line in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            yield number, ""
            continue
        if found and not comment:
            fence = found[1]
            yield number, ""
            continue
        visible, comment = without_comments(line, comment)
        yield number, visible


def without_comments(line: str, inside: bool) -> tuple[str, bool]:
    """Return a line without its comments, and whether a comment continues on the next line."""
    kept, at = [], 0
    while at < len(line):
        mark = "-->" if inside else "<!--"
        end = line.find(mark, at)
        if not inside:
            kept.append(line[at : end if end >= 0 else None])
        if end < 0:
            break
        inside, at = not inside, end + len(mark)
    return "".join(kept), inside


def heading(line: str) -> tuple[int, str] | None:
    """Return the level and the text of a heading; None if the line is none."""
    found = _HEADING.match(line)
    return (len(found[1]), found[2].rstrip("#").rstrip()) if found else None


def _bold_head(text: str) -> tuple[str, str] | None:
    """Return the bold text that a text begins with, without its colon, and what follows it."""
    found = _BOLD.match(text)
    if not found:
        return None
    head, end = found[1], found.end()
    if head.endswith(":") and len(head) > 1:
        head, end = head[:-1], found.end(1) + len("**")
    return head.rstrip() or head[:1], text[end:].lstrip()


def without_head(text: str, head: str) -> str:
    """Return the text of an item without the bold id `head`, if the item begins with it."""
    found = _bold_head(text)
    return found[1] if found and found[0] == head else text


def _requirement(item: _Item, kind: str, path: str) -> Requirement:
    text, excluded = _without_exclusion(item.text)
    if not excluded:
        text = item.text
    return Requirement(
        item.head, kind, without_emphasis(text), path, item.line, without_emphasis(excluded or "")
    )


def _without_exclusion(text: str) -> tuple[str, str | None]:
    """Return a text without `*(Not testable: reason.)*` at its end, and the reason.

    The reason is empty if none is given, and None if the text does not say `Not testable`.
    """
    body = text.rstrip().rstrip("*_")
    found = _NOT_TESTABLE.search(body[:-1]) if body.endswith(")") else None
    if not found:
        return text, None
    return text[: found.start()].rstrip("*_").rstrip(), (found["reason"] or "").strip()


_ItemsWithId = list[tuple[_Item, re.Match[str]]]


def _empty_spec(spec: Spec) -> Iterator[Finding]:
    if not spec.requirements:
        message = "the spec has no requirement; write them as `- **FR-001**: System MUST ...`"
        yield Finding("empty-spec", message, spec.path, 1)


def _malformed_ids(
    path: str, items: list[_Item], sections: set[int], with_id: _ItemsWithId
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
    kinds += [name.partition("-")[0] for name in spec.context_ids]
    for kind, expected in counts.items():
        if kinds.count(kind) != expected:
            message = (
                f"the spec has {kinds.count(kind)} ids of the kind {kind}, expected {expected}"
            )
            yield Finding("wrong-count", message, path, 1)


def _exclusions_without_reason(path: str, items: _ItemsWithId) -> Iterator[Finding]:
    for item, _ in items:
        if _without_exclusion(item.text)[1] == "":
            message = f"{item.head} says `Not testable` and not why; add `: ` and the reason"
            yield Finding("exclusion-without-reason", message, path, item.line)
