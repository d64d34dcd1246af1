"""The constants of Python source: what of a text stands in the source, across its modules."""

from __future__ import annotations

import ast
from collections import ChainMap, Counter
from collections.abc import Mapping
from pathlib import Path

Constants = Mapping[str, str]
"""Texts by the names of one module that are given a constant, and nothing else anywhere."""


def constants_of_modules(trees: Mapping[Path, ast.Module]) -> Mapping[str, Constants]:
    """Return the constants of modules by the last part of their names.

    Of modules that have it in common, a name is a constant unless one of them makes it another.
    """
    found: dict[str, dict[str, str]] = {}
    others: dict[str, set[str]] = {}
    for path, tree in trees.items():
        name = path.parent.name if path.stem == "__init__" else path.stem
        constants = _constants(tree)
        found.setdefault(name, {}).update(constants)
        others.setdefault(name, set()).update(_stored(tree).keys() - constants.keys())
    return {
        module: {name: text for name, text in texts.items() if name not in others[module]}
        for module, texts in found.items()
    }


def constants_of(tree: ast.Module, modules: Mapping[str, Constants]) -> Constants:
    """Return the constants that a module has, those that it imports as well."""
    return {**_imported(tree, modules), **_constants(tree)}


def _imported(tree: ast.Module, modules: Mapping[str, Constants]) -> Constants:
    """Return the constants that a module imports: as `NAME`, or as `module.NAME`."""
    stored, found = _stored(tree), dict[str, str]()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        module = (getattr(node, "module", None) or "").rpartition(".")[2]
        for one in node.names:
            name = one.asname or one.name
            if stored[name]:
                continue
            if isinstance(node, ast.ImportFrom) and one.name in modules.get(module, {}):
                found[name] = modules[module][one.name]
            constants = modules.get(one.name.rpartition(".")[2], {})
            found |= {f"{name}.{constant}": text for constant, text in constants.items()}
    return found


def _constants(tree: ast.Module) -> Constants:
    """Return the constants of a module, and those of its classes as `self.NAME`."""
    stored = _stored(tree)
    found = _constants_in(tree.body, stored, {})
    for one in tree.body:
        if isinstance(one, ast.ClassDef):
            inner = _constants_in(one.body, stored, found)
            for owner in ("self", "cls", one.name):
                found |= {f"{owner}.{name}": text for name, text in inner.items()}
    return found


def _constants_in(body: list[ast.stmt], stored: Counter[str], known: Constants) -> dict[str, str]:
    found: dict[str, str] = {}
    both = ChainMap(found, dict(known))
    for statement in body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        for name in map(name_of, targets):
            if stored[name] == 1 and value is not None and is_constant(value, both):
                found[name] = template_of(value, both)
    return found


def _stored(tree: ast.Module) -> Counter[str]:
    """Return how often each name is given a value: as a parameter or an attribute, too."""
    stored = Counter[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            stored[node.arg] += 1
        elif isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            stored[name_of(node)] += 1
    return stored


def text_of_call(node: ast.AST, *methods: str) -> ast.expr | None:
    """Return the text of which one of the methods is called, such as `format`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value if node.func.attr in methods else None
    return None


def is_constant(node: ast.AST, constants: Mapping[str, str]) -> bool:
    """Whether all that a text is made of stands in the source."""
    if isinstance(node, ast.Name | ast.Attribute):
        return _dotted(node) in constants
    if isinstance(node, ast.Constant):
        return True
    inner: list[ast.expr] = []
    if isinstance(node, ast.FormattedValue):
        inner = [node.value]
    elif isinstance(node, ast.JoinedStr):
        inner = node.values
    elif isinstance(node, ast.Tuple | ast.List):
        inner = node.elts
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Call) and (text := text_of_call(node, "format", "join")):
        inner = [text, *node.args, *(one.value for one in node.keywords)]
    return bool(inner) and all(is_constant(one, constants) for one in inner)


def template_of(node: ast.AST, constants: Mapping[str, str]) -> str:
    """Return the text that an expression makes, with `x` for what is not known of it."""
    if isinstance(node, ast.Name | ast.Attribute):
        return constants.get(_dotted(node), "x")
    if isinstance(node, ast.FormattedValue):
        return template_of(node.value, constants)
    if isinstance(node, ast.JoinedStr):
        return "".join(template_of(part, constants) for part in node.values)
    if isinstance(node, ast.BinOp):
        right = "" if isinstance(node.op, ast.Mod) else template_of(node.right, constants)
        return template_of(node.left, constants) + right
    if text := text_of_call(node, "format"):
        return template_of(text, constants)
    return text_of(node) or "x"


def _dotted(node: ast.expr) -> str:
    """Return a name with its attributes, `module.NAME`; empty for attributes of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def name_of(node: ast.expr) -> str:
    """Return a name, or that of an attribute; of another expression, nothing."""
    return getattr(node, "id", getattr(node, "attr", ""))


def text_of(node: ast.AST | None) -> str:
    """Return a text that stands in the source; of another expression, nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
