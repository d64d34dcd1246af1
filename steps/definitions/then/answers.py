"""Then: what the answers say, one by one and all together."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.lenient import FIELDS, task_in
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene, all_must

JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+")
INTERNAL = re.compile(
    r"traceback|psycopg|asyncpg|sqlalchemy|sqlstate|operationalerror|integrityerror"
    r"|select .+ from|insert into|\.py\b|line \d+, in |127\.0\.0\.1|localhost|port \d+"
    r"|connection refused|server closed|pydantic|starlette|uvicorn|\buvloop\b|acceptance_",
    re.IGNORECASE,
)


def message(answer: Answer) -> str:
    """Return what an error says, wherever and in whatever form it says it."""
    value = answer.json
    if isinstance(value, dict):
        texts = [str(value.get(name, "")) for name in ("detail", "message", "error")]
        return " ".join(text for text in texts if text)
    return answer.text.strip()


def located(answer: Answer) -> str:
    """Return everything that a validation error says, to look for a field's name in."""
    return answer.text if isinstance(answer.json, dict) else ""


@then(phrase("the answer is {status:d}"))
def status_is(scene: Scene, status: int) -> None:
    assert scene.answer.status == status, f"expected {status}: {scene.answer}"


@then(phrase("{who}'s token is answered {status:d}"))
def token_is_answered(scene: Scene, who: str, status: int) -> None:
    assert scene.answers[0].status == status, f"expected {status}: {scene.answers[0]}"


@then(phrase("a token signed with the new secret is answered {status:d}"))
def new_token_is_answered(scene: Scene, status: int) -> None:
    assert scene.answers[1].status == status, f"expected {status}: {scene.answers[1]}"


@then(phrase("every answer is {status:d}"))
def every_status_is(scene: Scene, status: int) -> None:
    all_must(scene, str(status), lambda answer: answer.status == status)


@then(phrase("every answer is one of {statuses}"))
def every_status_is_one_of(scene: Scene, statuses: str) -> None:
    allowed = {int(number) for number in re.findall(r"\d+", statuses)}
    all_must(scene, f"one of {statuses}", lambda answer: answer.status in allowed)


@then(phrase("both answers are {status:d}"))
def both_are(scene: Scene, status: int) -> None:
    assert len(scene.answers) == 2, f"{len(scene.answers)} answers instead of 2"
    all_must(scene, str(status), lambda answer: answer.status == status)


@then("every operation succeeds")
def every_operation_succeeds(scene: Scene) -> None:
    all_must(scene, "a success", lambda answer: answer.status in {200, 201, 204})


@then(phrase("exactly one deletion succeeds and all others are {others:d}"))
def exactly_one(scene: Scene, others: int) -> None:
    first, *rest = sorted(answer.status or 0 for answer in scene.answers)
    assert first in {200, 204}, f"no deletion succeeded: {[first, *rest]}"
    assert rest == [others] * len(rest), f"expected only {others} beside it: {[first, *rest]}"


@then("the answer is a task")
def any_task(scene: Scene) -> None:
    """Hold whatever the status and the wrapping, which are judged where they are the point."""
    assert scene.answer.status in {200, 201}, f"expected a task: {scene.answer}"
    task_in(scene.answer)


@then("the answer is 201 with a task")
def created(scene: Scene) -> None:
    _direct_task(scene, 201)


@then("the answer is 200 with a task")
def ok_with_task(scene: Scene) -> None:
    _direct_task(scene, 200)


def _direct_task(scene: Scene, status: int) -> None:
    assert scene.answer.status == status, f"expected {status}: {scene.answer}"
    value = scene.answer.json
    assert isinstance(value, dict), f"expected a task: {scene.answer}"
    assert {"id", "title"} <= value.keys(), f"expected a task: {scene.answer}"


@then("the answer is 204 without a body")
def no_content(scene: Scene) -> None:
    assert scene.answer.status == 204, f"expected 204: {scene.answer}"
    assert scene.answer.body == b"", f"expected no body: {scene.answer}"


@then("every answer has a message")
@then("every answer has details with a message")
def every_message(scene: Scene) -> None:
    all_must(scene, "errors with a message", lambda answer: len(message(answer)) > 3)


@then("every message says that the token expired")
def says_expired(scene: Scene) -> None:
    all_must(scene, "about expiry", lambda answer: "expired" in message(answer).lower())


