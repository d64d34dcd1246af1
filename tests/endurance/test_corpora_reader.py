"""A corpus that anybody can add to says what is wrong with a line, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from steps.endurance.corpora.placeholders import fill
from steps.endurance.corpora.reader import CorpusError, read_cases
from steps.endurance.corpora.request_cases import RequestCase
from steps.endurance.corpora.settings_cases import SettingsCase
from steps.endurance.corpora.sql_cases import SqlCase
from steps.endurance.corpora.token_cases import TokenCase, make

GOOD = '{"why": "no Host", "send": "GET / HTTP/1.1", "expected": 400}'


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"why": "x", "send": "", "expected": 400, "status": 1}', "'status' is no field"),
        ('{"why": "x", "send": ""}', "'expected' is missing"),
        ('{"send": "", "expected": 400}', "'why' is missing"),
        ('{"why": " ", "send": "", "expected": 400}', "'why' has to be text"),
        ('{"why": "x", "send": "", "expected": 400, "expected": 200}', "'expected' stands there"),
        ('{"why": "x", "send": "", "expected": "400"}', "'expected' has to be a status"),
        ('{"why": "x", "send": "", "expected": []}', "'expected' has to be a status"),
        ('{"why": "x", "send": [], "expected": 400}', "'send' has to be text"),
        ('{"why": "x", "send": "\\u20ac", "expected": 400}', "no byte"),
        ("[]", "no JSON object"),
        ("{", "Expecting property name"),
        ("", "Expecting value"),
        (GOOD, "another line has this 'why'"),
    ],
)
def test_a_wrong_line_is_named_with_its_file(tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(f"{GOOD}\n{line}\n")
    with pytest.raises(CorpusError, match=r"requests\.jsonl, line 2: ") as raised:
        read_cases(RequestCase, file)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        (TokenCase, {"why": "x", "expected": 403}),
        (TokenCase, {"why": "x", "expected": 401, "signed": "my key"}),
        (TokenCase, {"why": "x", "expected": 401, "hash": "crc32"}),
        (SqlCase, {"why": "x", "sql": "SELECT 1", "expected": "nothing"}),
        (SqlCase, {"why": "x", "sql": "", "expected": "no rows"}),
        (SettingsCase, {"why": "x", "environment": {"PORT": 1}, "expected": "starts"}),
        (SettingsCase, {"why": "x", "environment": {}, "expected": "refused"}),
    ],
)
def test_every_kind_of_line_is_checked(tmp_path: Path, kind: Any, case: dict[str, Any]) -> None:
    file = tmp_path / "corpus.jsonl"
    file.write_text(json.dumps(case))
    with pytest.raises(CorpusError, match=r"corpus\.jsonl, line 1: '.*' has to be "):
        read_cases(kind, file)


def test_a_corpus_without_lines_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(CorpusError, match="it has no line"):
        read_cases(RequestCase, tmp_path / "empty.jsonl")


def test_placeholders() -> None:
    assert fill("${a}${b*3}${\r\n*2}", {"a": "1"}) == "1bbb\r\n\r\n"
    with pytest.raises(ValueError, match=r"\$\{c\} is no placeholder; there are a"):
        fill("${c}", {"a": "1"})
    with pytest.raises(ValueError, match="take a lower number"):
        fill("${a*999999999}", {})


def test_a_token_is_made_as_described() -> None:
    users = {"user": "ann", "other": "bob"}
    right = make(TokenCase("right", 200), users, "secret")
    stolen = make(TokenCase("x", 401, token="${h}.${c of other}.${s}"), users, "secret")
    assert [len(part) for part in right.split(".")] == [len(part) for part in stolen.split(".")]
    assert right.split(".")[::2] == stolen.split(".")[::2]
    assert right.split(".")[1] != stolen.split(".")[1]
