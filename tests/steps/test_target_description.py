from __future__ import annotations

from pathlib import Path

import pytest

from steps.target.process import TargetError
from steps.target.targetfile import read

COMMAND = '[server]\ncommand = ["{python}", "{port}"]\n'
MISTAKES = {
    "not valid TOML": "[server",
    "[sever] is not a table": "[sever]\ncommand = []",
    "[server] comand is unknown": '[server]\ncomand = ["x"]',
    "[server] command must be a list of texts": '[server]\ncommand = "x"',
    "[server] command is missing": "[server]\ncommand = []",
    "name must be a text": f"name = 3\n{COMMAND}",
    "[server] env must be a table of texts": f"{COMMAND}env = {{PORT = 8000}}",
    "[server] env: {prot} is unknown": f'{COMMAND}env = {{PORT = "{{prot}}"}}',
    "[server] command: {0} is unknown": '[server]\ncommand = ["{0}"]',
    "[server] command: '{port'": '[server]\ncommand = ["{port"]',
    "[server] {jwks_url}: with the algorithm HS256": f'{COMMAND}env = {{A = "{{jwks_url}}"}}',
    "[database] grant: {user} is unknown": f'{COMMAND}[database]\ngrant = "GRANT x TO {{user}}"',
    "[users] insert: %(mail)s is unknown": f'{COMMAND}[users]\ninsert = "%(mail)s"',
    "[server] ready must be a path": f'{COMMAND}ready = "health"',
    "[server] source: there is no folder": f'{COMMAND}source = ["nowhere"]',
    "[server] folder: there is no folder": f'{COMMAND}folder = "nowhere"',
}


def described(folder: Path, text: str) -> Path:
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("sentence", "text"), MISTAKES.items())
def test_a_mistake_is_one_sentence_with_its_place(tmp_path: Path, sentence: str, text: str) -> None:
    path = described(tmp_path, text)
    with pytest.raises(TargetError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no such target file"):
        read(tmp_path / "none.toml")
    with pytest.raises(TargetError, match="cannot be read"):
        read(tmp_path)


def test_known_placeholders_and_braces_are_taken(tmp_path: Path) -> None:
    text = COMMAND + 'env = {A = "{port} {{braces}}"}\n[offers.published_keys]\nB = "{jwks_url}"'
    assert read(described(tmp_path, text)).server.env == {"A": "{port} {{braces}}"}
