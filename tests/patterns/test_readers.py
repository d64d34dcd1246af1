"""Every reader of ours takes linear time: it reads 100 KB of what makes it work hardest."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from coverage.config import DEFAULT_EXCLUDE
from fastapi.exceptions import RequestValidationError

from server.errors import ApiError
from server.logged_path import logged_path
from server.schemas import parse_task
from server.tokens import bearer_token
from steps.endurance.history import History
from steps.http.lenient import find_task, find_tasks
from steps.http.raw_request import send_head
from steps.run.secret_search import RunSecrets
from steps.scenario.phrases import phrase
from steps.scenario.source_search import assembled_sql_in
from tests.patterns.cpu_limit import SIZE, TooLongError, cpu_limit
from tests.patterns.inventory import ROOT
from traceability.evidence.file_format import parse_line_ranges
from traceability.evidence.redaction import Redactor
from traceability.matrix.compare import _quote_position
from traceability.matrix.read import ExchangeLine
from traceability.project.claims import Comment, parse_claims
from traceability.project.emphasis import without_emphasis
from traceability.project.features import inspect_features
from traceability.project.markdown_blocks import blocks
from traceability.project.source import NOT_EXECUTABLE, read_sources
from traceability.project.spec import inspect_spec
from traceability.project.spec_items import without_comments
from traceability.project.sql import sql_definitions
from traceability.report import markdown
from traceability.report.page.operations import operations, templates

TOKENS = [
    "a", "a.", "a=", "eyJ", "eyJ.", "eyJhIjoxfQ.", "e.", "%", "%25", "%2E", "%61", "a%2E", "a%3D",
    "%2525", "\\u00", "\\u0061", "\\u002e", "aaaaaaaaaaaa.", "/",
]  # fmt: skip
MARKDOWN = [
    " ", "\t", "\n", "a", "# ", "#", " #", "*", "**", "**a", "**a ", "*a ", "_a ", "__a ", "***",
    "***a ", "`", "``a", "`a``", "- ", "\n- a", "|a", "<!--", "-->", "<!---->", "```\n", "~~~", "1",
    "1. ", "**a:**", "(Not testable: a)", "(Not testable ", ")", "*(Not testable", "[a](", "[",
    "\0", "a\n", "a\n\n", "|a|\n", "- **FR-1**: a\n", "- **FR-1**: a\n  b", "> ",
]  # fmt: skip
QUOTES = [
    " ", "'", "''", '"', "E'", "E'\\'", "$", "$$", "$a$ ", "$a", "--", "--\n", "/*", "*/", "/**/",
    "(", ")", ";", "a;", "BEGIN ", "CASE ", "CREATE FUNCTION a() BEGIN ", "\n",
    "-- Implements: F-1\n",
]  # fmt: skip


@contextlib.contextmanager
def linear(what: str) -> Iterator[None]:
    try:
        with cpu_limit():
            yield
    except TooLongError:
        pytest.fail(f"more than linear time for {what}")


def read_each(read: Callable[[str], object], parts: list[str], *beginnings: str) -> None:
    for beginning in beginnings or ("",):
        for part in parts:
            for end in ("", "x"):
                with linear(f"{beginning!r} and {part!r} again and again, then {end!r}"):
                    read(beginning + part * (SIZE // len(part)) + end)


def test_logged_path() -> None:
    read_each(lambda text: logged_path(text.encode()), TOKENS, "/api/")


def test_redaction() -> None:
    redactor = Redactor()
    redactor.add_secret("a" * 32 + "b")
    read_each(redactor.redact_text, TOKENS, "", "%")
    read_each(lambda text: redactor.redact_header("authorization", text), TOKENS)


def test_secrets_of_a_run(tmp_path: Path) -> None:
    secrets, file = RunSecrets(), tmp_path / "a.txt"
    secrets.add({"the secret": "a" * 32 + "b", "the other": "%25" * 8 + "b"})

    def read(text: str) -> None:
        file.write_text(text, "utf-8")
        secrets.found([file])

    read_each(read, TOKENS, "", "%")


def test_names_of_other_users_in_an_answer() -> None:
    def seen(history: History, text: str) -> None:
        history.seen(text.encode())

    for user in ("user-a-1", "1-1"):
        family = user.rpartition("-")[0]
        parts = ["1", "-", "a", f"{family}-", f"{family}-1", f"{family}-1 ", f" {family}"]
        history = History(user, "mark")
        read_each(partial(seen, history), parts, "", f"{family}-")


def test_authorization_header() -> None:
    def read(text: str) -> None:
        with contextlib.suppress(ApiError):
            bearer_token([(b"authorization", text.encode())])

    read_each(read, ["a", " ", "=", ".", "a=", "bearer "], "", "bearer ", "bearer a")


def test_body_of_a_task() -> None:
    def read(text: str) -> None:
        with contextlib.suppress(RequestValidationError):
            parse_task("application/json", text.encode())

    read_each(
        read, [" ", "1", "[", '{"a":', "\\", "\n", '"a":1,', "-", "a", "\\u0000"], "", '{"title":'
    )
    read_each(read, [" ", "a", "\\n", "\\u00a0", "\\ud800"], '{"title":"')


def test_spec(tmp_path: Path) -> None:
    def read(text: str) -> None:
        (tmp_path / "spec.md").write_text(text, "utf-8", newline="")
        inspect_spec("spec.md", tmp_path)

    read_each(read, MARKDOWN, "", "- ", "- **", "- **FR-001**: ", "- **FR-001**: a\n  ")


def test_blocks_of_a_spec() -> None:
    read_each(lambda text: list(blocks(text)), MARKDOWN, "", "- ", " ", "a\n")


def test_emphasis_and_comments() -> None:
    read_each(without_emphasis, MARKDOWN, "", "*", "a`")
    read_each(lambda text: without_comments(text, False), MARKDOWN)


def test_ids_of_very_many_digits_are_no_ids(tmp_path: Path) -> None:
    text = "- **FR-001**: System MUST hold.\n"
    text += f"- **FR-{'1' * 5000}**: a\n- **US{'1' * 5000}-AS1**: b\n"
    (tmp_path / "spec.md").write_text(text, "utf-8")
    spec, _ = inspect_spec("spec.md", tmp_path)
    assert [one.id for one in spec.requirements] == ["FR-001"]


def test_null_characters_of_a_spec_stand_for_nothing() -> None:
    assert without_emphasis("\0" + "7\0 `a` \0 **b**") == "\ufffd7\ufffd `a` \ufffd b"


def test_sql() -> None:
    read_each(lambda text: sql_definitions("a.sql", text), QUOTES)
    long = "CREATE FUNCTION a '" + "x" * (SIZE // 2) + "' "
    with linear("many blocks after a long text"):
        sql_definitions("a.sql", long + "BEGIN " * (SIZE // 12))


def test_claims() -> None:
    parts = [" ", "implements", "implements:", ",", "FR-1,", "A", "1"]
    read_each(lambda text: parse_claims("a.py", [Comment(1, text)]), parts, "", "Implements: ")


def test_source(tmp_path: Path) -> None:
    def read(text: str) -> None:
        (tmp_path / "a.py").write_text(text, "utf-8")
        for measured in (True, False):
            read_sources(["a.py"], tmp_path, measured=measured)

    comments = ["#", "# \n", "# Implements: FR-1\n"]
    read_each(read, ["\n", " \n", *comments, "a\n", '"""\n', "\\\n", "f(a,\n)\n"])
    read_each(read, [")", ")->", "]:", "->", ":", "...", " ..."], "# def ", "#\ndef a(")


