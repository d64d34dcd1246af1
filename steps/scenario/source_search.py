"""The search of a server's Python source for secrets, connection strings and assembled SQL."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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


def search(
    folder: Path,
    files: Iterable[Path],
    find: Callable[[ast.Module], Iterable[ast.AST]],
    sentence: str,
) -> Matches:
    """Search Python files; `find` yields the nodes of a module's syntax tree that match.

    Their paths are given as they are below `folder`, where they are.
    Ends the scenario as not run when a file cannot be parsed.
    """
    count, places = 0, []
    for path in files:
        count += 1
        try:
            nodes = list(find(ast.parse(path.read_bytes())))
        except (SyntaxError, RecursionError):
            cannot("source")  # for a newer Python, no Python at all, or nested without end
        shown = path.relative_to(folder) if folder in path.parents else path.name
        places += [f"{shown}:{getattr(node, 'lineno', 1)}" for node in nodes]
    return Matches(count, places, sentence)


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
            if value and _names_secret(name) and _may_be_secret(_text(value))
        )


def _names_secret(name: str) -> bool:
    last = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).rpartition("_")[2]
    return bool(SECRET_NAMES.search(name)) and not NAMES_OF_SOMETHING.fullmatch(last)


def _may_be_secret(text: str) -> bool:
    return bool(re.fullmatch(r"\S{8,}", text)) and not VARIABLE.fullmatch(text)


def connection_strings_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Find texts that are a connection string as a whole, except docstrings."""
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        if node not in documentation and CONNECTION.fullmatch(_text(node)):
            yield node


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    """Return expressions that are statements of their own, such as docstrings: none is used."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def assembled_sql_in(tree: ast.Module) -> Iterator[ast.AST]:
    """Find f-strings, `%`, `+` and `.format` that assemble SQL of more than constants.

    What is logged or said in an exception is no statement.
    """
    constants = _constants(tree)
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
        return bool(SQL.match(_template(node.value, constants)))
    if isinstance(node, ast.Call) and _name(node.func) in {"text", "execute"} and node.args:
        # A statement must be given as a constant, even where its text does not look like SQL.
        return _is_built(node.args[0]) and not _is_constant(node.args[0], constants)
    built = _is_built(node) and not _is_constant(node, constants)
    return built and bool(SQL.match(_template(node, constants)))


def _is_log_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func).lower() in LOGGING


def _constants(tree: ast.Module) -> Mapping[str, str]:
    """Return the texts of the names that a module gives a constant, and nothing else anywhere."""
    stored = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_stored(node)
    )
    stored.update(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    found: dict[str, str] = {}
    for statement in tree.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        for name in map(_name, targets):
            if stored[name] == 1 and value is not None and _is_constant(value, found):
                found[name] = _template(value, found)
    return found


def _is_stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_built(node: ast.AST) -> bool:
    """Whether it puts a text together."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.JoinedStr) or _format_of(node) is not None


def _format_of(node: ast.AST) -> ast.expr | None:
    """Return the text whose `.format` is called."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value if node.func.attr == "format" else None
    return None


def _is_constant(node: ast.AST, constants: Mapping[str, str]) -> bool:
    """Whether all that a text is made of stands in the source."""
    if isinstance(node, ast.Name):
        return node.id in constants
    if isinstance(node, ast.Constant):
        return True
    inner: list[ast.expr] = []
    if isinstance(node, ast.FormattedValue):
        inner = [node.value]
    elif isinstance(node, ast.JoinedStr):
        inner = node.values
    elif isinstance(node, ast.Tuple):
        inner = node.elts
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Call) and (text := _format_of(node)):
        inner = [text, *node.args, *(one.value for one in node.keywords)]
    return bool(inner) and all(_is_constant(one, constants) for one in inner)


def _template(node: ast.AST, constants: Mapping[str, str]) -> str:
    """Return the text that an expression makes, with `x` for what is not known of it."""
    if isinstance(node, ast.Name):
        return constants.get(node.id, "x")
    if isinstance(node, ast.FormattedValue):
        return _template(node.value, constants)
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part, constants) for part in node.values)
    if isinstance(node, ast.BinOp):
        right = "" if isinstance(node.op, ast.Mod) else _template(node.right, constants)
        return _template(node.left, constants) + right
    if text := _format_of(node):
        return _template(text, constants)
    return _text(node) or "x"


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
