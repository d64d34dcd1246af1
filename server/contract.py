"""The contract as OpenAPI 3.1: `python -m server.contract`, and `--check FILE` against drift."""

import difflib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi.openapi.utils import get_openapi

from server.routes import router
from server.schemas import TaskInput, TaskRead

TASK = {
    "id": "3f2b8c1e-6d0a-4c57-9a53-0f5d1d2c7b11",
    "user_id": "Zk3vQ0aB7cD1eF2gH4iJ5kL6mN8oP9qR",
    "title": "Buy milk",
    "description": "Two litres, the fresh one",
    "is_completed": False,
    "created_at": "2026-01-31T08:00:00.000000Z",
    "updated_at": "2026-01-31T08:00:00.000000Z",
}
INPUT = {"title": TASK["title"], "description": TASK["description"]}

# Status: what it means here, and the one sentence of an example.
ERRORS = {
    "401": ("No valid token, or none at all.", "The token has expired."),
    "403": (
        "The URL's user is not the token's, or the task is another user's.",
        "This URL belongs to another user.",
    ),
    "404": ("There is no such task.", "There is no task of this id."),
    "413": ("The body is too long.", "The body is longer than 65536 bytes."),
    "422": ("The task id or the body is invalid.", "Invalid input in body.title: Field required."),
    "500": ("Something else failed; the log knows what.", "Internal server error."),
}
ITEM = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}

ERROR = {
    "type": "object",
    "properties": {"detail": {"type": "string"}, "status_code": {"type": "integer"}},
    "required": ["detail", "status_code"],
}
PLACE = {
    "type": "object",
    "properties": {
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
    "required": ["loc", "msg", "type"],
}
INVALID_INPUT = {
    "type": "object",
    "properties": {
        "detail": {"type": "string"},
        "status_code": {"const": 422},
        "errors": {"type": "array", "minItems": 1, "items": PLACE},
    },
    "required": ["detail", "status_code", "errors"],
}

# Operation: its status of success, what it answers then, and the errors beside `ALWAYS`.
ALWAYS = ("401", "403", "413", "500")
OPERATIONS: dict[str, tuple[str, str, object, tuple[str, ...]]] = {
    "listTasks": ("200", "All tasks, newest first.", [TASK], ()),
    "createTask": ("201", "The task as created.", TASK, ("422",)),
    "getTask": ("200", "The task.", TASK, ("404", "422")),
    "updateTask": ("200", "The task as changed.", TASK, ("404", "422")),
    "deleteTask": ("204", "The task is gone.", None, ("404", "422")),
    "toggleTaskCompletion": ("200", "The task as toggled.", TASK, ("404", "422")),
}
WITH_BODY = ("createTask", "updateTask")
ON_ONE_TASK = [name for name, (*_, errors) in OPERATIONS.items() if "404" in errors]


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any], example: object) -> dict[str, Any]:
    return {"application/json": {"schema": schema, "example": example}}


def _error(status: str) -> dict[str, Any]:
    meaning, sentence = ERRORS[status]
    example: dict[str, Any] = {"detail": sentence, "status_code": int(status)}
    response: dict[str, Any] = {"description": meaning}
    if status == "422":
        example["errors"] = [ITEM]
    if status == "401":
        response["headers"] = {
            "WWW-Authenticate": {
                "description": "`Bearer`, with an RFC 6750 error code if a token was sent.",
                "required": True,
                "schema": {"type": "string"},
            }
        }
    schema = _ref("InvalidInput" if status == "422" else "Error")
    return {**response, "content": _json(schema, example)}


def _links(pointer: str) -> dict[str, Any]:
    """Return the OpenAPI links to the operations on an answer's task, found at `pointer`."""
    return {
        name: {
            "operationId": name,
            "parameters": {
                "user_id": f"$response.body#{pointer}/user_id",
                "task_id": f"$response.body#{pointer}/id",
            },
            **({"requestBody": INPUT} if name == "updateTask" else {}),
        }
        for name in ON_ONE_TASK
    }


def _parameter(name: str, description: str, **schema: object) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _complete(operation: dict[str, Any]) -> None:
    """Add to an operation what the framework does not know, because the middleware decides it."""
    # Implements: SC-011, SC-012
    name = operation["operationId"]
    status, meaning, example, errors = OPERATIONS[name]
    operation["parameters"] = [
        _parameter("user_id", "The id of the token's user.", minLength=1, maxLength=255)
    ]
    if name in ON_ONE_TASK:
        operation["parameters"].append(
            _parameter("task_id", "A task of this user.", format="uuid", examples=[TASK["id"]])
        )
    if name in WITH_BODY:
        body = _json(_ref("TaskInput"), INPUT)
        operation["requestBody"] = {"required": True, "content": body}
    success: dict[str, Any] = {"description": meaning}
    if isinstance(example, list):
        success["content"] = _json({"type": "array", "items": _ref("TaskRead")}, example)
        success["links"] = _links("/0")
    elif example:
        success["content"] = _json(_ref("TaskRead"), example)
        success["links"] = _links("")
    operation["responses"] = {
        status: success,
        **{code: _error(code) for code in sorted((*ALWAYS, *errors))},
    }


def document() -> dict[str, Any]:
    """Build the OpenAPI document: paths from the routes, everything else from the tables above."""
    # Implements: SC-011, SC-012
    contract = get_openapi(
        title="Tasks of many users",
        version="1.0.0",
        summary="Each user sees and changes their own tasks only.",
        routes=router.routes,
    )
    for path in contract["paths"].values():
        for operation in path.values():
            _complete(operation)
    contract["security"] = [{"bearerAuth": []}]
    contract["components"] = {
        "securitySchemes": {
            "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        },
        "schemas": {
            "TaskInput": TaskInput.model_json_schema(),
            "TaskRead": TaskRead.model_json_schema(mode="serialization"),
            "Error": ERROR,
            "InvalidInput": INVALID_INPUT,
        },
    }
    return contract


def main(arguments: Sequence[str]) -> int:
    """Print the contract; with `--check FILE`, print how it differs from the file and return 1."""
    # Implements: SC-012
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if not arguments:
        sys.stdout.write(text)
        return 0
    if len(arguments) != 2 or arguments[0] != "--check":
        print("usage: python -m server.contract [--check FILE]", file=sys.stderr)
        return 2
    old = Path(arguments[1]).read_text(encoding="utf-8")
    changes = list(
        difflib.unified_diff(
            old.splitlines(), text.splitlines(), arguments[1], "what the server does", lineterm=""
        )
    )
    if changes:
        print("\n".join(changes), file=sys.stderr)
        print(
            f"The contract has drifted: python -m server.contract > {arguments[1]}",
            file=sys.stderr,
        )
    return int(bool(changes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
