"""Then: messages, challenges and the common shape of errors."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
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
    scene.assert_every_answer("errors with a message", lambda answer: len(message(answer)) > 3)


@then("every message says that the token expired")
def says_expired(scene: Scene) -> None:
    scene.assert_every_answer("about expiry", lambda answer: "expired" in message(answer).lower())


@then("every message says that the signature is invalid")
def says_signature(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        words = message(answer).lower()
        says_invalid = re.search(
            "invalid|fail|not valid|does not match|could not be verified", words
        )
        return "signature" in words and says_invalid is not None and "expired" not in words

    scene.assert_every_answer("about an invalid signature", holds)


@then("every message says that the account is invalid or deleted")
def says_account(scene: Scene) -> None:
    words = re.compile("account|user", re.IGNORECASE)
    state = re.compile("invalid|deleted|not exist|not found|unknown", re.IGNORECASE)
    scene.assert_every_answer(
        "about the account",
        lambda answer: bool(words.search(message(answer)) and state.search(message(answer))),
    )


@then("every 401 carries a Bearer challenge")
def every_challenge(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status != 401 or _challenge(answer).startswith("bearer")

    scene.assert_every_answer("Bearer challenges", holds)


@then("every challenge carries the error invalid_token")
def every_challenge_error(scene: Scene) -> None:
    scene.assert_every_answer(
        'challenges with error="invalid_token" (RFC 6750)',
        lambda answer: 'error="invalid_token"' in _challenge(answer),
    )


@then("the challenge is Bearer without an error code")
def plain_challenge(scene: Scene) -> None:
    """A request without authentication gets no error code (RFC 6750, section 3.1)."""
    challenge = _challenge(scene.answer)
    assert challenge.startswith("bearer"), f"no Bearer challenge: {challenge!r}"
    assert "error" not in challenge, f"an error code without an attempt: {challenge!r}"


def _challenge(answer: Answer) -> str:
    return (answer.header("www-authenticate") or "").lower()


@then(phrase('the answer is 422 and its details name "{text}"'))
def says_invalid(scene: Scene, text: str) -> None:
    assert scene.answer.status == 422, f"expected 422: {scene.answer}"
    assert text in validation_text(scene.answer), f"{text} is not named: {scene.answer}"


@then(phrase('every answer\'s details name "{text}"'))
def every_detail_names(scene: Scene, text: str) -> None:
    others = {"title", "description", "task_id"} - {text}

    def holds(answer: Answer) -> bool:
        found = validation_text(answer)
        return text in found and not any(other in found for other in others)

    scene.assert_every_answer(f"naming {text} and no other field", holds)


@then("the answer is an error of the common shape")
def common_shape(scene: Scene) -> None:
    """FR-019: `detail` is a sentence, `status_code` the status; a 422 lists its errors."""
    answer, value = scene.answer, scene.answer.json
    assert answer.status is not None, f"expected an error: {answer}"
    if answer.status < 400:
        return  # this is no error; other scenarios judge that it should be one
    assert isinstance(value, dict), f"not a JSON object: {answer}"
    assert isinstance(value.get("detail"), str), f"detail is not a sentence: {answer}"
    assert value["detail"].strip(), f"detail is empty: {answer}"
    assert value.get("status_code") == answer.status, f"status_code differs: {answer}"
    allowed = {"detail", "status_code"} | ({"errors"} if answer.status in {400, 422} else set())
    assert value.keys() <= allowed, f"more than {sorted(allowed)}: {answer}"
    content_type = answer.header("content-type") or ""
    assert content_type.startswith("application/json"), f"content type {content_type}: {answer}"
    for error in value.get("errors", []) if answer.status == 422 else []:
        assert isinstance(error["loc"], list), f"loc is not a list: {answer}"
        assert all(isinstance(error[name], str) for name in ("msg", "type")), str(answer)
        assert all(error[name].strip() for name in ("msg", "type")), f"says nothing: {answer}"
    if answer.status == 422:
        assert value.get("errors"), f"a 422 without its list of errors: {answer}"


@then(
    phrase('its list of errors has a location, a message and a type for "{title}" and for "{text}"')
)
def errors_for(scene: Scene, title: str, text: str) -> None:
    value = scene.answer.json
    assert isinstance(value, dict), f"not a JSON object: {scene.answer}"
    # The list may have any name here: the step of the common shape judges its name.
    errors = next((v for v in value.values() if isinstance(v, list)), [])
    locations = [error["loc"][-1] for error in errors if error.keys() >= {"loc", "msg", "type"}]
    assert sorted(locations) == sorted([title, text]), f"locations {locations}: {scene.answer}"
