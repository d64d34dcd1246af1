"""Every pattern is listed with its worst inputs, and none takes more than linear time for them.

A listed pattern is tried on its own worst inputs, of 100 KB, and on common hostile ones.
"""

from __future__ import annotations

import ast
import importlib
import re
import runpy

import pytest

from tests.patterns.cpu_limit import TooLongError, cpu_limit
from tests.patterns.inventory import ROOT, Pattern, patterns_in, patterns_of_project
from tests.patterns.worst_cases import MADE_OF_INPUT, WORST

PATTERNS = {one.key: one for one in patterns_of_project()}
COMMON = [
    " ", "\t", "\n", "a", "A", "1", "1.", "-", "- ", "a-", "_", "a_", " _a", "*", "**a", " *a", "`",
    "``a", "#", " #", "|", "(", "{", "{a", "/", "/a", "/.", "%25", "%aa", "%(", "'", "''", '"',
    '",', "\\", "$a", "a.", "a=", "a,", "a, ", ":", " :", "eyJ", "\0", "é",
]  # fmt: skip
"""What is repeated in the inputs that all patterns are tried on."""
COMMON_SIZE = 50_000


def compiled(pattern: Pattern) -> re.Pattern[str] | re.Pattern[bytes]:
    """Return the pattern itself, or the same made anew where it has no name in its module."""
    if pattern.name.isidentifier():
        if pattern.module.startswith("."):  # a folder that is no package
            value = runpy.run_path(str(ROOT / pattern.module))[pattern.name]
        else:
            module = importlib.import_module(pattern.module.removesuffix(".py").replace("/", "."))
            value = getattr(module, pattern.name)
        return re.compile(value) if isinstance(value, str) else value
    tree = ast.parse(pattern.name, mode="eval").body
    text = (
        "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in tree.values)
        if isinstance(tree, ast.JoinedStr)
        else ast.literal_eval(tree)
    )
    return re.compile(text, re.MULTILINE if text.startswith("^tps") else re.NOFLAG)


def use(pattern: re.Pattern[str] | re.Pattern[bytes], how: str, text: str) -> None:
    if isinstance(pattern.pattern, bytes):
        given, pattern = text.encode(), re.compile(pattern.pattern, pattern.flags)
        list(pattern.finditer(given)) if how == "search" else getattr(pattern, how)(given)
    elif how == "search":
        list(pattern.finditer(text))
    else:
        getattr(pattern, how)(text)


def test_every_pattern_is_listed_with_its_worst_inputs() -> None:
    listed = WORST.keys() | MADE_OF_INPUT.keys()
    missing = sorted(PATTERNS.keys() - listed)
    assert not missing, f"give these patterns their worst inputs in worst_cases.py: {missing}"
    gone = sorted(listed - PATTERNS.keys())
    assert not gone, f"worst_cases.py lists patterns that are not there: {gone}"


@pytest.mark.parametrize("key", WORST)
def test_worst_input_takes_linear_time(key: str) -> None:
    pattern, worst = compiled(PATTERNS[key]), WORST[key]
    for text in worst.texts():
        with cpu_limit():
            use(pattern, worst.use, text)


@pytest.mark.parametrize("key", WORST)
def test_common_hostile_input_takes_linear_time(key: str) -> None:
    pattern = compiled(PATTERNS[key])
    for repeated in COMMON:
        for behind in ("!", "\n"):
            text = repeated * (COMMON_SIZE // len(repeated)) + behind
            try:
                with cpu_limit(1.5):
                    use(pattern, WORST[key].use, text)
            except TooLongError:
                pytest.fail(f"more than linear for {repeated!r} again and again, then {behind!r}")


@pytest.mark.parametrize(
    ("pattern", "repeated"),
    [
        (r"[\w-]{10,}\.[\w-]{10,}\.[\w-]*", "a"),
        (r"# \s*(.*?)\s*$", "# a" + " " * 49_000),
        (r"(`+)(?:(?!\1).)+\1", "`"),
        (r"%\((.*?)\)", "%("),
        (r"\s*$", " "),
    ],
)
def test_the_limit_ends_a_pattern_that_is_not_linear(pattern: str, repeated: str) -> None:
    text = repeated * (100_000 // len(repeated)) + "x"
    with pytest.raises(TooLongError), cpu_limit(0.5):
        use(re.compile(pattern), "search", text)


@pytest.mark.parametrize(
    ("code", "key", "function"),
    [
        ("import re\nA = re.compile('a')", "A", "compile"),
        ("import re as r\ndef f():\n    a = r.compile('a')", "'a'", "compile"),
        ("from re import sub as s\ns('a+', '', x)", "'a+'", "sub"),
        ("import re\nclass A:\n    b = [re.fullmatch(pattern='b', string=x)]", "'b'", "fullmatch"),
        ("x = Field(pattern=r'^a')", "'^a'", "pattern"),
        ("x = {'type': 'string', 'pattern': A}", "A", "pattern"),
    ],
)
def test_inventory_finds_each_way_to_write_a_pattern(code: str, key: str, function: str) -> None:
    assert list(patterns_in("m.py", code)) == [Pattern("m.py", key, function)]
