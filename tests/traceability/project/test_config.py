"""Tests of reading `[tool.traceability]`: errors are one sentence that names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traceability.shops import Project
from traceability.project.config import ConfigError, load_config


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_all_keys(shop: Project) -> None:
    shop.append("pyproject.toml", 'output = "out"\ncounts = { FR = 2, AS = 1 }\n')
    config = load_config(shop.folder)
    assert config.root == shop.folder
    assert (config.spec, config.features, config.sources) == ("spec.md", "features", ("app",))
    assert (config.schema, config.title) == (("schema",), "A | shop <&>")
    assert (config.without_code, config.other_tags) == (("OS", "C"), ("needs-till",))
    assert (config.minimum_traced, config.output) == (40.0, "out")
    assert config.counts == {"FR": 2, "AS": 1}


def test_defaults(shop: Project) -> None:
    shop.write("pyproject.toml", '[tool.traceability]\nspec="spec.md"\nfeatures="features"\n')
    config = load_config(shop.folder)
    assert (config.sources, config.minimum_traced) == ((), 0.0)
    assert config.output == "build/traceability"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec = 7", "spec must be a text, not 7"),
        ("spec = ' '", "spec must be a text"),
        ("spec = 'gone.md'", "spec: there is no file gone.md"),
        ("spec = '/etc/passwd'", "spec must be a path below the project's root"),
        ("spec = '../spec.md'", "spec must be a path below the project's root"),
        ("features = 'spec.md'", "features: there is no folder spec.md"),
        ("sources = 'app'", "sources must be a list of texts, not 'app'"),
        ("sources = ['app', 3]", "sources must be a text, not 3"),
        ("sources = ['gone']", "sources: there is no gone"),
        ("schema = ['gone']", "schema: there is no gone"),
        ("minimum_traced = 101", "minimum_traced must be a number from 0 to 100, not 101"),
        ("minimum_traced = true", "minimum_traced must be a number from 0 to 100"),
        ("counts = 3", "counts must be a table of kind = number, not 3"),
        ("counts = { XY = 3 }", "counts must be a table whose keys are of FR, SR"),
        ("counts = { FR = 'a' }", "counts must be a table of kind = number, not FR = 'a'"),
        ("soruces = ['app']", "has no key 'soruces'; it knows spec, features, sources"),
    ],
)
def test_wrong_value(shop: Project, text: str, expected: str) -> None:
    values = {"spec": '"spec.md"', "features": '"features"'}
    key, _, value = text.partition(" = ")
    lines = [f"{name} = {value}" for name, value in (values | {key: value}).items()]
    shop.write("pyproject.toml", "\n".join(["[tool.traceability]", *lines, ""]))
    with pytest.raises(ConfigError) as raised:
        load_config(shop.folder)
    message = str(raised.value)
    assert message.startswith(f"{shop.folder}/pyproject.toml: ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "has no table [tool.traceability]"),
        ("[tool]\ntraceability = 3\n", "has no table [tool.traceability]"),
        ("tool = 3\n", "has no table [tool.traceability]"),
        ("[tool.traceability]\n", "needs the key 'spec'"),
        ("[tool.traceability", "is not valid TOML"),
    ],
)
def test_wrong_file(shop: Project, text: str, expected: str) -> None:
    shop.write("pyproject.toml", text)
    with pytest.raises(ConfigError) as raised:
        load_config(shop.folder)
    assert expected in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"cl"', "clarifications must be capital letters such as CL, not 'cl'"),
        ('"CL-"', "clarifications must be capital letters such as CL, not 'CL-'"),
        ('"FR"', "clarifications must be other letters than FR, which is a kind of its own"),
        ("7", "clarifications must be a text, not 7"),
    ],
)
def test_letters_of_clarifications_that_are_none(shop: Project, value: str, expected: str) -> None:
    shop.append("pyproject.toml", f"clarifications = {value}\n")
    with pytest.raises(ConfigError, match=expected):
        load_config(shop.folder)
