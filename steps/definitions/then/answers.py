"""Then: statuses, headers and bodies of the answers, one by one and all together."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import (
    expect,
    expect_equal,
    expect_status,
    expect_statuses,
    expect_success,
)
from steps.scenario.identities import TEXT, kind_of
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from traceability.evidence.recording.not_run import NotRun


@then(phrase("the answer is {status:d}"))
def status_is(scene: Scene, status: int) -> None:
    expect_status(scene.answer, status)


@then(phrase("{who}'s token is answered {status:d}"))
def token_is_answered(scene: Scene, who: str, status: int) -> None:
    expect_status(scene.answers[0], status)


@then(phrase("a token signed with the new secret is answered {status:d}"))
def new_token_is_answered(scene: Scene, status: int) -> None:
    expect_status(scene.answers[1], status)


@then(phrase("every answer is {status:d}"))
def every_status_is(scene: Scene, status: int) -> None:
    scene.expect_every_status(status)


@then(phrase("every answer is one of {statuses}"))
def every_status_is_one_of(scene: Scene, statuses: str) -> None:
    scene.expect_every_status(*(int(number) for number in re.findall(r"\d+", statuses)))


@then(phrase("both answers are {status:d}"))
def both_are(scene: Scene, status: int) -> None:
    expect_equal(len(scene.answers), 2, "there are not two answers")
    scene.expect_every_status(status)


@then(phrase("every answer to {who} is {status:d}"))
def every_answer_to_user(scene: Scene, who: str, status: int) -> None:
    answers = [answer for answer in scene.answers if answer.sender == who]
    expect(answers, f"{who} asked for nothing")
    expect_statuses(answers, (status,), "")


@then("no answer serves the request")
def none_serves(scene: Scene) -> None:
    """Accept every error: other scenarios judge which status a refusal has."""
    scene.expect_every_status(*range(400, 1000), wanted="a refusal")


@then("the answer is 422, or 404 where any text is an id")
@then("every answer is 422, or 404 where any text is an id")
def malformed_id_is_422(scene: Scene) -> None:
    """Where ids are texts of any form, an id that the scenario makes up is one that nobody has."""
    allowed = {422, 404} if kind_of(scene.tasks.sample_id()) == TEXT else {422}
    scene.expect_every_status(*allowed)


@then("every operation succeeds")
def every_operation_succeeds(scene: Scene) -> None:
    scene.expect_every_status(200, 201, 204)


@then(phrase("exactly one deletion succeeds and all others are {others:d}"))
def one_deletion_succeeds(scene: Scene, others: int) -> None:
    in_order = sorted(scene.answers, key=lambda answer: answer.status or 0)
    expect(in_order, "no request was sent")
    statuses = [answer.status for answer in in_order]
    succeeded = sum(status in {200, 204} for status in statuses)
    wrong = "several deletions of one task succeeded" if succeeded else "no deletion succeeded"
    wanted = [204, *[others] * (len(statuses) - 1)]
    expect(succeeded == 1, wrong, expected=wanted, actual=statuses, answer=in_order[0])
    expect_statuses(in_order, {200, 204, others})


@then("the answer has no body")
def no_content(scene: Scene) -> None:
    bare = scene.answer.body == b""
    expect(bare, "an answer with a body", expected="no body", answer=scene.answer)


@then("the answer is a success")
def is_success(scene: Scene) -> None:
    """Accept any status of success: other scenarios judge which one it has to be."""
    expect_success(scene.answer)


@then("every answer refuses what was sent")
def every_answer_refuses(scene: Scene) -> None:
    """Accept any status of a client's error but that of a token: SC-010 asks for 422."""
    refusals = set(range(400, 500)) - {401, 403, 429}
    scene.expect_every_status(*refusals, wanted="a refusal of what was sent")


@then("every operation succeeds, or is refused for how it was sent")
def succeeds_or_refused_as_sent(scene: Scene) -> None:
    """A server need not read what no operation has, such as the body of a GET (RFC 9110, 9.3.1)."""
    accepted = {200, 201, 204, 400, 411, 413, 415, 422}
    wanted = "a success, or a refusal of the request's form"
    scene.expect_every_status(*accepted, wanted=wanted)


@then("no WebSocket opens")
def no_websocket(scene: Scene) -> None:
    """Only a 101 opens one (RFC 6455, section 4.2.2): any other answer, or none, opens nothing."""
    scene.assert_every_answer("a refusal to open", lambda answer: answer.status != 101)


@then(phrase("the Allow header lists {methods}"))
def allow_lists(scene: Scene, methods: str) -> None:
    allowed = {method.strip() for method in (scene.answer.header("allow") or "").split(",")}
    expected = set(methods.split(", "))
    expect(
        allowed - {"HEAD", "OPTIONS"} == expected,
        "Allow does not list the methods of the path",
        expected=methods,
        actual=", ".join(sorted(allowed)),
        answer=scene.answer,
    )


@then("every answer with a body is JSON")
def every_body_is_json(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return not answer.body or (answer.said_to_be_json and answer.json is not None)

    expect(any(answer.body for answer in scene.answers), "no answer has a body")
    scene.assert_every_answer("application/json", holds, "a body is not JSON", _type_and_body)


@then("each may only do it on their own tasks")
def only_on_own(scene: Scene) -> None:
    """Judge the other users' tasks alone: other scenarios judge that one's own can be used."""

    def holds(answer: Answer) -> bool:
        return answer.own or answer.status not in {200, 201, 204}

    scene.assert_every_answer(
        "a refusal on tasks of others", holds, "tasks of others are not refused"
    )


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


def _type_and_body(answer: Answer) -> str:
    return f"{answer.header('content-type') or 'no content type'}: {answer.text}"
