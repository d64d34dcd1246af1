"""Trying the API by hand, reading its description, its source and its log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_bdd import then, when

from steps.http.lenient import task_id, task_in
from steps.http.operations import CREATE, DELETE, EVERY, LIST, READ, TOGGLE, UPDATE
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from traceability.project.config import load_config
from traceability.project.features import read_features
from traceability.project.spec import read_spec

ROOT = Path(__file__).parents[2]
PLAIN = [("User-Agent", "curl/8.0"), ("Accept", "*/*")]
SECRET_NAMES = re.compile("secret|password|private_?key|signing_?key", re.IGNORECASE)
CONNECTION = re.compile(r"(postgres(ql)?|mysql|sqlite)(\+\w+)?://\S+", re.IGNORECASE)
SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from)\b", re.IGNORECASE | re.DOTALL
)


@when(
    phrase(
        "a plain HTTP client creates, lists, reads, updates, toggles and deletes a task "
        "with {who}'s token"
    )
)
def plain_life(scene: Scene, who: str) -> None:
    created = scene.send(who, CREATE, headers=PLAIN)
    identity = task_id(task_in(created))
    others = (LIST, READ, UPDATE, TOGGLE, DELETE)
    scene.answers = [created] + [scene.send(who, op, identity, headers=PLAIN) for op in others]


@when(phrase("a plain HTTP client asks for {who}'s list"))
def plain_list(scene: Scene, who: str) -> None:
    scene.act(who, LIST, headers=PLAIN)


@when("the server's own description is read")
@when("the server's own description is read beside the spec and the features")
def read_description(scene: Scene) -> None:
    scene.answers = [scene.client.send("GET", "/openapi.json")]


@then("it has exactly the six operations of the spec, if it is given")
def six_operations(scene: Scene) -> None:
    description = scene.answer.json
    if scene.answer.status == 404 or not isinstance(description, dict):
        return  # the spec does not ask for a description: then there is none to be wrong
    described = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, item in description["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
        and path.startswith("/api")
    }
    specified = {(op.method, re.sub(r"{\w+}", "{}", op.path)) for op in EVERY}
    assert described == specified, f"described beyond or short of the spec: {described ^ specified}"


@then("every operation has an example and the Bearer scheme, if it is given")
def examples(scene: Scene) -> None:
    description = scene.answer.json
    if scene.answer.status == 404 or not isinstance(description, dict):
        return
    text = scene.answer.text
    schemes = description.get("components", {}).get("securitySchemes", {}).values()
    assert any(str(one.get("scheme")).lower() == "bearer" for one in schemes), "no Bearer scheme"
    assert "example" in text, "no example"


@then("every requirement of the spec that a test can show has a scenario")
def every_requirement_has_one() -> None:
    required, tagged = _ids()
    assert required, "the spec has no requirement"
    missing = sorted(required - tagged)
    assert not missing, f"without a scenario: {missing}"


@then("every scenario names a requirement of the spec")
def every_scenario_names_one() -> None:
    required, _ = _ids()
    found = read_features(load_config(ROOT).features, ROOT)
    strangers = [s.id for s in found.scenarios if not required & set(s.tags)]
    assert not strangers, f"without a requirement: {strangers}"


def _ids() -> tuple[set[str], set[str]]:
    config = load_config(ROOT)
    required = read_spec(config.spec, ROOT).requirements
    found = read_features(config.features, ROOT)
    tagged = {tag for scenario in found.scenarios for tag in scenario.tags}
    return {r.id for r in required if not r.excluded}, tagged


# The source


@when("the server's source is searched for text given to a secret, a password or a key")
def search_secrets(scene: Scene) -> None:
    scene.search(_secrets)


@when("the server's source is searched for connection strings")
def search_connections(scene: Scene) -> None:
    scene.search(_connections)


@when("the server's source is searched for SQL that is put together from text")
def search_sql(scene: Scene) -> None:
    scene.search(_assembled_sql)


@then("nothing is found")
def nothing_found(scene: Scene) -> None:
    assert scene.searched > 0, "there was no source to search"
    assert not scene.found, "found:\n  " + "\n  ".join(scene.found)


def _secrets(tree: ast.AST) -> Iterator[ast.AST]:
    """Find literals of 8 characters and more that are given to a name such as `jwt_secret`."""
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_name(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(_name(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [(_text(key), value) for key, value in zip(node.keys, node.values, strict=True)]
        yield from (
            value
            for name, value in pairs
            if value and SECRET_NAMES.search(name) and re.fullmatch(r"\S{8,}", _text(value))
        )


def _connections(tree: ast.AST) -> Iterator[ast.AST]:
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        if node not in documentation and CONNECTION.fullmatch(_text(node)):
            yield node


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    """Return texts that stand alone as statements: they are never used."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _assembled_sql(tree: ast.AST) -> Iterator[ast.AST]:
    """Find f-strings, `%`, `+` and `.format` that make up SQL."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.JoinedStr):
            literal = "x".join(_text(part) for part in node.values)
            parts = [ast.Constant(literal) if SQL.search(literal) else node]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.value]
        elif isinstance(node, ast.Call) and _name(node.func) in {"text", "execute"}:
            # Whatever text a statement is made of must be a constant.
            built = (ast.JoinedStr, ast.BinOp)
            if node.args and isinstance(node.args[0], built):
                yield node
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.left, node.right]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "format"
        ):
            parts = [node.func.value]
        if any(SQL.search(_text(part)) for part in parts):
            yield node


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# The log


@then(
    "the server's log has a line that names the method, the path and the failure, if it is refused"
)
def logged(scene: Scene) -> None:
    answer = scene.answer
    if answer.status in {200, 204}:
        return  # nothing failed that could be logged; that it was served is judged elsewhere
    lines = scene.new_log_lines(lambda line: answer.method in line and answer.path in line)
    assert lines, f"no line for {answer.method} {answer.path} in:\n{scene.new_log()}"
    says_why = re.compile(rf"{answer.status}|unauthorized|forbidden|denied|failed", re.IGNORECASE)
    assert any(map(says_why.search, lines)), f"the failure is not named: {lines}"


@then("the log shows neither the token nor the secret")
def log_is_discreet(scene: Scene) -> None:
    log = scene.whole_log()
    sent = [value.split(" ")[-1] for name, value in scene.answer.sent_headers if value]
    parts = [part for value in sent for part in value.split(".") if len(part) > 6]
    for secret in filter(None, (*parts, scene.target.issuer.secret)):
        assert secret not in log, f"the log shows a token or a secret: {secret[:6]}…"


@then("the log has no forged line")
def no_forged_line(scene: Scene) -> None:
    lines = scene.new_log_lines(lambda line: "FORGED" in line)
    assert lines, "the request was not logged"
    assert not any(line.lstrip().startswith("FORGED") for line in lines), f"forged: {lines}"
