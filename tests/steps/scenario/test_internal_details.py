"""What an answer should not show is recognized, and nothing else is taken for it (SR-010)."""

import json

import pytest

from steps.scenario.internal_details import has_internal_detail

OWN = ("http://127.0.0.1:8123", "http://localhost:3000")
LEAKS = {
    "Python": 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in read',
    "psycopg": "psycopg.OperationalError: connection failed",
    "Node.js": "TypeError: Cannot read properties of undefined\n    at read (/srv/tasks.js:92:19)",
    "Node.js, alone": "SyntaxError: Unexpected token\n    at JSON.parse (<anonymous>)",
    "Node.js, modules": "/srv/node_modules/express/lib/router",
    "Node.js, internal": "at node:internal/process/task_queues",
    "Node.js, exception": "TypeError: x is not a function",
    "TypeScript": "src/tasks.ts:12",
    "Java": "at org.example.Tasks.read(Tasks.java:42)",
    "Java, class": "org.postgresql.util.PSQLException",
    "Java, exception": 'NullPointerException: Cannot invoke "Task.getId()"',
    "Java, pool": "HikariPool-1 - Connection is not available",
    "Java, mapper": "could not execute statement [Hibernate]",
    "Kotlin": "Tasks.kt:42",
    ".NET": "   at Todo.Tasks.Read(String id) in /src/Tasks.cs:line 42",
    ".NET, without lines": "failed\n   at Npgsql.NpgsqlConnector.Connect(NpgsqlTimeout timeout)",
    ".NET, exception": "System.NullReferenceException: Object reference not set",
    "Go": "panic: runtime error\n\ngoroutine 12 [running]:\nmain.read(0x1)",
    "Go, line": "/src/tasks.go:42",
    "Go, driver": 'pq: password authentication failed for user "todo"',
    "Ruby": "app/models/task.rb:12:in `save'",
    "Ruby, driver": "PG::UniqueViolation: ERROR",
    "Ruby, mapper": "ActiveRecord::ConnectionNotEstablished",
    "PHP": "Uncaught Error in /var/www/tasks.php on line 12",
    "PHP, mapper": "Illuminate\\Database\\QueryException",
    "Rust": "panicked at src/tasks.rs:12:5",
    "Prisma": "Invalid `prisma.task.create()` invocation",
    "constraint": 'duplicate row violates unique constraint "tasks_pkey"',
    "syntax": 'invalid input syntax for type uuid: "milk"',
    "relation": 'relation "tasks" does not exist',
    "trigger": "CONTEXT:  PL/pgSQL function refuse_commit() line 1 at RAISE",
    "statement": "SELECT id FROM tasks",
    "host": 'connection to server at "127.0.0.1", port 5432 failed',
    "another address": "http://127.0.0.1:5432",
}
HARMLESS = [
    "Something went wrong.",
    "Internal Server Error",
    "ValidationError",
    "ValidationError: title is required",
    "JsonWebTokenError: invalid signature",
    "TokenExpiredError: jwt expired",
    "SyntaxError: Unexpected token B in JSON at position 0",
    "NotFoundException: there is no such task",
    "HTTPException: 404",
    "InternalServerError",
    "https://errors.pydantic.dev/2.11/v/missing",
    "https://docs.example.org/errors/index.php",
    "http://127.0.0.1:8123/api/alice/tasks",
    "http://localhost:8123/api",
    "http://localhost:3000",
    "Error: a title is needed",
    "Invalid input: the title violates the length limit",
    "The title must have at least (1) character",
    "at least 1 character (or more)",
    "The relation of user and task is wrong",
    "org.example.todo",
    "Expecting value: line 1 column 2 (char 1)",
    "invalid character 'x' looking for beginning of value",
]


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_an_internal_detail_is_found(text: str) -> None:
    assert has_internal_detail(text, OWN)
    assert has_internal_detail(json.dumps({"detail": text}), OWN)


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_message_is_none(text: str) -> None:
    assert not has_internal_detail(text, OWN)
    assert not has_internal_detail(json.dumps({"detail": text, "status_code": 500}), OWN)