@then("every message says that the signature is invalid")
def says_signature(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        words = message(answer).lower()
        invalid = re.search("invalid|fail|not valid|does not match|could not be verified", words)
        return "signature" in words and invalid is not None and "expired" not in words

    all_must(scene, "about an invalid signature", holds)


@then("every message says that the account is invalid or deleted")
def says_account(scene: Scene) -> None:
    words = re.compile("account|user", re.IGNORECASE)
    state = re.compile("invalid|deleted|not exist|not found|unknown", re.IGNORECASE)
    all_must(
        scene,
        "about the account",
        lambda answer: bool(words.search(message(answer)) and state.search(message(answer))),
    )


@then("every 401 carries a Bearer challenge")
def every_challenge(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status != 401 or _challenge(answer).startswith("bearer")

    all_must(scene, "Bearer challenges", holds)


@then("every challenge carries the error invalid_token")
def every_challenge_error(scene: Scene) -> None:
    all_must(
        scene,
        'challenges with error="invalid_token" (RFC 6750)',
        lambda answer: 'error="invalid_token"' in _challenge(answer),
    )


@then("the challenge is Bearer without an error code")
def plain_challenge(scene: Scene) -> None:
    """Hold for a request that tried no authentication at all (RFC 6750, section 3.1)."""
    challenge = _challenge(scene.answer)
    assert challenge.startswith("bearer"), f"no Bearer challenge: {challenge!r}"
    assert "error" not in challenge, f"an error code without an attempt: {challenge!r}"


def _challenge(answer: Answer) -> str:
    return (answer.header("www-authenticate") or "").lower()


@then(phrase('the answer is 422 and its details name "{text}"'))
def invalid(scene: Scene, text: str) -> None:
    assert scene.answer.status == 422, f"expected 422: {scene.answer}"
    assert text in located(scene.answer), f"{text} is not named: {scene.answer}"


@then(phrase('every answer\'s details name "{text}"'))
def every_detail_names(scene: Scene, text: str) -> None:
    others = {"title", "description", "task_id"} - {text}

    def holds(answer: Answer) -> bool:
        said = located(answer)
        return text in said and not any(other in said for other in others)

    all_must(scene, f"naming {text} and no other field", holds)


@then("the answer is an error of the common shape")
def common_shape(scene: Scene) -> None:
    """Hold FR-019: `detail` is a sentence, `status_code` the status; a 422 lists its errors."""
    answer, value = scene.answer, scene.answer.json
    assert answer.status is not None, f"expected an error: {answer}"
    if answer.status < 400:
        return  # no error has a shape; that there should be one is judged elsewhere
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
    # Where the list stands is a matter of the common shape, which is judged by itself.
    errors = next((v for v in value.values() if isinstance(v, list)), [])
    locations = [error["loc"][-1] for error in errors if error.keys() >= {"loc", "msg", "type"}]
    assert sorted(locations) == sorted([title, text]), f"locations {locations}: {scene.answer}"


@then(phrase("the Allow header lists {methods}"))
def allow_lists(scene: Scene, methods: str) -> None:
    allowed = {method.strip() for method in (scene.answer.header("allow") or "").split(",")}
    expected = set(methods.split(", "))
    assert allowed - {"HEAD", "OPTIONS"} == expected, f"Allow is {sorted(allowed)}: {scene.answer}"


@then("every answer with a body is JSON")
def every_body_is_json(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        content_type = answer.header("content-type") or ""
        return not answer.body or (
            content_type.startswith("application/json") and answer.json is not None
        )

    assert any(answer.body for answer in scene.answers), "no answer has a body"
    all_must(scene, "JSON", holds)


@then("no answer shows an internal detail")
def nothing_internal(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        # The Server header names a product, as RFC 9110 has it: no detail of what went wrong.
        headers = " ".join(value for name, value in answer.headers if name.lower() != "server")
        return answer.status is not None and not INTERNAL.search(f"{answer.text} {headers}")

    all_must(scene, "free of internal details", holds)


@then(phrase('no answer mentions "{text}"'))
@then(phrase('the answer does not mention "{text}"'))
def nothing_mentions(scene: Scene, text: str) -> None:
    all_must(scene, f"free of {text!r}", lambda answer: not _mentions(answer, text))


@then(phrase('no answer to {who} mentions "{text}"'))
def nothing_to_mentions(scene: Scene, who: str, text: str) -> None:
    assert any(answer.sender == who for answer in scene.answers), f"{who} asked for nothing"
    all_must(
        scene,
        f"free of {text!r} when {who} asks",
        lambda answer: answer.sender != who or not _mentions(answer, text),
    )


@then(phrase("no answer mentions {who}'s id"))
def nothing_mentions_id(scene: Scene, who: str) -> None:
    identity = scene.user(who).id
    all_must(scene, f"free of {who}'s id", lambda answer: not _mentions(answer, identity))


@then("each may only do it on their own tasks")
def only_on_own(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status in ({200, 201, 204} if answer.own else {403, 404})

    all_must(scene, "a success on own tasks and a refusal on others", holds)


def _mentions(answer: Answer, text: str) -> bool:
    return text in answer.text or any(text in value for _, value in answer.headers)


@then("no answer holds a token or sets a cookie")
def no_token(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return not JWT.search(answer.text) and answer.header("set-cookie") is None

    all_must(scene, "free of tokens and cookies", holds)


@then(phrase("no answer has a {names} header"))
@then(phrase("the answer has no {names} header"))
def no_header(scene: Scene, names: str) -> None:
    unwanted = [name.lower() for name in re.split(", | or ", names)]

    def holds(answer: Answer) -> bool:
        return not any(name.lower().startswith(tuple(unwanted)) for name, _ in answer.headers)

    all_must(scene, f"without a {names} header", holds)


@then(phrase("every reading shows the change before it"))
def readings_are_fresh(scene: Scene) -> None:
    titles = [task_in(answer)["title"] for answer in scene.answers]
    assert titles == [f"change {number}" for number in range(len(titles))], f"read: {titles}"


@then("the last answer is 200 and shows the change")
def shows_the_change(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected 200: {scene.answer}"
    assert task_in(scene.answer)["title"] == "changed", f"an old answer: {scene.answer}"


@then(phrase("the task has exactly the fields {names}"))
def exact_fields(scene: Scene, names: str) -> None:
    expected = set(re.split(", | and ", names))
    assert expected == set(FIELDS)
    value = scene.answer.json
    assert isinstance(value, dict), f"not a task: {scene.answer}"
    assert value.keys() == expected, f"fields {sorted(value)}: {scene.answer}"
