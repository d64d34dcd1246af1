"""Then: statuses, headers and bodies of the answers, one by one and all together."""

from __future__ import annotations

import re

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_status, expect_statuses
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


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


@then("every operation succeeds")
def every_operation_succeeds(scene: Scene) -> None:
    scene.expect_every_status(200, 201, 204)


@then(phrase("exactly one deletion succeeds and all others are {others:d}"))
def one_deletion_succeeds(scene: Scene, others: int) -> None:
    in_order = sorted(scene.answers, key=lambda answer: answer.status or 0)
    statuses = [answer.status for answer in in_order]
    expect(
        any(status in {200, 204} for status in statuses),
        "no deletion succeeded",
        expected=204,
        actual=statuses,
        answer=in_order[0],
    )
    succeeded = sum(status in {200, 204} for status in statuses)
    expect(
        succeeded == 1,
        "several deletions of one task succeeded",
        expected=[204, *[others] * (len(statuses) - 1)],
        actual=statuses,
        answer=in_order[0],
    )
    expect_statuses(in_order, {200, 204, others})


@then("the answer is 204 without a body")
def no_content(scene: Scene) -> None:
    expect_status(scene.answer, 204)
    expect(not scene.answer.body, "a 204 with a body", expected="no body", answer=scene.answer)


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
        content_type = answer.header("content-type") or ""
        return not answer.body or (
            content_type.startswith("application/json") and answer.json is not None
        )

    expect(any(answer.body for answer in scene.answers), "no answer has a body")
    scene.assert_every_answer("application/json", holds, "a body is not JSON", _type_and_body)


@then("each may only do it on their own tasks")
def only_on_own(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        return answer.status in ({200, 201, 204} if answer.own else {403, 404})

    scene.assert_every_answer(
        "a success on own tasks, 403 or 404 on others",
        holds,
        "own tasks are refused, or tasks of others are not",
    )


def _type_and_body(answer: Answer) -> str:
    return f"{answer.header('content-type') or 'no content type'}: {answer.text}"
