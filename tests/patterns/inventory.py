"""Finds every regular expression in the packages, by their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = (
    "server", "steps", "traceability", "bench", "migrations", "features", ".ci", "noxfile.py",
)  # fmt: skip
"""Folders and files whose patterns are listed."""
FUNCTIONS = {
    "compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn",
}  # fmt: skip
"""Functions of `re` whose first argument is a pattern."""


@dataclass(frozen=True)
class Pattern:
    """A place in the code that makes a pattern."""

    module: str
    """Path of the file, below the repository."""
    name: str
    """The name that it is assigned to, otherwise the code of the pattern."""
    function: str
    """Function of `re`; `pattern` for an argument or a key of that name (pydantic, JSON schema)."""

    @property
    def key(self) -> str:
        return f"{self.module} {self.name}"


def patterns_of_project() -> list[Pattern]:
    """Return the patterns of all places, each once."""
    places = [ROOT / name for name in PLACES]
    files = [
        file
        for place in places
        for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    found = (
        one
        for file in files
        for one in patterns_in(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))
    )
    return list(dict.fromkeys(found))


def patterns_in(module: str, text: str) -> Iterator[Pattern]:
    """Yield the patterns in the code `text` of a module."""
    tree = ast.parse(text)
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "re"
        for alias in node.names
    }
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "re"
    }
    names = {
        node.value: node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    taken: set[ast.AST] = set()  # a pattern that is an argument by name is listed once
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = _function(node.func, aliases, imported)
            if function in FUNCTIONS:
                taken.update(node.keywords)
                yield Pattern(module, names.get(node) or _code(_first(node)), function)
        elif isinstance(node, ast.keyword) and node.arg == "pattern" and node not in taken:
            yield Pattern(module, _code(node.value), "pattern")
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "pattern":
                    yield Pattern(module, _code(value), "pattern")


def _function(called: ast.expr, aliases: set[str], imported: dict[str, str]) -> str:
    """Return the function of `re` that is called, or an empty text."""
    match called:
        case ast.Attribute(value=ast.Name(id=name), attr=function) if name in aliases:
            return function
        case ast.Name(id=name):
            return imported.get(name, "")
    return ""


def _first(call: ast.Call) -> ast.expr:
    named = [one.value for one in call.keywords if one.arg == "pattern"]
    return [*call.args, *named][0]


def _code(node: ast.expr) -> str:
    return ast.unparse(node)
