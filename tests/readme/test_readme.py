"""README and code agree: settings, sessions, files and verdicts."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic_core import PydanticUndefined

from server.settings import Settings
from traceability.model import Verdict

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
NO_DEFAULT = "none"


def section(heading: str) -> str:
    """Return the text below a heading of the second level."""
    _, found, rest = README.partition(f"\n## {heading}\n")
    assert found, f"README.md has no section {heading!r}"
    return rest.partition("\n## ")[0]


def table(text: str, first: str) -> list[list[str]]:
    """Return the rows of the table whose first column is named `first`, one list of cells each."""
    lines = iter(text.splitlines())
    assert any(line.startswith(f"| {first} |") for line in lines), f"no table begins with {first!r}"
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[1:]  # the first row is the rule below the head


def sessions() -> dict[str, str]:
    """Return the nox sessions, by name, with what each calls, as the source has it."""
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    return {
        node.name: ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(
            ast.unparse(decorator).startswith("nox.session") for decorator in node.decorator_list
        )
    }


SETTINGS = {row[0].strip("`"): row for row in table(section("Settings of the server"), "variable")}


class TestSettings:
    def test_every_setting_stands_in_the_table_and_no_other(self) -> None:
        assert sorted(SETTINGS) == sorted(name.upper() for name in Settings.model_fields)

    @pytest.mark.parametrize("name", Settings.model_fields)
    def test_default_and_need_are_those_of_the_code(self, name: str) -> None:
        field = Settings.model_fields[name]
        _, required, default, meaning = SETTINGS[name.upper()]
        assert (required == "yes") == field.is_required(), name
        if field.default is PydanticUndefined:
            assert default == "", name
        elif field.default is None:
            assert default == NO_DEFAULT, name
        else:
            assert default == f"`{field.default}`", name
        assert meaning, name

    def test_every_algorithm_is_named(self) -> None:
        meaning = SETTINGS["JWT_ALGORITHM"][3]
        annotation = Settings.model_fields["jwt_algorithm"].annotation
        accepted = set(getattr(annotation, "__args__", ()))
        assert accepted
        assert accepted <= set(re.findall(r"`(\w+)`", meaning))

    def test_the_variable_of_the_migrations_has_a_table_of_its_own(self) -> None:
        env = (ROOT / "migrations" / "env.py").read_text("utf-8")
        assert '"MIGRATION_DATABASE_URL"' in env
        rest = section("Settings of the server").partition("The migrations read one more.")[2]
        assert [row[0] for row in table(rest, "variable")] == ["`MIGRATION_DATABASE_URL`"]


class TestCommands:
    def test_every_session_is_explained_and_no_other(self) -> None:
        named = [row[0] for row in table(section("Development"), "command")]
        assert sorted(named) == sorted(f"`nox -s {name}`" for name in sessions())

    def test_no_session_is_named_that_does_not_exist(self) -> None:
        named = re.findall(r"nox -s ([\w-]+)", README)
        assert set(named) <= set(sessions())

    @pytest.mark.parametrize("command", ["pip install nox && nox -s acceptance", "nox -s tests"])
    def test_the_two_commands_stand_on_lines_of_their_own(self, command: str) -> None:
        assert f"\n    {command}\n" in README

    def test_every_option_after_a_session_is_one_that_its_program_takes(self) -> None:
        for name, option in re.findall(r"nox -s (\w+) -- (--[\w-]+)", README):
            module = re.search(r"'(steps\.[\w.]+)'", sessions()[name])
            assert module, name
            assert re.search(rf"{option}\b", help_of(module[1])), f"{name}: {option}"


@functools.cache
def help_of(module: str) -> str:
    """Return what a program prints about its options."""
    command = [sys.executable, "-c", f"from {module} import main; main(['--help'])"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


class TestReading:
    def test_verdicts_are_those_of_the_matrix(self) -> None:
        rows = table(section("How to read the report"), "verdict")
        assert sorted(row[0] for row in rows) == sorted(verdict.value for verdict in Verdict)

    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
    def test_links_lead_somewhere(self, document: Path) -> None:
        for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
            if not re.match(r"[a-z]+:", link):
                target = document.parent / unquote(link.partition("#")[0])
                assert target.exists(), f"{document.name}: {link}"

    def test_there_is_a_picture_of_the_report(self) -> None:
        pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
        assert pictures
        for picture in pictures:
            content = (ROOT / picture).read_bytes()
            assert content.startswith(b"\x89PNG\r\n\x1a\n"), picture
            assert len(content) < 200 * 1024, f"{picture}: {len(content)} bytes"

    def test_every_folder_that_the_layout_names_is_there(self) -> None:
        rows = table(section("Where things are"), "folder")
        named = [name for row in rows for name in re.findall(r"`(\w+)/`", row[0])]
        assert named
        for name in named:
            assert (ROOT / name).is_dir(), name
