"""Tests of reading source files: definitions, their lines and their claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from traceability.model import Definition, SourceFile
from traceability.project.source import (
    import_time_symbols,
    read_sources,
    statement_first_lines,
)

CODE = '''\
"""Docstring."""
# Implements: FR-001
import os

TEXT = """
# Implements: FR-099
"""


# Implements: FR-002
# and more
@property
@staticmethod
def one(
    a=os.name,
):
    """Docstring."""
    # Implements: FR-003, US1-AS1
    x = (
        a
    )

    # Implements: FR-004
    def two():
        return x  # Implements: FR-098
    return two


class Three:
    # Implements: FR-005
    field = 1

    class Four:
        async def five(self):
            pass

    def short(self): return 1

if TEXT:
    def six():  # pragma: no cover
        return 1


def outer():
    # Implements: FR-006
    def inner():
        return 1
    return inner
'''


def read_one(folder: Path, name: str, text: str, *, measured: bool = True) -> SourceFile:
    (folder / name).write_text(text, encoding="utf-8")
    files, findings = read_sources([name], folder, measured=measured)
    assert findings == ()
    return files[0]


def definitions_by_symbol(file: SourceFile) -> dict[str, Definition]:
    return {one.symbol: one for one in file.definitions}


def claims_by_symbol(file: SourceFile) -> dict[str, list[str]]:
    return {
        one.symbol: [claim.requirement for claim in one.claims]
        for one in file.definitions
        if one.claims
    }


def test_definitions_of_python(tmp_path: Path) -> None:
    file = read_one(tmp_path, "a.py", CODE)
    found = definitions_by_symbol(file)
    assert list(found) == [
        "<module>",
        "one",
        "one.two",
        "Three",
        "Three.Four",
        "Three.Four.five",
        "Three.short",
        "six",
        "outer",
        "outer.inner",
    ]
    assert (found["one"].first_line, found["one"].last_line) == (12, 26)
    assert found["one"].body == {19, 24, 26}
    assert found["one.two"].body == {25}
    assert found["Three"].body == {31, 33, 37}
    assert found["Three.Four"].body == {34}
    assert found["Three.short"].body == frozenset()
    assert found["six"].body == frozenset()
    assert file.executable == frozenset().union(*(one.body for one in file.definitions))
    assert {12, 13, 14} <= found["<module>"].body
    assert import_time_symbols(file) == {"<module>", "Three", "Three.Four"}


def test_claims_of_python(tmp_path: Path) -> None:
    assert claims_by_symbol(read_one(tmp_path, "a.py", CODE)) == {
        "<module>": ["FR-001"],
        "one": ["FR-002", "FR-003", "US1-AS1"],
        "one.two": ["FR-004"],
        "Three": ["FR-005"],
        "outer": ["FR-006"],
    }


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ('x = """\n# Implements: FR-001\n"""\n', []),
        ('x = f"""{1}\n# Implements: FR-001\n{2}"""\n', []),
        ('x = "\\\n# Implements: FR-001"\n', []),
        ('@f("""\n# Implements: FR-001\n""")\ndef g(): ...\n', []),
        ('x = [\n    "a"\n    # Implements: FR-001\n    "b"\n]\n', ["FR-001"]),
        ('x = [\n    # Implements: FR-001\n    """\n# Implements: FR-002\n"""]\n', ["FR-001"]),
        ("x = 1\r\n# Implements: FR-001\r\n", ["FR-001"]),
    ],
)
def test_claim_within_a_string_does_not_count(
    tmp_path: Path, text: str, claimed: list[str]
) -> None:
    (tmp_path / "a.py").write_text(text, newline="")
    files, findings = read_sources(["a.py"], tmp_path)
    assert findings == ()
    assert [one for own in claims_by_symbol(files[0]).values() for one in own] == claimed


def test_first_line_of_a_statement_over_several_lines(tmp_path: Path) -> None:
    file = read_one(tmp_path, "a.py", CODE)
    lines = statement_first_lines(file)
    assert lines[20] == lines[21] == 19
    assert 19 not in lines


def test_unmeasured_python_has_claims_and_no_lines(tmp_path: Path) -> None:
    file = read_one(tmp_path, "a.py", CODE, measured=False)
    assert file.executable == frozenset()
    assert claims_by_symbol(file)["one"] == ["FR-002", "FR-003", "US1-AS1"]