def test_lines_that_are_not_executable_are_those_of_coverage() -> None:
    """Coverage's own patterns are too slow for hostile source; ours exclude the same lines."""
    theirs = "|".join(f"(?:{one})" for one in DEFAULT_EXCLUDE)
    random = Random(11)
    pieces = [
        "def f", "async def f", "(", ")", "]", "->", " -> int", ":", "...", "....", "\n", "\n\n",
        " ", "    ", "#", "# pragma: no cover", "#PRAGMA NO COVER", "if TYPE_CHECKING:", "x",
        "def ", "if ", "if typing.TYPE_CHECKING:",
    ]  # fmt: skip
    for _ in range(20_000):
        text = "".join(random.choices(pieces, k=random.randint(1, 14)))
        ours = f"(?mx:{NOT_EXECUTABLE.pattern})"
        assert excluded_code(text, theirs) == excluded_code(text, ours), text


def excluded_code(text: str, pattern: str) -> set[int]:
    """Return the lines of the matches, without blank lines and comments, which no line runs."""
    lines = text.split("\n")
    return {
        number
        for found in re.finditer(pattern, text, re.MULTILINE)
        for number in range(
            text.count("\n", 0, found.start()), text.count("\n", 0, found.end()) + 1
        )
        if lines[number].strip() and not lines[number].strip().startswith("#")
    }


