"""Splits Markdown into blocks, so that the page can show the spec.

Only the blocks that a spec uses are known. Emphasis and code within a line stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from traceability.project.spec import without_comments

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
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


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks in their order, without comments."""
    block: Block | None = None
    fence, comment = "", False
    for number, raw in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(raw)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            elif block:
                block = _with_more_text(block, raw, "\n")
            continue
        if found and not comment:
            if block:
                yield block
            fence, block = found[1], Block("code", number, "")
            continue
        line, comment = without_comments(raw, comment)
        started = None if _RULE.match(line) else _block_started_by(line, number)
        is_text = started is None and line.strip() and not _RULE.match(line)
        if is_text and block and block.kind in ("paragraph", "item"):
            block = _with_more_text(block, line.strip(), " ")
        elif started and block and started.kind == block.kind == "table":
            block = _with_more_text(block, started.text, "\n")
        else:
            if block:
                yield block
            block = started or (Block("paragraph", number, line.strip()) if is_text else None)
    if block:
        yield block


def _block_started_by(line: str, number: int) -> Block | None:
    """Return the block that this line begins, other than a paragraph."""
    if heading := _HEADING.match(line):
        return Block("heading", number, heading[2], len(heading[1]))
    if item := _ITEM.match(line):
        return Block("item", number, item[3].strip(), len(item[1]), item[2])
    if _TABLE.match(line):
        return Block("table", number, line.strip())
    return None


def _with_more_text(block: Block, text: str, separator: str) -> Block:
    joined = f"{block.text}{separator}{text}" if block.text else text
    return Block(block.kind, block.line, joined, block.level, block.marker)
