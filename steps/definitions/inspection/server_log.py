"""The server logs each failure, and neither secrets nor lines that a request forged."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from pytest_bdd import given, then, when

from steps.http.answer import Answer
from steps.http.expectations import expect
from steps.http.operations import CREATE, LIST, READ
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.log_lines import own_lines
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(phrase("a path with a line break and a forged log line is requested without a token"))
def forge_log_line(scene: Scene) -> None:
    scene.log.mark_end()
    forged = quote('\nFORGED {"reason": "none", "status": 200}\r\n')
    named = scene.client.layout.names_user(LIST)
    path = f"/api/{forged}/tasks" if named else READ.url(UNKNOWN_ID, forged)
    scene.answers = [scene.client.send("GET", path)]
    expect("FORGED" in scene.answer.path, "the forged line was not sent")


@when(phrase("{who}'s token is sent in a path and not in a header"))
def send_token_in_path(scene: Scene, who: str) -> None:
    scene.log.mark_end()
    token = scene.users.named(who).token or ""
    paths = [f"/api/{token}/tasks", f"/api/tasks/{token.replace('.', '%2E')}"]
    scene.answers = [scene.client.send("GET", path) for path in paths]


@then(phrase("the log has a line for each request, and no part of {who}'s token"))
def token_in_path_is_hidden(scene: Scene, who: str) -> None:
    lines = scene.log.lines_since_mark(lambda line: "/api/tasks/" in line)
    expect(lines, "the log has no line for the requests", actual=scene.log.since_mark())
    _, payload, signature = (scene.users.named(who).token or "").split(".")
    log = scene.log.since_mark()
    expect(payload not in log, "the log shows the claims of a token")
    expect(signature not in log, "the log shows the signature of a token")


@given(phrase("it is known what a request of {who} that is served leaves in the log"))
def note_ordinary_log(scene: Scene, who: str) -> None:
    """Note what the web server and the application write for requests that are authenticated.

    Some of them are refused: what is written of any refusal tells nothing of authentication.
    """
    scene.log.mark_end()
    scene.users.send(who, LIST)
    scene.users.send(who, READ, scene.tasks.unknown_id())
    ordinary = scene.log.settled_since_mark()
    token = scene.users.named(who).token
    refused: list[Callable[[], Answer]] = [
        lambda: scene.client.send("GET", "/nowhere", token=token),
        lambda: scene.users.send(who, CREATE, json_body={"title": ""}),
    ]
    for send in refused:
        scene.log.mark_end()
        if send().status not in (401, 403):
            ordinary += scene.log.settled_since_mark()
    scene.log.ordinary = ordinary


@then("the server's log tells the failure, if it is refused")
def failure_is_logged(scene: Scene) -> None:
    """A line of an access log does not: it says the same of every request."""
    if not _is_refused(scene):
        return  # no failure to log; other scenarios judge that it should have been refused
    paths = {scene.answer.path, *(user.id for user in scene.users.all())}
    found = scene.log.found_since_mark(lambda log: own_lines(log, scene.log.ordinary, paths))
    left = scene.log.since_mark().strip() or "nothing at all"
    expect(
        found,
        "no line of the log tells the failure: it has no more than that of any request",
        expected=f"a line on the failure of {scene.answer.method} {scene.answer.path}",
        actual=left,
        answer=scene.answer,
    )


@then("a line of the log names the method, the path and the failure, if it is refused")
def line_names_request(scene: Scene) -> None:
    if not _is_refused(scene):
        return
    answer = scene.answer
    lines = scene.log.lines_since_mark(lambda line: answer.method in line and answer.path in line)
    expect(
        lines,
        "the log has no line that names the refused request",
        expected=f"{answer.method} {answer.path}",
        actual=scene.log.since_mark() or "nothing was logged",
        answer=answer,
    )
    failure = re.compile(rf"{answer.status}|unauthorized|forbidden|denied|failed", re.IGNORECASE)
    named = any(map(failure.search, lines))
    expect(named, "the log does not say why a request was refused", actual=lines, answer=answer)


def _is_refused(scene: Scene) -> bool:
    return 400 <= (scene.answer.status or 0) < 500


@then("the log shows neither the token nor the secret")
def log_shows_no_secret(scene: Scene) -> None:
    """Of a token, the header is no secret: it is the same in all of them."""
    values = [value for answer in scene.answers for _, value in answer.sent_headers if value]
    sent = [value.split(" ")[-1].split(".") for value in values]
    parts = {part for token in sent if len(token) == 3 for part in token[1:] if len(part) > 6}
    _assert_not_logged(scene, parts | {scene.target.issuer.secret})


@then(phrase("the log shows no part of {who}'s token"))
def log_shows_no_part(scene: Scene, who: str) -> None:
    _, payload, signature = (scene.users.named(who).token + "..").split(".")[:3]
    _assert_not_logged(scene, {payload, signature})


def _assert_not_logged(scene: Scene, texts: set[str]) -> None:
    log = scene.log.settled_since_mark()
    hidden = not any(text and text in log for text in texts)  # no value: it would show it again
    expect(hidden, "the log shows the payload or the signature of a token, or the secret")


@then("the log has no forged line")
def no_forged_line(scene: Scene) -> None:
    lines = scene.log.lines_since_mark(lambda line: "FORGED" in line)
    expect(lines, "the request was not logged")
    forged = any(line.lstrip().startswith("FORGED") for line in lines)
    expect(not forged, "a request wrote a line of its own into the log", actual=lines)
