"""Reading target files: the sentence for each mistake, and the keys of the template."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeGuard, get_args

import pytest
from pydantic import BaseModel

from steps.errors import TargetError
from steps.target.description.placeholders import SERVER_PLACEHOLDERS, USER_PLACEHOLDERS
from steps.target.description.read import read
from steps.target.description.tables import Description, RequestTable

ROOT = Path(__file__).parents[3]
REQUEST_KEYS = RequestTable.model_fields
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
    "[server] url must be a URL": '[server]\nurl = "ftp://x"',
    "[server] url: the environment variable NOPE is not set": '[server]\nurl = "{env:NOPE}"',
    "[server] command and url exclude one another": f'{COMMAND}url = "http://x"',
    "[server] command and env tell no {port}": '[server]\ncommand = ["x"]',
    "[server] cors_origin is for an origin that is fixed": (
        f'{COMMAND}cors_origin = "http://x"\nenv = {{A = "{{cors_origin}}"}}'
    ),
    "[server] env: {database_url:a b} is unknown: write the scheme of a driver": (
        f'{COMMAND}env = {{A = "{{database_url:a b}}"}}'
    ),
    "[server] env: {port:x} is unknown": f'{COMMAND}env = {{A = "{{port:x}}"}}',
    "[database.columns] titel is unknown: use id, user_id, title": (
        f'{COMMAND}[database.columns]\ntitel = "x"'
    ),
    "[database.columns] title: '' can be no name": f'{COMMAND}[database.columns]\ntitle = ""',
    "[fields] done is unknown: use id, user_id, title": f'{COMMAND}[fields]\ndone = "x"',
    "[fields] title must be a text": f"{COMMAND}[fields]\ntitle = 3",
    "[fields] names both title and description name": (
        f'{COMMAND}[fields]\ntitle = "name"\ndescription = "name"'
    ),
    "[fields] names both title and description description": (
        f'{COMMAND}[fields]\ntitle = "description"'
    ),
    "[paths] lst is unknown: use list, read, create": f'{COMMAND}[paths]\nlst = "GET /tasks"',
    "[paths] names no operation": f"{COMMAND}[paths]",
    "[paths] list must be a method and a path, such as GET /tasks": (
        f'{COMMAND}[paths]\nlist = "/tasks"'
    ),
    "[paths] list must be a text": f'{COMMAND}[paths]\nlist = ["GET", "/tasks"]',
    "[paths] list: {id} is unknown: use {user_id}, {task_id}": (
        f'{COMMAND}[paths]\nlist = "GET /{{id}}/tasks"'
    ),
    "[paths] read must hold {task_id}": f'{COMMAND}[paths]\nread = "GET /task"',
    "[paths] list must not hold {task_id}": f'{COMMAND}[paths]\nlist = "GET /{{task_id}}"',
    "[paths] names PUT /x/{task_id} twice": (
        f'{COMMAND}[paths]\nupdate = "PUT /x/{{task_id}}"\ntoggle = "PUT /x/{{task_id}}"'
    ),
    "[bodies] read is unknown: use create, update, toggle": f"{COMMAND}[bodies]\nread = {{}}",
    "[bodies] create must be a table": f'{COMMAND}[bodies]\ncreate = "x"',
    "[bodies] create: {email} is unknown": f'{COMMAND}[bodies]\ncreate = {{a = "{{email}}"}}',
    "[bodies] create: title is a field of the specification": (
        f'{COMMAND}[bodies]\ncreate = {{title = "x"}}'
    ),
    "[bodies] update: name is a field of the specification": (
        f'{COMMAND}[fields]\ntitle = "name"\n[bodies]\nupdate = {{name = "x"}}'
    ),
    "[users] create_table must be true or false": f'{COMMAND}[users]\ncreate_table = "x"',
    "[users] create_table goes with [server] command": (
        '[server]\nurl = "http://x"\n[users]\ncreate_table = true'
    ),
    "[users] create_table and insert exclude one another": (
        f'{COMMAND}[users]\ncreate_table = true\ninsert = "INSERT"'
    ),
    "[users] create_table and sign_up exclude one another": (
        f'{COMMAND}[users]\ncreate_table = true\n[users.sign_up]\nurl = "/x"'
    ),
    "[tokens] jwks_url must be a URL on this machine": (
        f'{COMMAND}[tokens]\nalgorithm = "EdDSA"\njwks_url = "https://id.example/jwks"'
    ),
    "[tokens] jwks_url goes with the algorithms": (
        f'{COMMAND}[tokens]\njwks_url = "http://localhost:3000/jwks"'
    ),
    "[tokens] jwks_url goes with [server] command": (
        '[server]\nurl = "http://x"\n[tokens]\nalgorithm = "EdDSA"\nprivate_key = "target.toml"\n'
        'jwks_url = "http://localhost:3000/jwks"'
    ),
    "[server] port goes with command": '[server]\nurl = "http://x"\nport = 8',
    "[server] port must be a whole number": f'{COMMAND}port = "x"',
    "[server] port: input should be greater": f"{COMMAND}port = 0",
    "[server] measure must be true or false": f"{COMMAND}measure = 1",
    "[server] python: there is no interpreter": f'{COMMAND}python = "nowhere"',
    "[server] must be a table": "server = 3",
    "[tokens] algorithm must be one of": f'{COMMAND}[tokens]\nalgorithm = "HS512"',
    "[tokens] claims: {url} is unknown": f'{COMMAND}[tokens]\nclaims = {{iss = "{{url}}"}}',
    "[tokens] claims: sub is in every token already": (
        f'{COMMAND}[tokens]\nclaims = {{sub = "x"}}'
    ),
    "[tokens] claims: exp is in every token already": f"{COMMAND}[tokens]\nclaims = {{exp = 1}}",
    "[tokens] secret goes with url": f'{COMMAND}[tokens]\nsecret = "x"',
    "[tokens] private_key: there is no file": (
        f'{COMMAND}[tokens]\nalgorithm = "EdDSA"\nprivate_key = "nowhere.pem"'
    ),
    "[tokens] private_key goes with": f'{COMMAND}[tokens]\nprivate_key = "target.toml"',
    "[tokens] private_key is missing": (
        '[server]\nurl = "http://x"\n[tokens]\nalgorithm = "EdDSA"'
    ),
    "[users] insert needs [database] url": (
        '[server]\nurl = "http://x"\n[users]\ninsert = "INSERT"'
    ),
    "[server] url must not hold a user name": '[server]\nurl = "http://a:b@x"',
    "[tokens] secret is missing: users in": (
        '[server]\nurl = "http://x"\n[database]\nurl = "postgresql://x"'
    ),
    "[users.sign_up] must be a table": f"{COMMAND}[users]\nsign_up = 3",
    "[users.sign_up] url must be a URL": f'{COMMAND}[users.sign_up]\nurl = "x"',
    "[users.sign_up] body: {nope} is unknown": (
        f'{COMMAND}[users.sign_up]\nurl = "/x"\nbody = {{a = {{b = "{{nope}}"}}}}'
    ),
    "[users.sign_in] follows [users.sign_up]": f'{COMMAND}[users.sign_in]\nurl = "/x"',
    "[database] sql: there is no file": f'{COMMAND}[database]\nsql = ["nowhere.sql"]',
    "[database] url goes with [server] url": f'{COMMAND}[database]\nurl = "x"',
    "[offers] contract must be a list of texts": f'{COMMAND}[offers]\ncontract = "x"',
    "[offers] published_keys must be a table": f"{COMMAND}[offers.published_keys]\nA = 3",
    "[[deviations]] requirement: FR-001 is listed 2 times": (
        f"{COMMAND}" + '[[deviations]]\nrequirement = "FR-001"\nreason = "x"\n' * 2
    ),
    "[[deviations]] is a list of tables": f"deviations = 3\n{COMMAND}",
    "[path] is not a table of a target file": f'path = "x"\n{COMMAND}',
    "[server] env: 'A=B' can be no name of a variable": f'{COMMAND}env = {{"A=B" = "x"}}',
    "[server] url must end with its path": '[server]\nurl = "http://x/y?z=1"',
    "[deviations] reason is missing": f'{COMMAND}[[deviations]]\nrequirement = "FR-001"',
}


def write_target_file(folder: Path, text: str) -> Path:
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("sentence", "text"), MISTAKES.items())
def test_a_mistake_is_one_sentence_that_names_file_and_key(
    tmp_path: Path, sentence: str, text: str
) -> None:
    path = write_target_file(tmp_path, text)
    with pytest.raises(TargetError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_path_without_a_readable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no such target file"):
        read(tmp_path / "none.toml")
    with pytest.raises(TargetError, match="cannot be read"):
        read(tmp_path)


def test_known_placeholders_and_doubled_braces_are_accepted(tmp_path: Path) -> None:
    text = COMMAND + 'env = {A = "{port} {{braces}}"}\n[offers.published_keys]\nB = "{jwks_url}"'
    assert read(write_target_file(tmp_path, text)).server.env == {"A": "{port} {{braces}}"}


# The template


def template_with_all_keys() -> str:
    """Return the template with its commented keys uncommented."""
    text = (ROOT / "targets" / "template.toml").read_text("utf-8")
    return re.sub(r"(?m)^#: ", "", text)


def keys_of(table: type[BaseModel]) -> set[str]:
    """Return the dotted names of all keys of a table and of those inside it."""
    found = set()
    for name, field in table.model_fields.items():
        key_name = field.alias or name
        inner = [one for one in (field.annotation, *get_args(field.annotation)) if is_table(one)]
        found |= {f"{key_name}.{key}" for key in keys_of(inner[0])} if inner else {key_name}
    return found


def is_table(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def keys_in(data: object) -> set[str]:
    if isinstance(data, list):
        return keys_in(data[0]) if data and isinstance(data[0], dict) else set()
    assert isinstance(data, dict)
    return {
        path
        for key, value in data.items()
        for path in ({f"{key}.{one}" for one in keys_in(value)} if has_tables(value) else {key})
    }


def has_tables(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))


FREE_TABLES = re.compile(
    r"(env|headers|body|claims|create|update|toggle|published_keys|row_security|limits|workers)(\..*)?$"
)
"""Tables whose keys the author of a target file chooses."""


def test_the_template_names_every_key_and_no_other() -> None:
    keys = {FREE_TABLES.sub(r"\1", key) for key in keys_in(tomllib.loads(template_with_all_keys()))}
    requests = {
        f"users.{request}.{key}"
        for request in ("sign_up", "sign_in", "remove")
        for key in REQUEST_KEYS
    }
    assert keys - requests == keys_of(Description) - {"path"} - requests
    assert keys >= {f"users.sign_up.{key}" for key in REQUEST_KEYS}


def test_the_template_without_commented_keys_is_a_target_file(tmp_path: Path) -> None:
    text = (ROOT / "targets" / "template.toml").read_text("utf-8")
    description = read(write_target_file(tmp_path, text))
    assert description.server.command[0] == "{python}"
    assert description.insert_user_sql.startswith("INSERT INTO users")


def test_every_placeholder_is_in_the_template() -> None:
    text = (ROOT / "targets" / "template.toml").read_text("utf-8")
    missing = {
        name
        for name in SERVER_PLACEHOLDERS | USER_PLACEHOLDERS | {"id", "token", "role"}
        if f"{{{name}}}" not in text
    }
    assert missing == set()
