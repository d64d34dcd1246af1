"""Then: statuses, headers and bodies of the answers, one by one and all together."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from traceability.evidence.recording.not_run import NotRun


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
    scene.assert_every_answer(str(status), lambda answer: answer.status == status)


@then(phrase("every answer is one of {statuses}"))
def every_status_is_one_of(scene: Scene, statuses: str) -> None:
    allowed = {int(number) for number in re.findall(r"\d+", statuses)}
    scene.assert_every_answer(f"one of {statuses}", lambda answer: answer.status in allowed)


@then(phrase("both answers are {status:d}"))
def both_are(scene: Scene, status: int) -> None:
    assert len(scene.answers) == 2, f"{len(scene.answers)} answers instead of 2"
    scene.assert_every_answer(str(status), lambda answer: answer.status == status)


@then("every operation succeeds")
def every_operation_succeeds(scene: Scene) -> None:
    scene.assert_every_answer("a success", lambda answer: answer.status in {200, 201, 204})


@then(phrase("exactly one deletion succeeds and all others are {others:d}"))
def one_deletion_succeeds(scene: Scene, others: int) -> None:
    statuses = [answer.status for answer in scene.answers]
    succeeded = [status for status in statuses if status in {200, 204}]
    assert len(succeeded) == 1, f"{len(succeeded)} deletions succeeded instead of one: {statuses}"
    rest = {status for status in statuses if status not in {200, 204}}
    assert rest <= {others}, f"expected only {others} beside it: {statuses}"


@then("the answer is 204 without a body")
def no_content(scene: Scene) -> None:
    assert scene.answer.status == 204, f"expected 204: {scene.answer}"
    assert scene.answer.body == b"", f"expected no body: {scene.answer}"


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
    scene.assert_every_answer("JSON", holds)


@then("each may only do it on their own tasks")
def only_on_own(scene: Scene) -> None:
    """Judge the other users' tasks alone: other scenarios judge that one's own can be used."""

    def holds(answer: Answer) -> bool:
        return answer.own or answer.status not in {200, 201, 204}

    scene.assert_every_answer("a refusal on tasks of others", holds)


@then("the server was there to answer every request")
def all_were_answered(scene: Scene) -> None:
    """Let silence be what it is: it gives nothing away, and shows nothing either."""
    missing = [answer for answer in scene.answers if answer.status is None]
    if missing:
        raise NotRun(
            f"target cannot answer every request ({missing[0].error}): those that it answered "
            "give nothing away"
        )
    served = [answer for answer in scene.answers if answer.status in {200, 201, 204}]
    if not served:
        raise NotRun("target cannot serve users their own tasks: nothing could have shown")
