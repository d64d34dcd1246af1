"""Requests and answers of a server of another layout."""

from __future__ import annotations

import pytest

from steps.http.layout import SPEC, Layout
from steps.http.operations import LIST, NAMED, READ, TOGGLE, Operation
from traceability.evidence.recording.not_run import NotRun

TASKS = Layout(
    routes={
        "list": Operation("list", "GET", "/tasks"),
        "read": Operation("read", "GET", "/tasks/{task_id}"),
        "create": Operation("create", "POST", "/tasks", has_body=True),
        "update": Operation("update", "PATCH", "/tasks/{task_id}", has_body=True),
    },
    names={"title": "name"},
    more={"create": {"priority": "low", "owner": "{user_id}"}},
)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/u/tasks", ("GET", "/tasks")),
        ("GET", "/api/u/tasks?q=1", ("GET", "/tasks?q=1")),
        ("PUT", "/api/u/tasks/t%2F", ("PATCH", "/tasks/t%2F")),
        ("GET", "/api/u/tasks/t/unknown", ("GET", "/tasks/t/unknown")),
        ("GET", "/api/u/tasks/", ("GET", "/tasks/")),
        ("DELETE", "/api/u/tasks", ("DELETE", "/tasks")),
        ("GET", "/api/unknown", ("GET", "/api/unknown")),
    ],
)
def test_a_path_of_the_spec_goes_to_the_servers_own(
    method: str, path: str, expected: tuple[str, str]
) -> None:
    place = TASKS.place(method, path)
    assert (place.method, place.path) == expected
    spec = SPEC.place(method, path)
    assert (spec.method, spec.path) == (method, path)


def test_what_is_not_there_is_not_run() -> None:
    for method, path in (("DELETE", "/api/u/tasks/t"), ("PATCH", "/api/u/tasks/t")):
        with pytest.raises(NotRun, match="target cannot"):
            TASKS.place(method, path)
    with pytest.raises(NotRun):
        TASKS.offered([TOGGLE])
    with pytest.raises(NotRun, match="paths name no user"):
        TASKS.require_user_in_path([LIST])
    assert TASKS.offered([TOGGLE, READ]) == [READ]
    assert SPEC.offered(NAMED.values()) == list(NAMED.values())


def test_bodies_have_the_servers_names_and_fields() -> None:
    place = TASKS.place("POST", "/api/u/tasks")
    body = TASKS.body({"title": "x", "priority": 1}, place)
    assert body == {"name": "x", "priority": "low", "owner": "u"}
    assert TASKS.body({"title": "x", "owner": "b"}, place)["owner"] == "b"
    assert TASKS.raw_body(b"{}", place) == b'{"priority": "low", "owner": "u"}'
    assert TASKS.raw_body(b"{ }", place) == b'{"priority": "low", "owner": "u" }'
    raw = TASKS.raw_body(b'{"title": ', place)
    assert raw == b'{"priority": "low", "owner": "u", "name": '
    assert TASKS.in_spec_names([{"name": "x"}]) == [{"title": "x"}]


def test_the_users_id_is_filled_in_however_deep_it_stands() -> None:
    more = {"create": {"owner": {"id": "{user_id}"}, "tags": ["of {user_id}", 1]}}
    place = SPEC.place("POST", "/api/u/tasks")
    body = Layout(more=more).body({"title": "x"}, place)
    assert body == {"title": "x", "owner": {"id": "u"}, "tags": ["of u", 1]}
    raw = Layout(more=more).raw_body(b'{"title": ', place)
    assert raw == b'{"owner": {"id": "u"}, "tags": ["of u", 1], "title": '
