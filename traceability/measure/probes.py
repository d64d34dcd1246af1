"""Records which lines of a server run: inserts a probe before each statement of a module.

A probe is a call that puts a number into a set: `__ran__(7)`. It is inserted into the syntax tree,
so line numbers, tracebacks and the source text do not change. Only modules below the measured
folders have probes; the rest of the server runs at full speed. A tracer, which Python calls for
each line of every library, made a run longer by more than half.

The launcher loads this file by its path in the server's own Python, so it needs only the standard
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

PROBE_FUNCTION = "__ran__"
PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages"})
"""Folders of installed packages: a measured folder may contain a virtual environment."""


class Probes:
    """The probes in all modules below the folders `sources`, and the lines that have run."""

    def __init__(self, sources: Iterable[str], root: str) -> None:
        self._folders = tuple(f"{os.path.realpath(one)}{os.sep}" for one in sources)
        self._root = Path(root).resolve()
        self._probed_lines: list[tuple[str, int]] = []
        """By number of the probe: the path relative to the root, and the line."""
        self._probe_numbers: dict[tuple[str, int], int] = {}
        self._reached: set[int] = set()

    def install(self) -> None:
        """Put probes into all measured modules that are imported from now on."""
        setattr(builtins, PROBE_FUNCTION, self._reached.add)
        original_get_code = SourceFileLoader.get_code
        original_source_to_code = SourceFileLoader.source_to_code

        def get_code(loader: SourceFileLoader, name: str) -> types.CodeType | None:
            path = loader.get_filename(name)
            # A loader that changes how source is compiled keeps its own way and has no probes.
            if type(loader).source_to_code is original_source_to_code and self.is_measured(path):
                code = self.compile_module(loader.get_data(path), path)
                if code is not None:
                    return code
            return original_get_code(loader, name)

        # Patches the loader, not a finder: plug-ins and migrations are loaded without a finder.
        SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]

    def is_measured(self, path: str) -> bool:
        """Say whether a file is below a measured folder and in no installed package."""
        real = os.path.realpath(path)
        below = next((real[len(one) :] for one in self._folders if real.startswith(one)), "")
        return bool(below) and PACKAGE_FOLDERS.isdisjoint(Path(below).parts)

    def compile_module(self, source: bytes, path: str) -> types.CodeType | None:
        """Compile a module with its probes.

        Returns None when that fails, so that Python compiles the module itself: it reports a
        syntax error, or runs expressions that are nested too deep for a tree of Python objects.
        """
        try:
            return self._compile(source, path)
        except (SyntaxError, RecursionError):
            return None

    def _compile(self, source: bytes, path: str) -> types.CodeType:
        tree = ast.parse(source, path)
        relative = os.path.relpath(os.path.realpath(path), self._root).replace(os.sep, "/")
        for node in reversed(list(ast.walk(tree))):  # inner nodes first: no probe gets a probe
            if hasattr(node, "body") or isinstance(node, ast.GeneratorExp | ast.Match):
                self._insert_probes(node, relative)
        return compile(tree, path, "exec", dont_inherit=True)

    def take_lines(self) -> dict[str, list[int]]:
        """Return the lines that ran since the last call, sorted, by path."""
        # One at a time, so that no number is lost that another thread adds meanwhile.
        numbers = [self._reached.pop() for _ in range(len(self._reached))]
        lines: dict[str, list[int]] = {}
        for path, line in sorted(self._probed_lines[number] for number in numbers):
            lines.setdefault(path, []).append(line)
        return lines

    def _insert_probes(self, node: ast.AST, path: str) -> None:
        is_class = isinstance(node, ast.ClassDef)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                start = _statements_before_probes(node) if name == "body" else 0
                probed = [*block[:start], *self._probed(block, start, path)]
                setattr(
                    node, name, [*map(_outside_class_namespace, probed)] if is_class else probed
                )
        match node:
            case ast.ExceptHandler(type=None):
                node.body[:0] = self._probe_statements([node.lineno], node.body[0], path)
            case ast.ExceptHandler(type=ast.expr() as exception):
                # It is evaluated when no handler before it matches.
                node.type = self._with_probe(exception, path)
            case ast.For() | ast.AsyncFor() | ast.While():
                # A loop may go on in a later step than the one in which it began.
                node.body[:0] = self._probe_statements([node.lineno], node, path)
            case ast.Lambda():
                # It may run in a later step than the statement around it.
                node.body = self._with_probe(node.body, path)
            case ast.GeneratorExp():
                node.elt = self._with_probe(node.elt, path)
            case ast.Match():
                self._insert_into_cases(node, path)

    def _probed(self, block: list[ast.stmt], start: int, path: str) -> Iterator[ast.stmt]:
        """Yield the statements of a block from index `start` on, each after its probes.

        Probes of leading future imports come first of all; a leading docstring has none.
        """
        for index, statement in enumerate(block):
            if index or not start or _is_future_import(statement):
                yield from self._probe_statements(_lines_run_by(statement), statement, path)
            if index >= start:
                yield statement

    def _insert_into_cases(self, node: ast.Match, path: str) -> None:
        """Record the patterns that were tried: the matching one and all before it."""
        tried: list[int] = []
        for case in node.cases:
            tried.append(case.pattern.lineno)
            case.body[:0] = self._probe_statements(tried, case.body[0], path)
        last = node.cases[-1]
        if last.guard or not _is_irrefutable(last.pattern):
            wildcard = ast.MatchAs(**_position_of(node))
            body = list(self._probe_statements(tried, node, path))
            node.cases.append(ast.match_case(wildcard, None, body))

    def _with_probe(self, expression: ast.expr, path: str) -> ast.expr:
        """Return `probe or expression`: the probe runs first, and its value is None."""
        probe = self._probe_call(path, expression.lineno, expression)
        return ast.BoolOp(ast.Or(), [probe, expression], **_position_of(expression))

    def _probe_statements(
        self, lines: Iterable[int], beside: ast.stmt, path: str
    ) -> Iterator[ast.stmt]:
        for line in lines:
            yield _ProbeStatement(self._probe_call(path, line, beside), **_position_of(beside))

    def _probe_call(self, path: str, line: int, beside: ast.expr | ast.stmt) -> ast.Call:
        number = self._probe_numbers.setdefault((path, line), len(self._probed_lines))
        if number == len(self._probed_lines):
            self._probed_lines.append((path, line))
        position = _position_of(beside)
        name = ast.Name(PROBE_FUNCTION, ast.Load(), **position)
        return ast.Call(name, [ast.Constant(number, **position)], [], **position)


class _ProbeStatement(ast.Expr):
    """A statement that consists of a probe."""


def _outside_class_namespace(statement: ast.stmt) -> ast.stmt:
    """Wrap a probe in a lambda, so that its name is not looked up in the class's namespace.

    A metaclass may define a namespace that has a value for every name.
    """
    if isinstance(statement, _ProbeStatement):
        position = _position_of(statement)
        no_arguments = ast.arguments([], [], None, [], [], None, [])
        statement.value = ast.Call(
            ast.Lambda(no_arguments, statement.value, **position), [], [], **position
        )
    return statement


def _position_of(node: ast.expr | ast.stmt) -> dict[str, Any]:
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }


def _lines_run_by(statement: ast.stmt) -> list[int]:
    """Return the lines that run when a statement is reached: decorators and its first line."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return [*(one.lineno for one in decorators), statement.lineno]


def _statements_before_probes(node: ast.AST) -> int:
    """Return the number of statements that must stay first: docstring and future imports."""
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    count = 0 if ast.get_docstring(node, clean=False) is None else 1
    while count < len(node.body) and _is_future_import(node.body[count]):
        count += 1
    return count


def _is_future_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_irrefutable(pattern: ast.pattern) -> bool:
    """Say whether a pattern matches every value, so that no case may follow it (PEP 634)."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _is_irrefutable(inner)
        case ast.MatchOr(patterns=patterns):
            return any(map(_is_irrefutable, patterns))
    return False
