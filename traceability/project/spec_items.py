"""Splits the text of a spec into list items that begin with bold text, as ids do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_FENCE = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+(.*)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*(?:\s*:)?")


@dataclass(frozen=True)
class Item:
    """A list item that begins with bold text, unwrapped to one line."""

    head: str
    text: str
    line: int
    section: int
    """Line of the heading above the item."""
    own_text: str
    """The text without the items of a list below it."""


@dataclass
class _OpenItem:
    """A list item whose further lines are still to come."""

    indent: int
    line: int
    texts: list[str]
    own: int = 0
    """How many of the texts come before the first item below it; 0: there is none yet."""

    def closed(self, section: int) -> Item | None:
        """Return the item; None if it does not begin with bold text."""
        found = bold_head(" ".join(self.texts))
        if not found:
            return None
        own = bold_head(" ".join(self.texts[: self.own or None]))
        return Item(*found, self.line, section, own[1] if own else "")


def list_items(text: str) -> tuple[str, list[Item]]:
    """Return the first heading, and the items outside code fences and comments."""
    title, section = "", 0
    found: list[Item] = []
    open_item: _OpenItem | None = None

    def close() -> None:
        nonlocal open_item
        if open_item and (closed := open_item.closed(section)):
            found.append(closed)
        open_item = None

    for number, line in _visible_lines(text):
        if named := heading(line):
            close()
            title, section = title or named[1], number
        elif item := _ITEM.match(line):
            indent = len(item[1])
            if open_item and indent > open_item.indent and not item[2].startswith("**"):
                open_item.own = open_item.own or len(open_item.texts)
                open_item.texts.append(item[2].strip())
                continue
            close()
            open_item = _OpenItem(indent, number, [item[2].strip()])
        elif open_item and line.strip() and line[0] in " \t":
            open_item.texts.append(line.strip())
        else:
            close()
    close()
    return title.removeprefix("Feature Specification:").strip(), found


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


def bold_head(text: str) -> tuple[str, str] | None:
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
    found = bold_head(text)
    return found[1] if found and found[0] == head else text
