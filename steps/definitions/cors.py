"""Cross-origin requests (FR-020), as browsers send them (Fetch standard, CORS protocol)."""

from __future__ import annotations

from urllib.parse import urlsplit

from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_status
from steps.http.operations import EVERY, LIST
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

ALLOWED_BY_DEFAULT = "https://app.example.test"
"""The origin that a server allows which is told one."""
OTHER_PORT = 8443
"""That of an origin of the allowed host which is another one all the same."""
REQUESTED_METHOD = "Access-Control-Request-Method"


@when(phrase("the frontend asks for {who}'s list"))
def frontend_lists(scene: Scene, who: str) -> None:
    scene.act(who, LIST, headers=[("Origin", scene.target.cors_origin)])


@when(phrase("the frontend asks for {who}'s list while the database is stopped"))
def frontend_lists_in_outage(scene: Scene, who: str) -> None:
    scene.users.named(who)
    with scene.database_stopped():
        scene.answers = [
            scene.users.send(who, LIST, headers=[("Origin", scene.target.cors_origin)])
        ]


@when(phrase("a page of {origin:Word} asks for {who}'s list"))
def page_lists(scene: Scene, origin: str, who: str) -> None:
    scene.act(who, LIST, headers=[("Origin", similar(origin, scene.target.cors_origin))])


def similar(origin: str, allowed: str) -> str:
    """Return an origin that a feature derives from the one that the harness allows by itself.

    Where another is allowed, the origin is derived from that one in the same way: it begins with
    it, ends in its host, has its other scheme, another port, or a letter for its first dot.
    """
    secure, _, host = ALLOWED_BY_DEFAULT.partition("://")
    scheme, _, rest = allowed.partition("://")
    port = urlsplit(allowed).port
    if origin == f"{ALLOWED_BY_DEFAULT}:{OTHER_PORT}":
        other = OTHER_PORT + 1 if port == OTHER_PORT else OTHER_PORT
        return f"{allowed.removesuffix(f':{port}')}:{other}"
    if origin.startswith(ALLOWED_BY_DEFAULT):
        return allowed + origin.removeprefix(ALLOWED_BY_DEFAULT)
    if origin == f"http://{host}":
        return f"{'http' if scheme == secure else secure}://{rest}"
    if origin.endswith(host):
        return f"{scheme}://{origin.removeprefix(f'{secure}://').removesuffix(host)}{rest}"
    if origin == ALLOWED_BY_DEFAULT.replace(".", "x", 1) and "." in rest:
        return f"{scheme}://{rest.replace('.', 'x', 1)}"
    return origin


@when(phrase("the frontend asks in a preflight whether it may send {method} with a token"))
def frontend_preflight(scene: Scene, method: str) -> None:
    _preflight(scene, scene.target.cors_origin, method)


@when(
    phrase("a page of {origin:Word} asks in a preflight whether it may send {method} with a token")
)
def page_preflight(scene: Scene, origin: str, method: str) -> None:
    _preflight(scene, origin, method)


def _preflight(scene: Scene, origin: str, method: str) -> None:
    """Ask at the URL of the operation that has the method: routers know a method by its route.

    Where the server has the operation under another method, it is asked for that one.
    """
    operation = next(one for one in EVERY if one.method == method)
    url = operation.url(scene.users.named("Alice").id, UNKNOWN_ID)
    place = scene.client.layout.place(operation.method, url)
    headers = [
        ("Origin", origin),
        (REQUESTED_METHOD, place.method),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    ]
    scene.answers = [scene.client.send("OPTIONS", place.path, headers=headers, own_path=True)]


@then("the preflight allows it with the headers Authorization and Content-Type")
def preflight_allows(scene: Scene) -> None:
    answer = scene.answer
    expect_status(answer, 200, 204)
    method = _sent(answer, REQUESTED_METHOD)
    methods = (answer.header("access-control-allow-methods") or "").upper()
    headers = (answer.header("access-control-allow-headers") or "").lower()
    expect(
        method in methods,
        f"the preflight does not allow {method}",
        expected=method,
        actual=methods or "no Access-Control-Allow-Methods",
        answer=answer,
    )
    for name in ("authorization", "content-type"):
        expect(
            name in headers,
            f"the preflight does not allow the header {name}",
            expected=name,
            actual=headers or "no Access-Control-Allow-Headers",
            answer=answer,
        )


def _sent(answer: Answer, name: str) -> str:
    """Return a header of the request."""
    return next(value for one, value in answer.sent_headers if one == name)


@then("the answer allows the frontend's origin, with credentials")
def origin_allowed(scene: Scene) -> None:
    origin = scene.answer.header("access-control-allow-origin")
    credentials = scene.answer.header("access-control-allow-credentials")
    expect_equal(
        origin or "no Access-Control-Allow-Origin",
        scene.target.cors_origin,
        "the answer does not allow the frontend's origin",
        scene.answer,
    )
    expect_equal(
        credentials or "no Access-Control-Allow-Credentials",
        "true",
        "the answer does not allow credentials",
        scene.answer,
    )


@then("the answer does not allow the page's origin")
def page_not_allowed(scene: Scene) -> None:
    """Accept the name of the frontend: browsers keep the answer from every other page then."""
    origin = scene.answer.header("access-control-allow-origin")
    expect(
        origin not in {_sent(scene.answer, "Origin"), "*"},
        "the answer allows another origin than the frontend's",
        expected="no Access-Control-Allow-Origin, or the frontend's",
        actual=origin,
        answer=scene.answer,
    )


@then("the answer does not allow any origin")
def origin_not_allowed(scene: Scene) -> None:
    origin = scene.answer.header("access-control-allow-origin")
    expect(
        origin is None,
        "the answer to another origin than the frontend's names one",
        expected="no Access-Control-Allow-Origin",
        actual=origin,
        answer=scene.answer,
    )


@then("the answer varies by origin")
def answer_varies_by_origin(scene: Scene) -> None:
    vary = scene.answer.header("vary") or ""
    expect(
        "origin" in vary.lower(),
        "the answer does not vary by origin",
        expected="Vary: Origin",
        actual=f"Vary: {vary}" if vary else "no Vary",
        answer=scene.answer,
    )
