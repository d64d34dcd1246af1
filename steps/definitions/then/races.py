"""Then: what comes out of requests that were sent at the same time.

Who speaks of silence, or of failures of the server, is SC-008. Another requirement is judged by
the requests that were answered; where too few were, its scenario does not run.
"""

from __future__ import annotations

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import came, expect, expect_statuses, fail
from steps.http.lenient import completed, own_tasks, task_id, tasks_in
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from traceability.evidence.recording.not_run import NotRun


def failed(answer: Answer) -> bool:
    """Return whether the server did not answer, or with a failure of its own."""
    return answer.status is None or answer.status >= 500


@then("every request is answered, and none with a failure of the server")
def all_are_answered(scene: Scene) -> None:
    scene.expect_every_status(*range(100, 500), wanted="an answer that is no failure")


def _toggled(scene: Scene, title: str) -> bool:
    """Return whether the task is completed now, once every toggle is known to have succeeded."""
    failures = [answer for answer in scene.answers if failed(answer)]
    if failures:
        status = failures[0].status or "no answer"
        raise NotRun(
            f"target cannot answer so many toggles at once ({status}): it is not known which of "
            "them count"
        )
    scene.expect_every_status(200)
    task = scene.tasks[title]
    return completed(scene.tasks.read(task.owner, task.id))


@then(phrase('each toggle counts: the task "{title}" is completed'))
def odd_toggles_count(scene: Scene, title: str) -> None:
    _expect_toggled(scene, title, "completed", "open")


@then(phrase('each toggle counts: the task "{title}" is open'))
def even_toggles_count(scene: Scene, title: str) -> None:
    _expect_toggled(scene, title, "open", "completed")


def _expect_toggled(scene: Scene, title: str, expected: str, lost: str) -> None:
    count, done = len(scene.answers), _toggled(scene, title)
    actual = f"{lost} after {count} toggles"
    expect(done == (expected == "completed"), "a toggle was lost", expected=expected, actual=actual)


@then("every list is answered, and holds exactly the user's own tasks")
def lists_are_right(scene: Scene) -> None:
    """Leave tasks of other users out: that a list holds none is judged by SC-005."""
    all_ids = {task.id for task in scene.tasks.all()}

    def holds(answer: Answer) -> bool:
        own = _own_ids(scene, answer.sender)
        tasks = own_tasks(answer, scene.users.named(answer.sender).id)
        return {task_id(task) for task in tasks} - (all_ids - own) == own

    scene.expect_every_status(200)
    scene.assert_every_answer(
        "the sender's own tasks", holds, "a list does not hold exactly the sender's own tasks"
    )


@then("no list holds a task of somebody else")
def lists_are_own(scene: Scene) -> None:
    lists = [answer for answer in scene.answers if answer.status == 200]
    if not lists:
        raise NotRun(
            f"target cannot show whose tasks it lists: none of {len(scene.answers)} requests at "
            "the same time was answered 200"
        )
    wrong = [one for one in lists if not _ids(one) <= _own_ids(scene, one.sender)]
    if wrong:
        fail(
            "a list holds tasks of somebody else",
            expected="the sender's own tasks",
            actual=f"{len(wrong)} of {len(lists)} lists, as {came(wrong[0])}",
            answer=wrong[0],
        )


def _ids(answer: Answer) -> set[str]:
    return {task_id(task) for task in tasks_in(answer)}


def _own_ids(scene: Scene, who: str) -> set[str]:
    return {task.id for task in scene.tasks.owned_by(who)}


@then("no update is refused because of another one")
def no_conflict(scene: Scene) -> None:
    """A lock on versions answers 409, 412 or 428; what fails otherwise is for others to judge."""
    judged = [answer for answer in scene.answers if not failed(answer)]
    if not judged:
        raise NotRun("target cannot update a task from several clients: it answered none of them")
    expect_statuses(judged, {200})
