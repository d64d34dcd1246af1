"""Splits Markdown into blocks, so that the page can show the spec.

Only the blocks that a spec uses are known. Emphasis and code within a line stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from traceability.project.spec_items import heading, without_comments

_FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)([-*+]|\d+[.)])\s+(.*)")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_TABLE = re.compile(r"\s*\|")


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, an item of a list, a table or a piece of code."""

    kind: str
    """`heading`, `paragraph`, `item`, `table`, `code`."""
    line: int
    text: str
    """Lines joined by a space; lines of a table or of code by a line break."""
    level: int = 0
    """For a heading, 1 to 6; for an item, its indentation in characters."""
    marker: str = ""
    """The mark that begins an item: `-`, or `3.`."""


@dataclass
class _OpenBlock:
    """A block whose further lines are still to come; each text is joined once, at its end."""

    kind: str
    line: int
    texts: list[str]
    level: int = 0
    marker: str = ""

    def closed(self) -> Block:
        separator = "\n" if self.kind in ("code", "table") else " "
        text = separator.join(self.texts)
        return Block(self.kind, self.line, text, self.level, self.marker)


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks in their order, without comments."""
    block: _OpenBlock | None = None
    fence, comment = "", False
    for number, raw in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(raw)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            elif block:
                # A blank line before the first line of code is not shown.
                block.texts += [raw] if raw or block.texts else []
            continue
        if found and not comment:
            if block:
                yield block.closed()
            fence, block = found[1], _OpenBlock("code", number, [])
            continue
        line, comment = without_comments(raw, comment)
        started = None if _RULE.match(line) else _block_started_by(line, number)
        is_text = started is None and line.strip() and not _RULE.match(line)
        if is_text and block and block.kind in ("paragraph", "item"):
            block.texts.append(line.strip())
        elif started and block and started.kind == block.kind == "table":
            block.texts += started.texts
        else:
            if block:
                yield block.closed()
            block = started or (
                _OpenBlock("paragraph", number, [line.strip()]) if is_text else None
            )
    if block:
        yield block.closed()


def _block_started_by(line: str, number: int) -> _OpenBlock | None:
    """Return the block that this line begins, other than a paragraph."""
    if found := heading(line):
        return _OpenBlock("heading", number, [found[1]], found[0])
    if item := _ITEM.match(line):
        texts = [item[3].strip()] if item[3].strip() else []
        return _OpenBlock("item", number, texts, len(item[1]), item[2])
    if _TABLE.match(line):
        return _OpenBlock("table", number, [line.strip()])
    return None
