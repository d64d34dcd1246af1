"""Then: messages, challenges and the common shape of errors."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.error_fields import names_only
from steps.http.error_text import message
from steps.http.expectations import came, expect, expect_equal, fail, json_object
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

# As common libraries and servers say it; each is an alternative of fixed texts.
WRONG_SIGNATURE = re.compile(
    "invalid|fail|not valid|not match|mismatch|not be verified|not verif|unverif|bad|wrong"
    "|incorrect|tamper|unable to verify|forged"
)
NO_ACCOUNT = re.compile(
    "invalid|deleted|not exist|n[’']t exist|not found|unknown|no longer|does not|no such|no user"
    "|no account|removed|gone|disabled|deactivated|inactive|suspended|not registered|not find"
    "|cannot find|n[’']t find"
)
COMMON_SHAPE = "a JSON object with the sentence detail, and its status as status_code"


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


def says_that_the_signature_is_wrong(text: str) -> bool:
    """Return whether a message says so, and not that the token expired."""
    words = text.lower()
    return "signature" in words and "expired" not in words and bool(WRONG_SIGNATURE.search(words))


@then("every message says that the signature is invalid")
def says_signature(scene: Scene) -> None:
    scene.assert_every_answer(
        "a message about an invalid signature",
        lambda answer: says_that_the_signature_is_wrong(message(answer)),
        "the message does not say that the signature is invalid",
    )


def says_that_there_is_no_account(text: str) -> bool:
    """Return whether a message says that the account, or the user, is invalid or deleted."""
    words = text.lower()
    return ("account" in words or "user" in words) and bool(NO_ACCOUNT.search(words))


@then("every message says that the account is invalid or deleted")
def says_account(scene: Scene) -> None:
    scene.assert_every_answer(
        "a message about the account",
        lambda answer: says_that_there_is_no_account(message(answer)),
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


@then(phrase('the details of the answer name "{text}"'))
def details_name(scene: Scene, text: str) -> None:
    if (scene.answer.status or 0) < 400:
        return  # this is no error; other scenarios judge that it should be one
    named, wanted = names_only(scene.answer, text), f"{text} and no other field"
    expect(named, _names_others(text), expected=wanted, answer=scene.answer)


def _names_others(text: str) -> str:
    return f"an error does not name {text} alone"


@then(phrase('every answer\'s details name "{text}", if it is a 422'))
def every_422_names(scene: Scene, text: str) -> None:
    scene.assert_every_answer(
        f"{text} and no other field",
        lambda answer: answer.status != 422 or names_only(answer, text),
        _names_others(text),
    )


@then(phrase('every answer\'s details name "{text}"'))
def every_detail_names(scene: Scene, text: str) -> None:
    """Errors alone are read: that each answer is one is said before."""
    scene.assert_every_answer(
        f"{text} and no other field",
        lambda answer: (answer.status or 0) < 400 or names_only(answer, text),
        _names_others(text),
    )


@then("the answer is an error of the common shape")
def common_shape(scene: Scene) -> None:
    answer = scene.answer
    expect(answer.status is not None, "no answer instead of an error", answer=answer)
    if problem := problem_of_shape(answer):
        fail(problem, expected=COMMON_SHAPE, actual=_type_and_body(answer), answer=answer)


@then("every error is of the common shape")
def every_common_shape(scene: Scene) -> None:
    """Name the first deviation, with all operations that show it."""
    problem = next(filter(None, map(problem_of_shape, scene.answers)), "")
    scene.assert_every_answer(
        COMMON_SHAPE,
        lambda answer: not problem or problem_of_shape(answer) != problem,
        problem,
        _type_and_body,
    )


def _type_and_body(answer: Answer) -> str:
    return f"{answer.header('content-type') or 'no content type'}: {came(answer)}"


def problem_of_shape(answer: Answer) -> str:
    """Say how an error differs from FR-019: `detail` is a sentence, `status_code` the status.

    Empty for one that does not differ, for an answer that is no error, and for none: other
    scenarios judge that there should be an error.
    """
    if answer.status is None or answer.status < 400:
        return ""
    value = answer.json
    if not isinstance(value, dict):
        return "an error that is no JSON object"
    detail = value.get("detail")
    if not isinstance(detail, str) or not detail.strip():
        return "an error whose detail is no sentence"
    if "status_code" not in value:
        return "an error without status_code"
    if value["status_code"] != answer.status:
        return "an error whose status_code is not its status"
    return "" if answer.said_to_be_json else "an error whose content type is not JSON"


@then("the error has no member but detail, status_code and the list of errors of a 422")
def no_other_member(scene: Scene) -> None:
    answer, value = scene.answer, scene.answer.json
    if (answer.status or 0) < 400 or not isinstance(value, dict):
        return  # other scenarios judge that it should be an error, and its shape
    allowed = {"detail", "status_code"} | ({"errors"} if answer.status in {400, 422} else set())
    more = sorted(value.keys() - allowed - {"message", "error"})
    expect(not more, "an error with more members", expected=sorted(allowed), answer=answer)


@then(
    phrase('its list of errors has a location, a message and a type for "{title}" and for "{text}"')
)
def errors_for(scene: Scene, title: str, text: str) -> None:
    value = json_object(scene.answer)
    # The list may have any name here: the step of the common shape judges its name.
    errors = next((v for v in value.values() if isinstance(v, list)), [])
    locations = [place for error in errors if (place := _last_of_location(error)) is not None]
    wrong = "the list of errors does not name both fields"
    expect_equal(sorted(locations), sorted([title, text]), wrong, scene.answer)


def _last_of_location(error: object) -> str | None:
    """Return the last part of an error's `loc`; None without the three members it should have."""
    if not isinstance(error, dict) or not isinstance(error.get("loc"), list) or not error["loc"]:
        return None
    says = all(isinstance(error.get(name), str) and error[name] for name in ("msg", "type"))
    return str(error["loc"][-1]) if says else None
