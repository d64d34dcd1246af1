"""The audit finds what it looks for, and says so where nobody answered."""

from __future__ import annotations

import importlib.util
import json
from email.message import Message
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AUDIT = load()


class Installed:
    """A distribution with some metadata."""

    version = "1.0"

    def __init__(self, *fields: tuple[str, str]) -> None:
        self.metadata = Message()
        for name, value in (("Name", "thing"), *fields):
            self.metadata[name] = value


def classifier(name: str) -> tuple[str, str]:
    return "Classifier", f"License :: OSI Approved :: {name}"


@pytest.mark.parametrize(
    "fields",
    [
        [("License-Expression", "MIT")],
        [("License-Expression", "GPL-3.0-only OR (MIT AND Apache-2.0)")],
        [classifier("MIT License")],
        [classifier("Apache Software License"), ("License", "see the file")],
        [("License", "MPL-2.0")],
        [("License", "Apache License, Version 2.0\nand its whole text")],
    ],
)
def test_an_allowed_licence_passes(fields: list[tuple[str, str]]) -> None:
    assert AUDIT.refused_licences([Installed(*fields)]) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("License-Expression", "AGPL-3.0-only")], "AGPL-3.0-only"),
        ([("License-Expression", "MIT AND GPL-3.0-only")], "MIT AND GPL-3.0-only"),
        ([("License-Expression", "GPL-2.0-only"), classifier("MIT License")], "GPL-2.0-only"),
        ([classifier("GNU General Public License v3 (GPLv3)")], "GNU General Public License"),
        ([("License", "Proprietary")], "Proprietary"),
        ([], "none is named"),
        ([("License", "  ")], "none is named"),
    ],
)
def test_another_licence_and_none_at_all_are_named(
    fields: list[tuple[str, str]], said: str
) -> None:
    (sentence,) = AUDIT.refused_licences([Installed(*fields)])
    assert sentence.startswith("thing 1.0: ")
    assert said in sentence


GOOD: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "asked", "status", "sentence"),
    [
        ([GOOD], 1, 0, "1 of 1 locked versions looked up, 0 vulnerabilities known"),
        ([GOOD, BAD], 2, 1, "Vulnerability: b 2: PYSEC-1, fixed in 3"),
        ([UNKNOWN], 1, 2, "not run: 0 of 1 locked versions looked up"),
        ([GOOD, UNKNOWN], 2, 2, "not run for all: 1 of 2 locked versions looked up"),
        ([BAD, UNKNOWN], 2, 1, "Vulnerability: b 2: PYSEC-1"),
        ([GOOD], 2, 2, "not run for all: 1 of 2 locked versions"),
        ([], 1, 2, "not run: 0 of 1 locked versions"),
    ],
)
def test_no_answer_about_a_package_is_no_good_one(
    packages: list[dict[str, Any]], asked: int, status: int, sentence: str
) -> None:
    got, sentences = AUDIT.judge_answer(json.dumps({"dependencies": packages}), "", asked)
    assert got == status
    assert any(sentence in one for one in sentences), sentences


@pytest.mark.parametrize("stdout", ["", "not JSON", "[]", "{}", "null"])
def test_a_service_that_does_not_answer_is_named(stdout: str) -> None:
    error = "ERROR: something\nConnectionError: no route to the service\n"
    assert AUDIT.judge_answer(stdout, error, 7) == (
        2,
        ["Vulnerabilities: not run: ConnectionError: no route to the service"],
    )


def test_every_locked_package_is_asked_about() -> None:
    versions = AUDIT.locked_versions()
    assert len(versions) > 50
    assert any(one.startswith("psycopg==") for one in versions)
    assert not any(one.startswith("spec-traceable-harness") for one in versions)
