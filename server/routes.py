"""The six operations: HTTP on this side, `Tasks` on the other."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from server.list_response import list_response
from server.schemas import TaskId, TaskInput, TaskRead, parse_task
from server.tasks import Tasks


async def _own_tasks(request: Request) -> Tasks:
    # Implements: SR-002
    tasks: Tasks = request.state.tasks
    return tasks


async def _task_input(request: Request) -> TaskInput:
    # Implements: EC-06
    return parse_task(request.headers.get("content-type", ""), await request.body())


OwnTasks = Annotated[Tasks, Depends(_own_tasks)]
Given = Annotated[TaskInput, Depends(_task_input)]

# The user id of the path is compared with the token's before any route is looked for. A handler
# does not need it: it works on the tasks of the token's user.
router = APIRouter(prefix="/api/{user_id}/tasks", redirect_slashes=False)


@router.get("", response_model=list[TaskRead], operation_id="listTasks")
async def list_tasks(tasks: OwnTasks) -> Response:
    """List the user's tasks, newest first."""
    # Implements: FR-007, US2-AS2
    return list_response(await tasks.newest_first())


@router.post("", response_model=TaskRead, status_code=201, operation_id="createTask")
async def create_task(tasks: OwnTasks, given: Given) -> TaskRead:
    """Create a task."""
    # Implements: FR-006, US2-AS1
    return await tasks.create(given)


@router.get("/{task_id}", response_model=TaskRead, operation_id="getTask")
async def get_task(tasks: OwnTasks, task_id: TaskId) -> TaskRead:
    """Read one task."""
    # Implements: FR-008, US5-AS1
    return await tasks.get(task_id)


@router.put("/{task_id}", response_model=TaskRead, operation_id="updateTask")
async def update_task(tasks: OwnTasks, task_id: TaskId, given: Given) -> TaskRead:
    """Replace title and description; completion stays as it is."""
    # Implements: FR-009, US3-AS1
    return await tasks.replace(task_id, given)


@router.delete("/{task_id}", status_code=204, operation_id="deleteTask")
async def delete_task(tasks: OwnTasks, task_id: TaskId) -> None:
    """Delete a task for good."""
    # Implements: FR-010, US3-AS2
    await tasks.delete(task_id)


@router.patch("/{task_id}/complete", response_model=TaskRead, operation_id="toggleTaskCompletion")
async def toggle_task(tasks: OwnTasks, task_id: TaskId) -> TaskRead:
    """Turn a task's completion around."""
    # Implements: FR-011, US4-AS1, US4-AS2
    return await tasks.toggle(task_id)
