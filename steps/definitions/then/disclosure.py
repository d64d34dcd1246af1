"""Then: no answer shows internal details, other users' data, tokens or unwanted headers."""

from __future__ import annotations

import json
import re
from typing import Any

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import came, expect
from steps.http.lenient import OTHER_NAMES, find_object
from steps.scenario.internal_details import has_internal_detail
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

TEXTS = {name for field in ("title", "description") for name in (field, *OTHER_NAMES[field])}
"""Fields of a task that hold what a user wrote."""
# The pattern keeps what it has found (atomic), so that no answer makes it slow.
JWT = re.compile(r"(?<![\w-])(?>[\w-]*?eyJ)[\w-]{8,}+\.[\w-]{8,}+\.[\w-]")


def shows_internal_detail(answer: Answer, base_url: str, origin: str) -> bool:
    """Return whether an answer shows more than the client knows already.

    It knows the address to which it sent the request, `base_url` or the Host of the request, and
    the origin that it named, or that the operator allows.
    """
    # The Server header names a product (RFC 9110, section 10.2.4), no detail of a failure.
    headers = " ".join(value for name, value in answer.headers if name.lower() != "server")
    said = [value for name, value in answer.sent_headers if name.lower() in {"host", "origin"}]
    known = [one if "://" in one else f"http://{one}" for one in (base_url, origin, *said) if one]
    return has_internal_detail(f"{_said_by_the_server(answer)}\n{headers}", known)


def _said_by_the_server(answer: Answer) -> str:
    """Return the text of an answer, without what users wrote where it shows tasks.

    A list that should not hold a task breaks other requirements, whatever its title says.
    """
    if not 200 <= (answer.status or 0) < 300 or not isinstance(answer.json, dict | list):
        return answer.text
    try:
        return json.dumps(_without_texts(answer.json), ensure_ascii=False)
    except RecursionError:
        return answer.text


def _without_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_texts(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    written = TEXTS if find_object(value) is value else ()
    return {name: _without_texts(inner) for name, inner in value.items() if name not in written}


@then("no answer shows an internal detail")
def no_internal_detail(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status is not None and not shows_internal_detail(
            answer, scene.client.base_url, scene.target.cors_origin
        )

    scene.assert_every_answer(
        "no internal detail", holds, "an answer shows an internal detail", came
    )


@then(phrase('no answer mentions "{text}"'))
@then(phrase('the answer does not mention "{text}"'))
def no_answer_mentions(scene: Scene, text: str) -> None:
    scene.assert_every_answer(
        f"nothing of {text!r}",
        lambda answer: not _mentions(answer, text),
        f"an answer shows {text!r}",
    )


@then(phrase('no answer to {who} mentions "{text}"'))
def no_answer_to_user_mentions(scene: Scene, who: str, text: str) -> None:
    expect(any(answer.sender == who for answer in scene.answers), f"{who} asked for nothing")
    scene.assert_every_answer(
        f"nothing of {text!r}",
        lambda answer: answer.sender != who or not _mentions(answer, text),
        f"an answer to {who} shows {text!r}",
    )


@then(phrase("no success mentions {who}'s id"))
def no_success_mentions_id(scene: Scene, who: str) -> None:
    """Let a refusal repeat what the request itself said."""
    identity = scene.users.named(who).id
    scene.assert_every_answer(
        f"nothing of {who}'s id",
        lambda answer: (answer.status or 400) >= 400 or not _mentions(answer, identity),
        f"an answer shows {who}'s id",
    )


def _mentions(answer: Answer, text: str) -> bool:
    return text in answer.text or any(text in value for _, value in answer.headers)


@then("no answer holds a token or sets a cookie")
def no_token(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return not JWT.search(answer.text) and answer.header("set-cookie") is None

    scene.assert_every_answer(
        "no token and no cookie", holds, "an answer holds a token or sets a cookie"
    )


@then(phrase("no answer has a {names} header"))
@then(phrase("the answer has no {names} header"))
def no_header(scene: Scene, names: str) -> None:
    unwanted = [name.lower() for name in re.split(", | or ", names)]

    def holds(answer: Answer) -> bool:
        return not any(name.lower().startswith(tuple(unwanted)) for name, _ in answer.headers)

    scene.assert_every_answer(
        f"no {names} header", holds, f"an answer has a {names} header", _header_lines
    )


def _header_lines(answer: Answer) -> str:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers)
