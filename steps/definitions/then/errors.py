"""Then: messages, challenges and the common shape of errors."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_status, fail, json_object
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


def message(answer: Answer) -> str:
    """Return the message of an error, in whichever of the usual fields, or in plain text."""
    value = answer.json
    if isinstance(value, dict):
        texts = [str(value.get(name, "")) for name in ("detail", "message", "error")]
        return " ".join(text for text in texts if text)
    return answer.text.strip()


def validation_text(answer: Answer) -> str:
    """Return the whole text of a JSON error, to look for a field's name in; else nothing."""
    return answer.text if isinstance(answer.json, dict) else ""


@then("every answer has a message")
@then("every answer has details with a message")
def every_message(scene: Scene) -> None:
    scene.assert_every_answer(
        "a message", lambda answer: len(message(answer)) > 3, "an error has no message"
    )


@then("every message says that the token expired")
def says_expired(scene: Scene) -> None:
    scene.assert_every_answer(
        "a message with the word expired",
        lambda answer: "expired" in message(answer).lower(),
        "the message does not say that the token expired",
    )


@then("every message says that the signature is invalid")
def says_signature(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        words = message(answer).lower()
        says_invalid = re.search(
            "invalid|fail|not valid|does not match|could not be verified", words
        )
        return "signature" in words and says_invalid is not None and "expired" not in words

    scene.assert_every_answer(
        "a message about an invalid signature",
        holds,
        "the message does not say that the signature is invalid",
    )


@then("every message says that the account is invalid or deleted")
def says_account(scene: Scene) -> None:
    words = re.compile("account|user", re.IGNORECASE)
    state = re.compile("invalid|deleted|not exist|not found|unknown", re.IGNORECASE)
    scene.assert_every_answer(
        "a message about the account",
        lambda answer: bool(words.search(message(answer)) and state.search(message(answer))),
        "the message does not say that the account is invalid or deleted",
    )


@then("every 401 carries a Bearer challenge")
def every_challenge(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status != 401 or _challenge(answer).startswith("bearer")

    scene.assert_every_answer(
        "WWW-Authenticate: Bearer", holds, "a 401 without a Bearer challenge", _challenge_shown
    )


@then("every challenge carries the error invalid_token")
def every_challenge_error(scene: Scene) -> None:
    scene.assert_every_answer(
        'WWW-Authenticate: Bearer error="invalid_token" (RFC 6750)',
        lambda answer: 'error="invalid_token"' in _challenge(answer),
        "a challenge without the error invalid_token",
        _challenge_shown,
    )


@then("the challenge is Bearer without an error code")
def plain_challenge(scene: Scene) -> None:
    """A request without authentication gets no error code (RFC 6750, section 3.1)."""
    challenge = _challenge(scene.answer)
    expect(
        challenge.startswith("bearer"),
        "a 401 without a Bearer challenge",
        expected="WWW-Authenticate: Bearer",
        actual=_challenge_shown(scene.answer),
        answer=scene.answer,
    )
    expect(
        "error" not in challenge,
        "a challenge with an error code, though nothing was tried",
        expected="WWW-Authenticate: Bearer",
        actual=_challenge_shown(scene.answer),
        answer=scene.answer,
    )


def _challenge(answer: Answer) -> str:
    return (answer.header("www-authenticate") or "").lower()


def _challenge_shown(answer: Answer) -> str:
    value = answer.header("www-authenticate")
    return "no WWW-Authenticate" if value is None else f"WWW-Authenticate: {value}"


@then(phrase('the answer is 422 and its details name "{text}"'))
def says_invalid(scene: Scene, text: str) -> None:
    expect_status(scene.answer, 422)
    named = text in validation_text(scene.answer)
    expect(named, f"a 422 that does not name {text}", expected=text, answer=scene.answer)


@then(phrase('every answer\'s details name "{text}"'))
def every_detail_names(scene: Scene, text: str) -> None:
    others = {"title", "description", "task_id"} - {text}

    def holds(answer: Answer) -> bool:
        found = validation_text(answer)
        return text in found and not any(other in found for other in others)

    scene.assert_every_answer(
        f"{text} and no other field", holds, f"an error does not name {text} alone"
    )


@then("the answer is an error of the common shape")
def common_shape(scene: Scene) -> None:
    """FR-019: `detail` is a sentence, `status_code` the status; a 422 lists its errors."""
    answer = scene.answer
    if answer.status is None:
        fail("no answer instead of an error", answer=answer)
    if answer.status < 400:
        return  # this is no error; other scenarios judge that it should be one
    value = json_object(answer)
    detail, code = value.get("detail"), value.get("status_code", "no status_code")
    said = isinstance(detail, str) and detail.strip()
    expect(said, "an error whose detail is no sentence", expected="a sentence", answer=answer)
    if code != answer.status:
        lacks = "an error without status_code" if code == "no status_code" else ""
        fail(
            lacks or "an error whose status_code is not its status",
            expected=answer.status,
            actual=code,
            answer=answer,
        )
    allowed = {"detail", "status_code"} | ({"errors"} if answer.status in {400, 422} else set())
    more = sorted(value.keys() - allowed)
    expect(not more, "an error with more members", expected=sorted(allowed), answer=answer)
    content_type = answer.header("content-type") or "no content type"
    expect(
        content_type.startswith("application/json"),
        "an error whose content type is not JSON",
        expected="application/json",
        actual=content_type,
        answer=answer,
    )
    errors = value.get("errors")
    if answer.status == 422:
        expect(errors, "a 422 without its list of errors", expected="errors", answer=answer)
        expect(
            isinstance(errors, list) and all(map(_tells_a_flaw, errors)),
            "an item of errors lacks loc, msg or type",
            expected={"loc": ["body", "title"], "msg": "…", "type": "…"},
            actual=errors,
            answer=answer,
        )


def _tells_a_flaw(error: Any) -> bool:
    """Return whether an item of `errors` has a location, a message and a type."""
    if not isinstance(error, dict) or not isinstance(error.get("loc"), list):
        return False
    texts = [error.get("msg"), error.get("type")]
    return all(isinstance(text, str) and text.strip() for text in texts)


@then(
    phrase('its list of errors has a location, a message and a type for "{title}" and for "{text}"')
)
def errors_for(scene: Scene, title: str, text: str) -> None:
    value = json_object(scene.answer)
    # The list may have any name here: the step of the common shape judges its name.
    errors = next((v for v in value.values() if isinstance(v, list)), [])
    locations = [str(error["loc"][-1]) for error in filter(_tells_a_flaw, errors) if error["loc"]]
    expect_equal(
        sorted(locations),
        sorted([title, text]),
        "the list of errors does not name both fields",
        scene.answer,
    )