SQL = """\
-- Implements: FR-001
-- in words

CREATE TABLE a (
    b text DEFAULT '; -- Implements: FR-099' -- Implements: FR-002
);
/* Implements: FR-003
   /* nested ; */ ; */
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
    -- Implements: FR-004
    RETURN 1; -- $$
END
$body$;;
INSERT INTO "odd;name" VALUES (E'\\';', 'it''s;')
"""


def test_statements_of_sql(tmp_path: Path) -> None:
    file = read_one(tmp_path, "a.sql", SQL)
    found = [(one.symbol, one.first_line, one.last_line) for one in file.definitions]
    assert found == [
        ("CREATE TABLE a", 4, 6),
        ("CREATE FUNCTION f", 9, 14),
        ('INSERT INTO "odd;name" VALUES', 15, 15),
    ]
    assert claims_by_symbol(file) == {
        "CREATE TABLE a": ["FR-001", "FR-002"],
        "CREATE FUNCTION f": ["FR-003", "FR-004"],
    }
    assert file.executable == frozenset()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("SELECT 1 /* x /* ; */ it's ; */;\nSELECT 2;\n", [(1, 1), (2, 2)]),
        ("SELECT '\\';\nSELECT E'\\';';\nSELECT U&'\\0041;';\n", [(1, 1), (2, 2), (3, 3)]),
        ("SELECT a$b$c;\nSELECT x$b$y;\n", [(1, 1), (2, 2)]),
        ("SELECT $1;\nSELECT $2;\n", [(1, 1), (2, 2)]),
        ("DO $ü$ BEGIN a; END $ü$;\nSELECT 2;\n", [(1, 1), (2, 2)]),
        ("CREATE RULE r AS ON INSERT TO a DO (\nDELETE FROM b;\nDELETE FROM c\n);\n", [(1, 4)]),
        (
            "CREATE FUNCTION f(begin int)\nBEGIN ATOMIC SELECT CASE 1 WHEN 2 THEN 3 END;\nEND;\n;",
            [(1, 3)],
        ),
        (
            "create or replace procedure p() begin atomic select 1; end;\nSELECT 2;",
            [(1, 1), (2, 2)],
        ),
        ("CREATE FUNCTION f() RETURN CASE WHEN a THEN 1 END;\nSELECT 2;\n", [(1, 1), (2, 2)]),
        ("BEGIN;\nSELECT CASE WHEN a THEN 1 END;\nEND;\n", [(1, 1), (2, 2), (3, 3)]),
        ("CREATE TABLE a (begin int);\nSELECT begin FROM a;\nSELECT 1;", [(1, 1), (2, 2), (3, 3)]),
    ],
)
def test_a_statement_of_sql_ends_where_postgresql_ends_it(
    tmp_path: Path, text: str, lines: list[tuple[int, int]]
) -> None:
    file = read_one(tmp_path, "a.sql", text)
    assert [(one.first_line, one.last_line) for one in file.definitions] == lines


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", "# Implements: FR-13x\n", ("malformed-claim", 1)),
        ("a.py", "x = 1\n# Implements:\n", ("malformed-claim", 2)),
        ("a.py", "# implements: FR-001 SR-002\n", ("malformed-claim", 1)),
        ("a.py", "# Implements: FR-001,\n", ("malformed-claim", 1)),
        ("a.py", "# Implements: FR-001.\n", ("malformed-claim", 1)),
        ("a.sql", "SELECT 1;\n-- Implements: FR-001\n", ("malformed-claim", 2)),
        ("a.sql", "-- Implements: FR1\nSELECT 1;\n", ("malformed-claim", 1)),
        ("a.py", "x = 1\ndef f(:\n", ("unreadable-source", 2)),
        ("a.py", "x = '\n", ("unreadable-source", 1)),
        ("a.py", "x = 1\nreturn x\n", ("unreadable-source", 2)),
    ],
)
def test_defects(
    tmp_path: Path, name: str, text: str, expected: tuple[str, int], measured: bool
) -> None:
    (tmp_path / name).write_text(text)
    _, findings = read_sources([name], tmp_path, measured=measured)
    assert [(one.kind, one.line) for one in findings] == [expected]


def test_empty_folder_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _, findings = read_sources(["empty"], tmp_path)
    assert [(one.kind, one.path) for one in findings] == [("empty-source", "empty")]