def test_features(tmp_path: Path) -> None:
    def read(text: str) -> None:
        (tmp_path / "a.feature").write_text(text, "utf-8")
        inspect_features(".", tmp_path, {"a"})

    read_each(
        read,
        [
            " ",
            "\n",
            "@a ",
            "@",
            "@a\n",
            "| a ",
            "| a |\n",
            "\\|",
            '"""\n',
            "Given a\n",
            "a",
            "# a\n",
        ],
        "",
        "Feature: a\n Scenario: b\n  Given c\n  ",
        "Feature: a\n Scenario Outline: b\n  Given <c>\n  Examples:\n   ",
    )


def step_sentences() -> list[str]:
    calls = (
        node
        for file in sorted((ROOT / "steps").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "phrase"
    )
    return sorted({ast.literal_eval(call.args[0]) for call in calls})


def test_sentences_of_all_steps() -> None:
    """A sentence that almost matches, with each of its own words again and again."""
    sentences = step_sentences()
    assert len(sentences) > 100
    for sentence in sentences:
        parser = phrase(sentence)
        words = [*sentence.replace("{", "}").split("}")[::2]]
        filled = [words[0], f"{words[0]}Alice{words[-1]}", f"{words[0]}a{[*words, ''][1]}"]
        repeated = {
            *words,
            *(f"{word}a" for word in words),
            "a",
            "1,",
            '"',
            '", "',
            "A /a, ",
            "a, ",
        }
        for beginning in filled:
            for part in repeated - {""}:
                with linear(f"{sentence!r}: {beginning!r} and {part!r} again and again"):
                    parser.is_matching(beginning + part * (SIZE // 4 // len(part)) + "\x01\n")


def test_answers() -> None:
    nested: object = {}
    for _ in range(200):
        nested = {"a": [nested], "b": {"c": nested if _ < 10 else 1}}
    with linear("an answer of many objects"):
        find_task([{"a": {"b": {}}}] * SIZE)
        find_tasks({str(number): {"a": {}} for number in range(SIZE)})
        find_tasks(nested)


def test_searched_source() -> None:
    for word in ("select ", "update ", "insert ", "delete\t", "select update ", " from", "a"):
        with linear(f"{word!r} in a source"):
            assert not list(assembled_sql_in(ast.parse(f"x += {word * (SIZE // len(word))!r}")))
    found = ast.parse(
        "x += 'select a ' + 'b'\ny += 'Select \\n a, b from c'\nz = f'update {t} set a'"
    )
    assert len(list(assembled_sql_in(found))) == 2


def test_report() -> None:
    read_each(markdown.inline, MARKDOWN)
    read_each(templates, ["/{a}", "/{", "/a", "/.", "{", "/{a\n"])
    paths = ["/", "/a", "/1", "%aa", "%aa\n", "/a1b2c3d4", "?", "#"]
    read_each(lambda text: operations([text], ["/a/{b}"]), paths, "/")
    for reason in ("GET /", "GET ", "/a"):
        for part in ("GET /", "/a", "a"):
            path = "/" + part * (SIZE // 10)
            line = ExchangeLine(step=0, method="GET", path=path, status=200)
            with linear(f"a path of {part!r} in a reason of {reason!r}"):
                _quote_position(line, reason * (SIZE // len(reason)))


def test_line_numbers_of_evidence_are_bounded() -> None:
    assert parse_line_ranges("3-5,9") == {3, 4, 5, 9}
    with pytest.raises(ValueError, match="no file has a line"):
        parse_line_ranges("1-999999999999")


@pytest.mark.parametrize("part", [b"a", b"a\r\n", b"\r\n", b"\r\r\n"])
def test_an_answer_that_comes_in_small_pieces(part: bytes) -> None:
    """Each piece is searched once, not all that came before it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nA: ")
                for _ in range(6000):
                    connection.sendall(part * 16)

        server = threading.Thread(target=serve)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with linear(f"pieces of {part!r}"):
            answer = send_head(url, "GET", "/", {}, 60)
        server.join()
    assert answer.status == 200


def test_an_answer_ends_with_its_length() -> None:
    body = json.dumps({"detail": "no"}).encode()
    head = b"HTTP/1.1 413 X\r\nContent-Length: %d\r\n\r" % len(body)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for piece in (head, b"\n" + body[:3], body[3:]):
                    connection.sendall(piece)
                    time.sleep(0.02)  # so that the pieces arrive one by one
                connection.recv(1)  # the client ends, and not this server

        server = threading.Thread(target=serve)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answer = send_head(url, "POST", "/", {}, 30)
        server.join()
    assert (answer.status, answer.body, answer.error) == (413, body, "")
