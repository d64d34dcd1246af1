"""The log: one JSON object a line, and an outage does not fill a disk with tracebacks."""

import json
import logging
import secrets
import time
import urllib.error
import urllib.request
from pathlib import Path

import jwt
import pytest

from server.logs import TELL_AGAIN, TRACEBACK_AGAIN, JsonFormatter, Notices
from tests.server.serving import lines, serving


def record(created: float, error: Exception) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "server.errors", "msg": "A request failed."})
    made.created, made.exc_info = created, (type(error), error, error.__traceback__)
    return made


def raised(kind: type[Exception]) -> Exception:
    with pytest.raises(kind) as caught:
        fail(kind)
    return caught.value


def fail(kind: type[Exception]) -> None:
    raise kind("line one\nline two")


def test_an_error_of_one_kind_has_one_traceback_a_minute() -> None:
    formatter = JsonFormatter()
    shown = [
        "traceback" in json.loads(formatter.format(record(1000 + second, raised(ValueError))))
        for second in (0, 1, TRACEBACK_AGAIN - 1, TRACEBACK_AGAIN, TRACEBACK_AGAIN + 1)
    ]
    assert shown == [True, False, False, True, False]
    assert "traceback" in json.loads(formatter.format(record(1001, raised(KeyError))))


def test_a_record_is_one_line_with_what_is_said_of_it() -> None:
    made = logging.makeLogRecord(
        {"name": "server.access", "levelname": "WARNING", "msg": "a\nb %s", "args": ("ü\u2028",)}
    )
    made.request_id, made.object = "1f", object()
    line = JsonFormatter().format(made)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    said = json.loads(line)
    assert said["message"] == "a\nb ü\u2028"
    assert (said["level"], said["logger"], said["request_id"]) == ("warning", "server.access", "1f")
    assert said["time"].endswith("+00:00")


def test_a_notice_is_given_once_a_second_with_how_often_it_was_due(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    notices = Notices(logging.getLogger("server.http"))
    for _ in range(5):
        notices.warn("Too many clients.", {"client": "127.0.0.1"})
    now += TELL_AGAIN
    notices.warn("Too many clients.", {"client": "127.0.0.2"})
    said = [vars(one) for one in caplog.records]
    assert [(one["client"], one["times"]) for one in said] == [("127.0.0.1", 1), ("127.0.0.2", 5)]


def test_an_outage_costs_one_line_a_request(tmp_path: Path) -> None:
    secret = secrets.token_urlsafe(48)
    token = jwt.encode({"sub": "ann", "exp": int(time.time()) + 60}, secret, "HS256")
    with serving(tmp_path, {"JWT_SECRET": secret}) as server:
        before = len(lines(server))
        ids = []
        for _ in range(20):
            asked = urllib.request.Request(
                f"http://127.0.0.1:{server.port}/api/ann/tasks",
                headers={"Authorization": f"Bearer {token}"},
            )
            with pytest.raises(urllib.error.HTTPError) as answer:
                urllib.request.urlopen(asked, timeout=10)
            with answer.value as refused:
                refused.read()
            assert answer.value.code == 500
            ids.append(answer.value.headers["X-Request-ID"])
        said = [line for line in lines(server)[before:] if line["logger"] == "server.errors"]
        assert len(lines(server)) - before <= 20 + 5, "more than a line for each, and a few notices"
    assert [line["request_id"] for line in said] == ids
    assert ["traceback" in line for line in said] == [True] + [False] * 19
    assert {(line["status"], line["method"], line["client"]) for line in said} == {
        (500, "GET", "127.0.0.1")
    }
    assert not any(part in server.log.read_text() for part in (secret, *token.split(".")[1:]))
