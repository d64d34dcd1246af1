"""The search of a server's Python source for secrets, connection strings and assembled SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from steps.scenario.source_constants import (
    Constants,
    constants_of,
    constants_of_modules,
    is_constant,
    name_of,
    template_of,
    text_of,
    text_of_call,
)
from steps.target.capabilities import cannot

SECRET_NAMES = re.compile("secret|password|private_?key|signing_?key", re.IGNORECASE)
NAMES_OF_SOMETHING = re.compile(
    "(?:env|variable|var|name|field|header|column|path|url|claim|label|message)s?", re.IGNORECASE
)
"""Last word of a name that is given the name of a secret or of a place, and no secret."""
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)++")
"""How variables of an environment are called."""
CONNECTION = re.compile(r"(postgres(ql)?|mysql|sqlite)(\+\w+)?://\S+", re.IGNORECASE)
SQL = re.compile(
    r"[\s(]*+(?:select\s.*?\sfrom\b|update\s.*?\sset\b|insert\s++into\b|delete\s++from\b"
    r"|with\s++(?:recursive\s++)?\w++\s++as\b)",
    re.IGNORECASE | re.DOTALL,
)
"""The beginning of a statement: a sentence that has its words later is none."""
NO_MODULES: Mapping[str, Constants] = {}
LOGGING = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"}


@dataclass(frozen=True)
class Matches:
    """What a search of the source found."""

    files: int
    """How many files were searched."""
    places: list[str]
    """`path:line` of each match."""
    sentence: str
    """What is wrong about a match."""


Find = Callable[[ast.Module, Mapping[str, Constants]], Iterable[ast.AST]]
"""Yields the nodes of a module's syntax tree that match, given the constants of all modules."""


def search(folder: Path, files: Iterable[Path], find: Find, sentence: str) -> Matches:
    """Search Python files.

    Their paths are given as they are below `folder`, where they are.
    Ends the scenario as not run when a file cannot be parsed.
    """
    places = []
    try:
        trees = {path: ast.parse(path.read_bytes()) for path in files}
        modules = constants_of_modules(trees)
        for path, tree in trees.items():
            shown = path.relative_to(folder) if folder in path.parents else path.name
            nodes = find(tree, modules)
            places += [f"{shown}:{getattr(node, 'lineno', 1)}" for node in nodes]
    except (SyntaxError, RecursionError):
        cannot("source")  # for a newer Python, no Python at all, or nested without end
    return Matches(len(trees), places, sentence)


def secrets_in(tree: ast.AST, _: Mapping[str, Constants] = NO_MODULES) -> Iterator[ast.AST]:
    """Find literals of 8 characters and more that are given to a name such as `jwt_secret`."""
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(name_of(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(name_of(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [
                (text_of(key), value) for key, value in zip(node.keys, node.values, strict=True)
            ]
        yield from (
            value
            for name, value in pairs
            if value and _names_secret(name) and _may_be_secret(text_of(value))
        )


def _names_secret(name: str) -> bool:
    last = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).rpartition("_")[2]
    return bool(SECRET_NAMES.search(name)) and not NAMES_OF_SOMETHING.fullmatch(last)


def _may_be_secret(text: str) -> bool:
    return bool(re.fullmatch(r"\S{8,}", text)) and not VARIABLE.fullmatch(text)


def connection_strings_in(
    tree: ast.AST, _: Mapping[str, Constants] = NO_MODULES
) -> Iterator[ast.AST]:
    """Find texts that are a connection string as a whole, except docstrings."""
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        if node not in documentation and CONNECTION.fullmatch(text_of(node)):
            yield node


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    """Return expressions that are statements of their own, such as docstrings: none is used."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def assembled_sql_in(
    tree: ast.Module, modules: Mapping[str, Constants] = NO_MODULES
) -> Iterator[ast.AST]:
    """Find f-strings, `%`, `+` and `.format` that assemble SQL of more than constants.

    What is logged or said in an exception is no statement.
    """
    constants = constants_of(tree, modules)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if _is_log_call(node) or (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
            continue
        if _assembles(node, constants):
            yield node
        else:
            waiting += ast.iter_child_nodes(node)


def _assembles(node: ast.AST, constants: Mapping[str, str]) -> bool:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Mod):
        return bool(SQL.match(template_of(node.value, constants)))
    if isinstance(node, ast.Call) and name_of(node.func) in {"text", "execute"} and node.args:
        # A statement must be given as a constant, even where its text does not look like SQL.
        return _is_built(node.args[0]) and not is_constant(node.args[0], constants)
    built = _is_built(node) and not is_constant(node, constants)
    return built and bool(SQL.match(template_of(node, constants)))


def _is_log_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and name_of(node.func).lower() in LOGGING


def _is_built(node: ast.AST) -> bool:
    """Whether it puts a text together."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.JoinedStr) or text_of_call(node, "format") is not None
