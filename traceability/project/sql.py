"""Splits SQL into statements. Each statement is a definition that can have claims."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traceability.model import Claim, Definition, Finding
from traceability.project.claims import Comment, parse_claims

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
_BLOCK_COMMENT_MARK = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_ROUTINE_TOKENS = 16
"""How many tokens of a statement are looked at to see that it creates a routine."""
_WORD = 16
"""How many characters of each of these tokens are looked at: more than a key word has."""
_SYMBOL_LIMIT = 60
"""Greatest length of a statement's symbol, in characters."""


@dataclass(frozen=True)
class Statement:
    """A statement from its first word on. `last_line` is that of its semicolon, if it has one."""

    text: str
    first_line: int
    last_line: int


@dataclass
class _Nesting:
    """Says whether a semicolon ends the statement, by the rules of psql.

    It does not within parentheses, nor in the unquoted body of a routine (`BEGIN ATOMIC`).
    """

    parentheses: int = 0
    blocks: int = 0

    def __bool__(self) -> bool:
        return self.parentheses > 0 or self.blocks > 0

    def take(self, word: str, before: Sequence[str]) -> None:
        """Count one token of the statement; `before` are the tokens that precede it."""
        match word.upper():
            case "(":
                self.parentheses += 1
            case ")":
                self.parentheses = max(0, self.parentheses - 1)
            case _ if self.parentheses:
                pass
            case "BEGIN" if _ROUTINE.match(
                "".join(one[:_WORD] for one in before[:_ROUTINE_TOKENS])
            ):
                self.blocks += 1
            case "CASE" if self.blocks:
                self.blocks += 1
            case "END" if self.blocks:
                self.blocks -= 1


def sql_definitions(path: str, text: str) -> tuple[tuple[Definition, ...], list[Finding]]:
    """Return one definition for each statement, and the findings about its claims.

    A claim belongs to the statement around it, otherwise to the statement that follows it.
    """
    statements, comments = _split_statements(text)
    claims, findings = parse_claims(path, comments)
    claims_of: list[list[Claim]] = [[] for _ in statements]
    index = 0
    for claim in claims:
        while index < len(statements) and statements[index].last_line < claim.line:
            index += 1
        if index < len(statements):
            claims_of[index].append(claim)
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
            claims=tuple(own),
        )
        for statement, own in zip(statements, claims_of, strict=True)
    ), findings


def _symbol(statement: str) -> str:
    """Return the first words of a statement, up to its first parenthesis."""
    words = " ".join(statement.partition("(")[0].split())
    if len(words) <= _SYMBOL_LIMIT:
        return words
    return words[: _SYMBOL_LIMIT + 1].rpartition(" ")[0] or words[:_SYMBOL_LIMIT]


def _split_statements(text: str) -> tuple[list[Statement], list[Comment]]:
    statements: list[Statement] = []
    comments: list[Comment] = []
    first_line: int | None = None
    line, last_line = 1, 1
    parts: list[str] = []
    nesting = _Nesting()
    for kind, token in _tokens(text):
        end_line = line + token.count("\n")
        if kind in ("comment", "block"):
            comments += _comment_lines(token.strip("-*/"), line)
        elif kind == "end" and not nesting:
            if first_line is not None:
                statements.append(Statement("".join(parts), first_line, end_line))
            first_line, parts = None, []
        elif kind == "space":
            parts.append(" " if first_line is not None else "")
        else:
            first_line = line if first_line is None else first_line
            last_line = end_line
            nesting.take(token, parts)
            parts.append(token)
            if kind == "dollar":  # the body of a function: it can contain comments
                comments += [
                    Comment(comment.line, comment.text.strip().lstrip("-"))
                    for comment in _comment_lines(token, line)
                    if comment.text.lstrip().startswith("--")
                ]
        line = end_line
    if first_line is not None and "".join(parts).strip():
        statements.append(Statement("".join(parts), first_line, last_line))
    return statements, comments


def _comment_lines(text: str, first_line: int) -> list[Comment]:
    return [Comment(first_line + offset, line) for offset, line in enumerate(text.split("\n"))]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while found := _TOKEN.match(text, position):
        kind, end = found.lastgroup or "word", found.end()
        if kind == "dollar":
            closing = text.find(found[0], end)
            end = len(text) if closing < 0 else closing + len(found[0])
        elif kind == "block":
            end = _block_comment_end(text, end)
        yield kind, text[position:end]
        position = end


def _block_comment_end(text: str, position: int) -> int:
    """Return the position after a `/* */` comment; such comments nest in PostgreSQL."""
    depth = 1
    while depth:
        found = _BLOCK_COMMENT_MARK.search(text, position)
        if not found:
            return len(text)
        depth += 1 if found[0] == "/*" else -1
        position = found.end()
    return position
