"""Reads source files: what they define, what they claim to implement, which lines can run."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from traceability.model import Claim, Definition, Finding, SourceFile
from traceability.project import sql
from traceability.project.claims import Comment, claims

SUFFIXES = (".py", ".sql")

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef


def read(
    paths: Iterable[str], root: Path, *, measured: bool = True
) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """Return the Python and SQL files below `paths`, and what is wrong with them.

    With `measured=False` no line counts as executable: claims are read, and that is all.
    """
    files: list[SourceFile] = []
    findings: list[Finding] = []
    found_files: set[Path] = set()
    for given in paths:
        below = set(_files(given, root))
        found_files |= below
        if not below:
            message = f"no {' or '.join(SUFFIXES)} file is there: name a path that holds sources"
            findings.append(Finding("empty-source", message, given, 1))
    for file in sorted(found_files):
        path = file.relative_to(root).as_posix()
        content = file.read_bytes()
        try:
            text = content.decode("utf-8-sig")
            executable = frozenset[int]()
            if file.suffix == ".sql":
                found, wrong = sql.definitions(path, text)
            else:
                tree = ast.parse(text)
                if measured:
                    executable = _statements(text)[0]
                else:  # as coverage does: a parser does not mind a `return` outside a function
                    compile(text, "<code>", "exec", dont_inherit=True)
                found, wrong = _definitions(path, tree, text, executable)
        except (SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
            line = getattr(error, "lineno", None) or 1
            message = f"this file cannot be read as source: {error}"
            findings.append(Finding("unreadable-source", message, path, line))
            continue
        findings += wrong
        digest = hashlib.sha256(content).hexdigest()
        files.append(SourceFile(path, digest, executable, found, text))
    return tuple(files), tuple(findings)


def statement_lines(source: SourceFile) -> dict[int, int]:
    """Return, for each further line of a statement over several lines, the line that counts."""
    return _statements(source.text)[1] if source.executable else {}


def runs_on_import(source: SourceFile) -> frozenset[str]:
    """Return the symbols of what runs on import: the bodies of the module and of its classes."""
    nodes = _nodes(ast.parse(source.text), "")
    return frozenset(["<module>", *(node.symbol for node in nodes if node.is_class)])


def _files(path: str, root: Path) -> Iterator[Path]:
    file = root / path
    if file.is_file():
        yield file
    for suffix in SUFFIXES:
        yield from file.rglob(f"*{suffix}")


@functools.cache
def _statements(text: str) -> tuple[frozenset[int], dict[int, int]]:
    """Return the lines that can run, and the first line of each other line of a statement.

    Kept, because the trace asks for the second what reading the source asked for the first. Raises
    what Python says of a text that cannot run.
    """
    # Not at the top: whoever measures nothing need not wait for it.
    from coverage.config import DEFAULT_EXCLUDE
    from coverage.exceptions import CoverageException
    from coverage.parser import PythonParser

    if not text.strip():
        return frozenset(), {}
    parser = PythonParser(text=text, exclude="|".join(f"(?:{one})" for one in DEFAULT_EXCLUDE))
    try:
        parser.parse_source()
    except CoverageException as error:
        raise error.__cause__ or SyntaxError(str(error)) from None
    lines = range(1, text.count("\n") + 2)
    further = {line: first for line in lines if (first := parser.first_line(line)) != line}
    return frozenset(parser.statements), further


@dataclass(frozen=True)
class _Node:
    """A definition without its lines and claims."""

    symbol: str
    first_line: int
    """Of its first decorator."""
    body_line: int
    last_line: int
    is_class: bool = False
    opens: bool = False
    """Whether it is the first statement of a function: a claim above it is that function's."""


def _definitions(
    path: str, tree: ast.Module, text: str, executable: frozenset[int]
) -> tuple[tuple[Definition, ...], list[Finding]]:
    last_line = max(text.count("\n") + (not text.endswith("\n")), 1)
    nodes = [_Node("<module>", 1, 1, last_line), *_nodes(tree, "")]
    # From outside in: the innermost definition has the last word on whose a line is.
    owner = [0] * (last_line + 2)
    around = [0] * (last_line + 2)
    for at, node in enumerate(nodes):
        owner[node.body_line : node.last_line + 1] = [at] * (node.last_line + 1 - node.body_line)
        around[node.first_line : node.last_line + 1] = [at] * (node.last_line + 1 - node.first_line)
    bodies: list[set[int]] = [set() for _ in nodes]
    for line in executable:
        bodies[owner[line]].add(line)
    comments = list(_comments(text, tree))
    found, findings = claims(path, comments)
    above = _above(nodes, {comment.line for comment in comments})
    of: list[list[Claim]] = [[] for _ in nodes]
    for claim in found:
        of[above.get(claim.line, around[claim.line])].append(claim)
    return tuple(
        Definition(path, node.symbol, node.first_line, node.last_line, frozenset(body), tuple(its))
        for node, body, its in zip(nodes, bodies, of, strict=True)
    ), findings


def _nodes(tree: ast.AST, prefix: str) -> Iterator[_Node]:
    first = _opening(tree)
    for node in _inside(tree):
        if not isinstance(node, _Definition):
            yield from _nodes(node, prefix)
            continue
        symbol = f"{prefix}{node.name}"
        # A body on the line of its header cannot be told from it: such a definition has no lines.
        body = max(_first_line(node.body[0]), node.lineno + 1)
        last = node.end_lineno or node.lineno
        yield _Node(
            symbol=symbol,
            first_line=_first_line(node),
            body_line=min(body, last + 1),
            last_line=last,
            is_class=isinstance(node, ast.ClassDef),
            opens=node is first,
        )
        yield from _nodes(node, f"{symbol}.")


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements of all blocks of a statement: no expression holds a definition."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        yield from getattr(node, block, ())


def _opening(tree: ast.AST) -> ast.stmt | None:
    """Return the first statement of a function that is not its docstring."""
    if not isinstance(tree, _Function):
        return None
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    return body[0] if body else None


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _above(nodes: list[_Node], comments: set[int]) -> dict[int, int]:
    """Return, for each comment line directly above a definition, which one that is.

    A function's first lines are the function's own, also when a definition is all that follows.
    """
    above: dict[int, int] = {}
    for at, node in enumerate(nodes[1:], start=1):
        line = 0 if node.opens else node.first_line - 1
        while line in comments:
            above[line] = at
            line -= 1
    return above


def _comments(text: str, tree: ast.Module) -> Iterator[Comment]:
    """Yield the comments that have a line of their own; strings are not looked into."""
    lines = enumerate(text.split("\n"), start=1)
    found = {at: line.lstrip() for at, line in lines if line.lstrip().startswith("#")}
    if all(found.keys().isdisjoint(inside) for inside in _strings(tree)):
        for at, line in found.items():
            yield Comment(at, line.partition("\r")[0].lstrip("#"))
        return
    # Only tokens tell what is a string's own and what stands between its parts; they take long.
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            yield Comment(token.start[0], token.string.lstrip("#"))


def _strings(tree: ast.Module) -> Iterator[range]:
    """Yield, for each string over several lines, those that begin within it."""
    nodes: list[ast.AST] = [tree]
    while nodes:
        for node in ast.iter_child_nodes(nodes.pop()):
            first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield range(first + 1, last + 1)
            # What stands in one line has no such string within, unless in a decorator above.
            elif first != last or not first or isinstance(node, _Definition):
                nodes.append(node)
