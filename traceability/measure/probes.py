"""Sees which lines of a server run: each statement gets a probe on its way to the compiler.

A probe is a call that puts a number into a set: `__ran__(7)`. It is woven into the syntax tree, so
line numbers, tracebacks and the source that others read stay what they are, and only modules below
the measured folders have any: the rest of the server runs at its full speed. A tracer, which Python
calls for each line of every library, made a run longer by more than half.

`launcher` loads this file by its path in the server's own Python: it needs nothing but the standard
library.
"""

from __future__ import annotations

import ast
import builtins
import os
import types
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

PROBE = "__ran__"
INSTALLED = frozenset({"site-packages", "dist-packages"})
"""Folders of other people's code: a virtual environment may stand beside the server's own."""


class Probes:
    """The probes in all modules below some folders, and what they have seen."""

    def __init__(self, sources: Iterable[str], root: str) -> None:
        self._folders = tuple(f"{os.path.realpath(one)}{os.sep}" for one in sources)
        self._root = Path(root).resolve()
        self._places: list[tuple[str, int]] = []
        """Of each probe, by its number: the path relative to the root, and the line."""
        self._numbers: dict[tuple[str, int], int] = {}
        self._ran: set[int] = set()

    def install(self) -> None:
        """Put probes into whatever is imported from now on."""
        setattr(builtins, PROBE, self._ran.add)
        plain = SourceFileLoader.get_code
        to_code = SourceFileLoader.source_to_code

        def get_code(loader: SourceFileLoader, name: str) -> types.CodeType | None:
            path = loader.get_filename(name)
            # A loader that makes something of the source itself goes on doing so, without probes.
            if type(loader).source_to_code is to_code and self.covers(path):
                woven = self.code(loader.get_data(path), path)
                if woven is not None:
                    return woven
            return plain(loader, name)

        # Of the class, not of a finder: plug-ins and migrations are loaded without one.
        SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]

    def covers(self, path: str) -> bool:
        """Say whether a file is below a measured folder, and not installed there."""
        real = os.path.realpath(path)
        inside = next((real[len(one) :] for one in self._folders if real.startswith(one)), "")
        return bool(inside) and INSTALLED.isdisjoint(Path(inside).parts)

    def code(self, source: bytes, path: str) -> types.CodeType | None:
        """Compile a module with its probes.

        None for what cannot be woven: Python says itself what is wrong with it, or can run
        expressions that are nested too deep for a tree of its objects.
        """
        try:
            return self._compile(source, path)
        except (SyntaxError, RecursionError):
            return None

    def _compile(self, source: bytes, path: str) -> types.CodeType:
        tree = ast.parse(source, path)
        place = os.path.relpath(os.path.realpath(path), self._root).replace(os.sep, "/")
        for node in reversed(list(ast.walk(tree))):  # from inside out: no probe gets a probe
            if hasattr(node, "body") or isinstance(node, ast.GeneratorExp | ast.Match):
                self._weave(node, place)
        return compile(tree, path, "exec", dont_inherit=True)

    def take(self) -> dict[str, list[int]]:
        """Return the lines that ran since the last time, sorted, by path."""
        # One by one: what another thread adds meanwhile is taken now or the next time.
        numbers = [self._ran.pop() for _ in range(len(self._ran))]
        lines: dict[str, list[int]] = {}
        for path, line in sorted(self._places[number] for number in numbers):
            lines.setdefault(path, []).append(line)
        return lines

    def _weave(self, node: ast.AST, path: str) -> None:
        is_class = isinstance(node, ast.ClassDef)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                head = _head(node) if name == "body" else 0
                woven = [*block[:head], *self._woven(block, head, path)]
                setattr(node, name, [*map(_shielded, woven)] if is_class else woven)
        match node:
            case ast.ExceptHandler(type=None):
                node.body[:0] = self._statements([node.lineno], node.body[0], path)
            case ast.ExceptHandler(type=ast.expr() as kind):  # it is looked at if none before fits
                node.type = self._before(kind, path)
            case (
                ast.For() | ast.AsyncFor() | ast.While()
            ):  # a loop may outlive the step it began in
                node.body[:0] = self._statements([node.lineno], node, path)
            case ast.Lambda():  # it may run long after the statement that it stands in
                node.body = self._before(node.body, path)
            case ast.GeneratorExp():
                node.elt = self._before(node.elt, path)
            case ast.Match():
                self._weave_cases(node, path)

    def _woven(self, block: list[ast.stmt], head: int, path: str) -> Iterator[ast.stmt]:
        """Yield the statements of a block behind its head, and before each its probes."""
        for at, statement in enumerate(block):
            if at or not head or _from_future(statement):  # of a docstring nothing runs
                yield from self._statements(_lines(statement), statement, path)
            if at >= head:
                yield statement

    def _weave_cases(self, node: ast.Match, path: str) -> None:
        """Whoever comes to a case has tried all before it."""
        tried: list[int] = []
        for case in node.cases:
            tried.append(case.pattern.lineno)
            case.body[:0] = self._statements(tried, case.body[0], path)
        last = node.cases[-1]
        if last.guard or not _fits_all(last.pattern):
            nothing = ast.MatchAs(**_position(node))
            body = list(self._statements(tried, node, path))
            node.cases.append(ast.match_case(nothing, None, body))

    def _before(self, expression: ast.expr, path: str) -> ast.expr:
        """Give the expression with a probe before it: the probe's value is None."""
        probe = self._probe(path, expression.lineno, expression)
        return ast.BoolOp(ast.Or(), [probe, expression], **_position(expression))

    def _statements(self, lines: Iterable[int], beside: ast.stmt, path: str) -> Iterator[ast.stmt]:
        for line in lines:
            yield _Probe(self._probe(path, line, beside), **_position(beside))

    def _probe(self, path: str, line: int, beside: ast.expr | ast.stmt) -> ast.Call:
        number = self._numbers.setdefault((path, line), len(self._places))
        if number == len(self._places):
            self._places.append((path, line))
        position = _position(beside)
        name = ast.Name(PROBE, ast.Load(), **position)
        return ast.Call(name, [ast.Constant(number, **position)], [], **position)


class _Probe(ast.Expr):
    """A statement that is a probe and nothing else."""


def _shielded(statement: ast.stmt) -> ast.stmt:
    """Look a probe in the body of a class up past its names, which a metaclass may answer for."""
    if isinstance(statement, _Probe):
        at = _position(statement)
        none = ast.arguments([], [], None, [], [], None, [])
        statement.value = ast.Call(ast.Lambda(none, statement.value, **at), [], [], **at)
    return statement


def _position(node: ast.expr | ast.stmt) -> dict[str, Any]:
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }


def _lines(statement: ast.stmt) -> list[int]:
    """Return the lines of a statement on which something runs when it is reached."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return [*(one.lineno for one in decorators), statement.lineno]


def _head(node: ast.AST) -> int:
    """Return how many statements have to stay first: a docstring, and what is from the future."""
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    first = 0 if ast.get_docstring(node, clean=False) is None else 1
    while first < len(node.body) and _from_future(node.body[first]):
        first += 1
    return first


def _from_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _fits_all(pattern: ast.pattern) -> bool:
    """Say whether nothing may come after a pattern, because it fits whatever comes."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _fits_all(inner)
        case ast.MatchOr(patterns=patterns):
            return any(map(_fits_all, patterns))
    return False
