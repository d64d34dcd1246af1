"""Reads a spec-kit spec.md: every list item that begins with a bold id is a requirement."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from traceability.model import Finding, Requirement, Spec, TraceabilityError

CONTEXT_KINDS = frozenset({"A", "D"})
"""Assumptions and dependencies: scenarios may carry them as tags, and need not show them."""

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_FENCE = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+(.*)")
_BOLD_HEAD = re.compile(r"\*\*(?P<head>[^*]+?)\s*(?::\*\*|\*\*\s*:|\*\*)\s*(?P<text>.*)")
_ID = re.compile(r"(?P<series>US\d+-(?P<story_kind>AS)|(?P<kind>[A-Z]+)-)(?P<number>\d+)")
_ALMOST_ID = re.compile(
    r"(?P<letters>[A-Za-z]{1,8})(?:(?=\S*\d|[-_–—][OoIl]+$)\S{1,12}| ?[-–—]? ?\d\w*)"
)
_EXCLUDED = re.compile(
    r"\s*[*_]*\(Not testable\b(?::\s*(?P<reason>.*?))?\s*\)[*_]*\s*$", re.IGNORECASE
)
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+\1")
_EMPHASIS = re.compile(
    r"(\*\*\*|\*\*|\*)(?=\S)(.+?)(?<=\S)\1|(?<!\w)(__|_)(?=\S)(.+?)(?<=\S)\3(?!\w)"
)


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
            found = _BOLD_HEAD.match(" ".join(open_item[2]))
            if found:
                items.append(_Item(found["head"], found["text"], open_item[1], section))
        open_item = None

    for number, line in _visible_lines(text):
        if heading := _HEADING.match(line):
            close()
            title, section = title or heading[1], number
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
    kept = ""
    while line:
        before, mark, line = line.partition("-->" if inside else "<!--")
        kept += "" if inside else before
        inside = inside != bool(mark)
    return kept, inside


def without_head(text: str, head: str) -> str:
    """Return the text of an item without the bold id `head`, if the item begins with it."""
    found = _BOLD_HEAD.match(text)
    return found["text"] if found and found["head"] == head else text


def _requirement(item: _Item, kind: str, path: str) -> Requirement:
    excluded = ""
    text = item.text
    if (found := _EXCLUDED.search(text)) and found["reason"]:
        text, excluded = text[: found.start()], _without_emphasis(found["reason"])
    return Requirement(item.head, kind, _without_emphasis(text), path, item.line, excluded)


def _without_emphasis(text: str) -> str:
    """Return the text without emphasis; code spans stay as they are."""
    spans: list[str] = []

    def keep(found: re.Match[str]) -> str:
        spans.append(found[0])
        return f"\0{len(spans) - 1}\0"

    text = _CODE_SPAN.sub(keep, text)
    for _ in range(2):  # the second time for emphasis inside emphasis
        text = _EMPHASIS.sub(lambda found: found[2] or found[4], text)
    return re.sub("\0(\\d+)\0", lambda found: spans[int(found[1])], text).strip()


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
        found = _EXCLUDED.search(item.text)
        if found and not found["reason"]:
            message = f"{item.head} says `Not testable` and not why; add `: ` and the reason"
            yield Finding("exclusion-without-reason", message, path, item.line)
