"""The texts that stand in a server's source, the most suspicious first.

A back door is a text: an ending that is accepted for a signature, a token for tests, a second
secret. Source of any language is read, and never more of it than a fixed amount.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset(
    (".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".rs", ".rb", ".php", ".java", ".kt", ".cs", ".ex")
)
FOREIGN_FOLDERS = frozenset({"node_modules", "__pycache__", "vendor", "target", "dist", "build"})
MAXIMUM_FILES = 2000
MAXIMUM_BYTES = 1024 * 1024
"""Of a file; a larger one was hardly written by hand."""
MAXIMUM_TEXTS = 600
SHORTEST, LONGEST = 3, 200
TEXT = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.){3,200}+)\1""")
SUSPICIOUS = re.compile(
    "test|mock|fake|dummy|dev|debug|demo|secret|token|sign|key|bypass|admin|magic|master|skip|door",
    re.IGNORECASE,
)
LIKE_A_SECRET = re.compile(r"[A-Za-z0-9+/=_.-]{16,}")
ABOUT_TOKENS = re.compile("jwt|token|bearer|authoriz", re.IGNORECASE)
COMPARING = {"endswith", "startswith", "compare_digest", "removesuffix", "removeprefix"}


@dataclass(frozen=True)
class Literal:
    """A text of the source."""

    text: str
    place: str
    """`path:line`, the path as the target file has it."""


def literals(folder: Path, sources: Iterable[str]) -> tuple[int, list[Literal]]:
    """Return how many files were read, and their texts without blanks, `MAXIMUM_TEXTS` at most.

    `sources` are files and folders below `folder`. Texts that are compared, or whose words or file
    have to do with tokens, come first.
    """
    found: dict[str, tuple[int, Literal]] = {}
    files = 0
    for path in _files(folder / name for name in sources):
        files += 1
        content = path.read_bytes()[:MAXIMUM_BYTES].decode("utf-8", "replace")
        near = 2 if ABOUT_TOKENS.search(content) else 0
        for text, line, compared in _texts(path, content):
            if not SHORTEST <= len(text) <= LONGEST or not text.isprintable() or " " in text:
                continue
            suspicious = SUSPICIOUS.search(text) or LIKE_A_SECRET.fullmatch(text)
            score = near + (2 if compared else 0) + (1 if suspicious else 0)
            place = f"{path.relative_to(folder) if folder in path.parents else path.name}:{line}"
            if text not in found or found[text][0] < score:
                found[text] = score, Literal(text, place)
    ordered = sorted(found.values(), key=lambda one: -one[0])
    return files, [literal for _, literal in ordered[:MAXIMUM_TEXTS]]


def _files(places: Iterable[Path]) -> Iterator[Path]:
    waiting, count = list(places), 0
    while waiting and count < MAXIMUM_FILES:
        path = waiting.pop(0)
        if path.is_file() and path.suffix in SUFFIXES:
            count += 1
            yield path
        elif path.is_dir() and not path.is_symlink() and not (path / "pyvenv.cfg").exists():
            inner = sorted(path.iterdir())
            waiting += [one for one in inner if not _foreign(one.name)]


def _foreign(name: str) -> bool:
    return name.startswith(".") or name in FOREIGN_FOLDERS


def _texts(path: Path, content: str) -> Iterator[tuple[str, int, bool]]:
    """Yield each text with its line, and whether it is compared with something."""
    if path.suffix == ".py":
        try:
            yield from _python_texts(ast.parse(content))
        except (SyntaxError, ValueError, RecursionError):
            pass  # for a newer Python, perhaps: its texts are found all the same
        else:
            return
    for number, line in enumerate(content.splitlines(), start=1):
        compared = "==" in line or "With(" in line or "with(" in line
        for one in TEXT.finditer(line[:10_000]):
            yield one[2], number, compared


def _python_texts(tree: ast.AST) -> Iterator[tuple[str, int, bool]]:
    documentation = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    compared: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            compared |= {*ast.walk(node)}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in COMPARING:
            compared |= {inner for argument in node.args for inner in ast.walk(argument)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in documentation:
            value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(value, str):
                yield value, node.lineno, node in compared
