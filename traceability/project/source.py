"""Reads source files: their definitions, their claims, and the lines that can run."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from traceability.model import Claim, Definition, Finding, SourceFile
from traceability.project.claims import Comment, parse_claims
from traceability.project.sql import sql_definitions

SOURCE_SUFFIXES = (".py", ".sql")

NOT_EXECUTABLE = re.compile(
    r"""
    \#\s*(?:pragma|PRAGMA)[:\s]?\s*(?:no|NO)\s*(?:cover|COVER)
    | ^[^\S\n]*if\ (?:typing\.)?TYPE_CHECKING:
    | ^[^\S\n]*
      (?:
        (?: (?:async\ )?def\ (?:.*?[\])]:|(?>.*?[\])]\s*->).*?:) | [\])]++(?:\s*->.*?)?: )\s*
      )?
      \.\.\.[^\S\n]*(?:\#|$)
    """,
    re.VERBOSE | re.MULTILINE,
)
"""Code that coverage.py excludes by default: `# pragma: no cover`, `...`, `if TYPE_CHECKING`.

Its own patterns take quadratic time for many blank lines and for long lines.
"""

_FunctionSyntax = ast.FunctionDef | ast.AsyncFunctionDef
_DefinitionSyntax = _FunctionSyntax | ast.ClassDef


def read_sources(
    paths: Iterable[str], root: Path, *, measured: bool = True
) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """Return the Python and SQL files below `paths`, and the findings about them.

    With `measured=False` only claims are read: no line counts as executable.
    """
    files: list[SourceFile] = []
    findings: list[Finding] = []
    files_found: set[Path] = set()
    for path in paths:
        files_below = set(_source_files(path, root))
        files_found |= files_below
        if not files_below:
            message = (
                f"no {' or '.join(SOURCE_SUFFIXES)} file is there: name a path that holds sources"
            )
            findings.append(Finding("empty-source", message, path, 1))
    for file in sorted(files_found):
        path = file.relative_to(root).as_posix()
        content = file.read_bytes()
        try:
            text = content.decode("utf-8-sig")
            executable = frozenset[int]()
            if file.suffix == ".sql":
                definitions, file_findings = sql_definitions(path, text)
            else:
                tree = ast.parse(text)
                if measured:
                    executable = _statement_lines(text)[0]
                else:  # as coverage does: the parser accepts a `return` outside a function
                    compile(text, "<code>", "exec", dont_inherit=True)
                definitions, file_findings = _definitions(path, tree, text, executable)
        except (SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
            line = getattr(error, "lineno", None) or 1
            message = f"this file cannot be read as source: {error}"
            findings.append(Finding("unreadable-source", message, path, line))
            continue
        findings += file_findings
        digest = hashlib.sha256(content).hexdigest()
        files.append(SourceFile(path, digest, executable, definitions, text))
    return tuple(files), tuple(findings)


def statement_first_lines(source: SourceFile) -> dict[int, int]:
    """Return the first line of a multi-line statement for each of its further lines."""
    return _statement_lines(source.text)[1] if source.executable else {}


def import_time_symbols(source: SourceFile) -> frozenset[str]:
    """Return the symbols whose bodies run on import: the module and its classes."""
    nodes = _definition_nodes(ast.parse(source.text), "")
    return frozenset(["<module>", *(node.symbol for node in nodes if node.is_class)])


def _source_files(path: str, root: Path) -> Iterator[Path]:
    file = root / path
    if file.is_file():
        yield file
    for suffix in SOURCE_SUFFIXES:
        yield from file.rglob(f"*{suffix}")


@functools.cache
def _statement_lines(text: str) -> tuple[frozenset[int], dict[int, int]]:
    """Return the executable lines, and for each further line of a statement its first line.

    Cached: reading the source needs the first value, and the trace later needs the second. Raises
    the error of Python's compiler for a text that cannot run.
    """
    # Imported here, because coverage takes long to import and a check without evidence needs none.
    from coverage.exceptions import CoverageException
    from coverage.parser import PythonParser

    if not text.strip():
        return frozenset(), {}
    parser = PythonParser(text=text, exclude=f"(?mx:{NOT_EXECUTABLE.pattern})")
    try:
        parser.parse_source()
    except CoverageException as error:
        raise error.__cause__ or SyntaxError(str(error)) from None
    lines = range(1, text.count("\n") + 2)
    first_lines = {line: first for line in lines if (first := parser.first_line(line)) != line}
    return frozenset(parser.statements), first_lines


@dataclass(frozen=True)
class _DefinitionNode:
    """The place of a definition, before its lines and claims are known."""

    symbol: str
    first_line: int
    """The line of its first decorator, if there is one."""
    body_first_line: int
    last_line: int
    is_class: bool = False
    is_first_statement: bool = False
    """Whether it is the first statement of a function: claims above it belong to that function."""


def _definitions(
    path: str, tree: ast.Module, text: str, executable: frozenset[int]
) -> tuple[tuple[Definition, ...], list[Finding]]:
    last_line = max(text.count("\n") + (not text.endswith("\n")), 1)
    nodes = [_DefinitionNode("<module>", 1, 1, last_line), *_definition_nodes(tree, "")]
    # Outer definitions come first, so that a line is left to the innermost definition around it.
    body_at = [0] * (last_line + 2)
    definition_at = [0] * (last_line + 2)
    for index, node in enumerate(nodes):
        end = node.last_line + 1
        body_at[node.body_first_line : end] = [index] * (end - node.body_first_line)
        definition_at[node.first_line : end] = [index] * (end - node.first_line)
    bodies: list[set[int]] = [set() for _ in nodes]
    for line in executable:
        bodies[body_at[line]].add(line)
    comments = list(_comments_on_own_lines(text, tree))
    claims, findings = parse_claims(path, comments)
    below = _definitions_below(nodes, {comment.line for comment in comments})
    claims_of: list[list[Claim]] = [[] for _ in nodes]
    for claim in claims:
        claims_of[below.get(claim.line, definition_at[claim.line])].append(claim)
    return tuple(
        Definition(path, node.symbol, node.first_line, node.last_line, frozenset(body), tuple(own))
        for node, body, own in zip(nodes, bodies, claims_of, strict=True)
    ), findings


def _definition_nodes(tree: ast.AST, prefix: str) -> Iterator[_DefinitionNode]:
    first = _first_statement(tree)
    for node in _child_statements(tree):
        if not isinstance(node, _DefinitionSyntax):
            yield from _definition_nodes(node, prefix)
            continue
        symbol = f"{prefix}{node.name}"
        # A body on the line of its header has no lines: coverage cannot tell the two apart.
        body_first_line = max(_first_line(node.body[0]), node.lineno + 1)
        last_line = node.end_lineno or node.lineno
        yield _DefinitionNode(
            symbol=symbol,
            first_line=_first_line(node),
            body_first_line=min(body_first_line, last_line + 1),
            last_line=last_line,
            is_class=isinstance(node, ast.ClassDef),
            is_first_statement=node is first,
        )
        yield from _definition_nodes(node, f"{symbol}.")


def _child_statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements in the blocks of a statement. No expression contains a definition."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        yield from getattr(node, block, ())


def _first_statement(tree: ast.AST) -> ast.stmt | None:
    """Return the first statement of a function after its docstring; None for any other node."""
    if not isinstance(tree, _FunctionSyntax):
        return None
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    return body[0] if body else None


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _definitions_below(nodes: list[_DefinitionNode], comments: set[int]) -> dict[int, int]:
    """Return, for each comment line directly above a definition, the index of that definition.

    Comments at the start of a function belong to it, even if an inner definition follows them.
    """
    below: dict[int, int] = {}
    for index, node in enumerate(nodes[1:], start=1):
        line = 0 if node.is_first_statement else node.first_line - 1
        while line in comments:
            below[line] = index
            line -= 1
    return below


def _comments_on_own_lines(text: str, tree: ast.Module) -> Iterator[Comment]:
    """Yield the comments on lines of their own. Lines inside strings are not comments."""
    lines = enumerate(text.split("\n"), start=1)
    comments = {number: line.lstrip() for number, line in lines if line.lstrip().startswith("#")}
    if all(comments.keys().isdisjoint(inside) for inside in _multiline_strings(tree)):
        for number, line in comments.items():
            yield Comment(number, line.partition("\r")[0].lstrip("#"))
        return
    # Only the tokenizer, which is slow, tells a line of a string from a comment between its parts.
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            yield Comment(token.start[0], token.string.lstrip("#"))


def _multiline_strings(tree: ast.Module) -> Iterator[range]:
    """Yield, for each string over several lines, the lines that begin inside it."""
    nodes: list[ast.AST] = [tree]
    while nodes:
        for node in ast.iter_child_nodes(nodes.pop()):
            first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield range(first + 1, last + 1)
            # A node on one line contains no such string, except in the decorators of a definition.
            elif first != last or not first or isinstance(node, _DefinitionSyntax):
                nodes.append(node)
