"""The search of a server's Python source for secrets, connection strings and assembled SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from steps.target.capabilities import cannot

SECRET_NAMES = re.compile("secret|password|private_?key|signing_?key", re.IGNORECASE)
CONNECTION = re.compile(r"(postgres(ql)?|mysql|sqlite)(\+\w+)?://\S+", re.IGNORECASE)
# The first `select` or `update` is kept (atomic): a later one finds no `from` that it does not.
SQL = re.compile(
    r"\A(?>.*?\bselect\s).+\sfrom\b|\A(?>.*?\bupdate\s).+\sset\b|\b(insert\s+into|delete\s+from)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Matches:
    """What a search of the source found."""

    files: int
    """How many files were searched."""
    places: list[str]
    """`path:line` of each match."""


def search(files: Iterable[Path], find: Callable[[ast.AST], Iterable[ast.AST]]) -> Matches:
    """Search Python files; `find` yields the nodes of a module's syntax tree that match.

    Ends the scenario as not run when a file cannot be parsed.
    """
    count, places = 0, []
    for path in files:
        count += 1
        try:
            nodes = find(ast.parse(path.read_bytes()))
        except SyntaxError:
            cannot("source")  # it is written for a newer Python, or is no Python at all
        places += [f"{path}:{getattr(node, 'lineno', 1)}" for node in nodes]
    return Matches(count, places)


def secrets_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Find literals of 8 characters and more that are given to a name such as `jwt_secret`."""
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_name(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(_name(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [(_text(key), value) for key, value in zip(node.keys, node.values, strict=True)]
        yield from (
            value
            for name, value in pairs
            if value and SECRET_NAMES.search(name) and re.fullmatch(r"\S{8,}", _text(value))
        )


def connection_strings_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Find texts that are a connection string as a whole, except docstrings."""
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        if node not in documentation and CONNECTION.fullmatch(_text(node)):
            yield node


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    """Return expressions that are statements of their own, such as docstrings: none is used."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def assembled_sql_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Find f-strings, `%`, `+` and `.format` that assemble SQL."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.JoinedStr):
            literal = "x".join(_text(part) for part in node.values)
            parts = [ast.Constant(literal) if SQL.search(literal) else node]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.value]
        elif isinstance(node, ast.Call) and _name(node.func) in {"text", "execute"}:
            # A statement must be given as a constant, even where its text does not look like SQL.
            built = (ast.JoinedStr, ast.BinOp)
            if node.args and isinstance(node.args[0], built):
                yield node
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.left, node.right]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "format"
        ):
            parts = [node.func.value]
        if any(SQL.search(_text(part)) for part in parts):
            yield node


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
