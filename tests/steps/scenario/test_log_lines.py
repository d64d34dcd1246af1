"""A log of failures is told from the lines that a server writes for any request (SR-011)."""

import pytest

from steps.scenario.log_lines import own_lines

PATH = "/api/alice/tasks"
PINO = (
    '{"level":30,"time":1764083012000,"req":{"method":"GET","url":"%s","headers":{%s}},'
    '"res":{"statusCode":%d,"headers":{%s}},"responseTime":3,"msg":"request completed"}'
)
ECHO = '{"time":"2026-11-25T15:00:00Z","id":"","uri":"%s","status":%d,"error":"%s","bytes_in":0}'
ORDINARY = {
    "pino": PINO % (PATH, '"authorization":"[Redacted]"', 200, '"etag":"W/8-kJqXyZw"'),
    "Echo": ECHO % ("/nowhere", 404, "code=404, message=Not Found"),
    "Django": "Not Found: /nowhere",
    "uvicorn": 'INFO: 127.0.0.1:5 - "GET /api/alice/tasks HTTP/1.1" 200 OK',
}
ALIKE = {
    "pino": PINO % (PATH, "", 401, '"etag":"W/31-QmFzZUxvbmc","www-authenticate":"Bearer"'),
    "Echo": ECHO % (PATH, 401, "code=401, message=Unauthorized"),
    "Django": f"Unauthorized: {PATH}",
    "uvicorn": f'INFO: 127.0.0.1:5 - "GET {PATH} HTTP/1.1" 401 Unauthorized',
}
TELLING = {
    "pino": PINO.replace("request completed", "token expired") % (PATH, "", 401, ""),
    "Echo": ECHO % (PATH, 401, "code=401, message=invalid or expired jwt"),
    "Django": f"Unauthorized: {PATH}: the signature is invalid",
    "an event": '{"event":"auth_failure","reason":"no token","path":"/api/alice/tasks"}',
    "words": f"WARNING 401 GET {PATH} denied: The token has expired.",
}


@pytest.mark.parametrize("line", ALIKE.values(), ids=ALIKE)
def test_a_line_that_any_request_gets_tells_no_failure(line: str) -> None:
    assert not own_lines(line, "\n".join(ORDINARY.values()), [PATH])


@pytest.mark.parametrize("line", TELLING.values(), ids=TELLING)
def test_a_line_with_a_reason_tells_a_failure(line: str) -> None:
    assert own_lines(line, "\n".join(ORDINARY.values()), [PATH])
