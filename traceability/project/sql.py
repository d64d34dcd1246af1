"""Splits SQL into statements, each of which is a definition that can be claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traceability.model import Claim, Definition, Finding
from traceability.project.claims import Comment, claims

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<string>(?:(?<!\w)[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"))
    | (?P<end>;)
    | (?P<space>\s+)
    | (?P<word>\w[\w$]*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_SYMBOL = 60
"""Characters of a statement that are its name at most."""


@dataclass(frozen=True)
class Statement:
    """A statement with its semicolon; what stands before its first word is left out."""

    text: str
    first_line: int
    last_line: int


@dataclass
class _Nesting:
    """Where in a statement a semicolon does not end it, by the rules that psql has for that.

    It is so within parentheses, and in the body of a routine that is no string (`BEGIN ATOMIC`).
    """

    parentheses: int = 0
    blocks: int = 0

    def __bool__(self) -> bool:
        return self.parentheses > 0 or self.blocks > 0

    def take(self, word: str, before: Sequence[str]) -> None:
        """Go on by one token of the statement; `before` are those that stand before it."""
        match word.upper():
            case "(":
                self.parentheses += 1
            case ")":
                self.parentheses = max(0, self.parentheses - 1)
            case _ if self.parentheses:
                pass
            case "BEGIN" if _ROUTINE.match("".join(before)):
                self.blocks += 1
            case "CASE" if self.blocks:
                self.blocks += 1
            case "END" if self.blocks:
                self.blocks -= 1


def definitions(path: str, text: str) -> tuple[tuple[Definition, ...], list[Finding]]:
    """Return one definition for each statement.

    A claim belongs to the statement that it stands in, otherwise to the one that follows.
    """
    statements, comments = _split(text)
    found, findings = claims(path, comments)
    of: list[list[Claim]] = [[] for _ in statements]
    at = 0
    for claim in found:
        while at < len(statements) and statements[at].last_line < claim.line:
            at += 1
        if at < len(statements):
            of[at].append(claim)
        else:
            message = f"no statement follows the claim of {claim.requirement}: move or delete it"
            findings.append(Finding("malformed-claim", message, path, claim.line))
    return tuple(
        Definition(
            path=path,
            symbol=_symbol(statement.text),
            first_line=statement.first_line,
            last_line=statement.last_line,
            body=frozenset(),
            claims=tuple(its),
        )
        for statement, its in zip(statements, of, strict=True)
    ), findings


def _symbol(statement: str) -> str:
    """Return the first words of a statement, up to what is in parentheses."""
    words = " ".join(statement.partition("(")[0].split())
    if len(words) <= _SYMBOL:
        return words
    return words[: _SYMBOL + 1].rpartition(" ")[0] or words[:_SYMBOL]


def _split(text: str) -> tuple[list[Statement], list[Comment]]:
    statements: list[Statement] = []
    comments: list[Comment] = []
    first: int | None = None
    line, last_line = 1, 1
    parts: list[str] = []
    nesting = _Nesting()
    for kind, token in _tokens(text):
        end = line + token.count("\n")
        if kind in ("comment", "block"):
            comments += _lines(token.strip("-*/"), line)
        elif kind == "end" and not nesting:
            if first is not None:
                statements.append(Statement("".join(parts), first, end))
            first, parts = None, []
        elif kind == "space":
            parts.append(" " if first is not None else "")
        else:
            first = line if first is None else first
            last_line = end
            nesting.take(token, parts)
            parts.append(token)
            if kind == "dollar":  # the body of a function, which may hold comments of its own
                comments += [
                    Comment(comment.line, comment.text.strip().lstrip("-"))
                    for comment in _lines(token, line)
                    if comment.text.lstrip().startswith("--")
                ]
        line = end
    if first is not None and "".join(parts).strip():
        statements.append(Statement("".join(parts), first, last_line))
    return statements, comments


def _lines(text: str, first: int) -> list[Comment]:
    return [Comment(first + at, line) for at, line in enumerate(text.split("\n"))]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while found := _TOKEN.match(text, at):
        kind, end = found.lastgroup or "word", found.end()
        if kind == "dollar":
            close = text.find(found[0], end)
            end = len(text) if close < 0 else close + len(found[0])
        elif kind == "block":
            end = _end_of_block(text, end)
        yield kind, text[at:end]
        at = end


def _end_of_block(text: str, at: int) -> int:
    """Return where a `/* */` comment ends; they nest."""
    depth = 1
    while depth:
        found = _BLOCK.search(text, at)
        if not found:
            return len(text)
        depth += 1 if found[0] == "/*" else -1
        at = found.end()
    return at
