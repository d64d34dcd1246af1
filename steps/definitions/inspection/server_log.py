"""The server logs each failure, and neither secrets nor lines that a request forged."""

from __future__ import annotations

import re
from urllib.parse import quote

from pytest_bdd import then, when

from steps.http.expectations import expect
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(phrase("a path with a line break and a forged log line is requested without a token"))
def forge_log_line(scene: Scene) -> None:
    scene.log.mark_end()
    forged = quote('\nFORGED {"reason": "none", "status": 200}\r\n')
    scene.answers = [scene.client.send("GET", f"/api/{forged}/tasks")]
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


@then(
    "the server's log has a line that names the method, the path and the failure, if it is refused"
)
def failure_is_logged(scene: Scene) -> None:
    answer = scene.answer
    if answer.status in {200, 204}:
        return  # no failure to log; other scenarios judge that it should have been refused
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


@then("the log shows neither the token nor the secret")
def log_shows_no_secret(scene: Scene) -> None:
    log = scene.log.whole()
    sent = [value.split(" ")[-1] for name, value in scene.answer.sent_headers if value]
    parts = [part for value in sent for part in value.split(".") if len(part) > 6]
    for secret in filter(None, (*parts, scene.target.issuer.secret)):
        expect(secret not in log, "the log shows a token or a secret")


@then("the log has no forged line")
def no_forged_line(scene: Scene) -> None:
    lines = scene.log.lines_since_mark(lambda line: "FORGED" in line)
    expect(lines, "the request was not logged")
    forged = any(line.lstrip().startswith("FORGED") for line in lines)
    expect(not forged, "a request wrote a line of its own into the log", actual=lines)
