"""The source is searched for secrets, connection strings and assembled SQL (SR-006, 007, 009)."""

import ast
from pathlib import Path

import pytest

from steps.scenario.source_search import (
    assembled_sql_in,
    connection_strings_in,
    search,
    secrets_in,
)


@pytest.mark.parametrize(
    "line",
    [
        'SECRET = "correct-horse-battery"',
        'jwt_secret: str = "correct-horse-battery"',
        'verify(token, secret="correct-horse-battery")',
        'config = {"JWT_SECRET": "correct-horse-battery"}',
        'self.private_key = "correct-horse-battery"',
    ],
)
def test_a_secret_in_the_code_is_found(line: str) -> None:
    assert list(secrets_in(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'secret = os.environ["JWT_SECRET"]',
        'REMEDIES = {"JWT_SECRET": "set it to the shared secret"}',
        'algorithm = "HS256-with-a-long-name"',
        'secret = "short"',
        'SECRET_VARIABLE = "JWT_SECRET"',
        'jwt_secret = "JWT_SECRET"',
        'PASSWORD_FIELD = "password"',
        'load(secret_name="jwt-signing")',
        'load(secretName="jwt-signing")',
    ],
)
def test_text_that_is_no_secret_is_not_found(line: str) -> None:
    assert not list(secrets_in(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'URL = "postgresql://postgres:postgres@localhost/tasks"',
        'os.getenv("DATABASE_URL", "sqlite:///tasks.db")',
        'connect("postgresql+asyncpg://db:5432/tasks")',
    ],
)
def test_a_connection_string_in_the_code_is_found(line: str) -> None:
    assert list(connection_strings_in(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'raise ValueError("set it to postgresql://user:password@host/name")',
        'url.startswith("postgresql://")',
        'def f():\n    "postgresql://user:password@host/name"',
    ],
)
def test_a_mention_of_a_connection_string_is_not_found(line: str) -> None:
    assert not list(connection_strings_in(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'execute(f"SELECT * FROM tasks WHERE id = {task_id}")',
        'execute("SELECT * FROM tasks WHERE id = %s" % task_id)',
        'execute("DELETE FROM tasks WHERE id = " + task_id)',
        'execute("UPDATE tasks SET title = {}".format(title))',
        'execute(f"INSERT INTO {table} VALUES (1)")',
        'execute(f"SELECT {columns} FROM tasks")',
        'execute(f"UPDATE {table} SET title = 1")',
        "select(Task).where(text(f\"user_id = '{user_id}'\"))",
        'session.execute("LOCK " + table)',
        'query += "DELETE FROM tasks"',
        'query = "SELECT " + COLUMNS + " FROM tasks WHERE id = " + task_id',
        'COLUMNS = "id"\nquery = f"SELECT {COLUMNS} FROM tasks WHERE id = {task_id}"',
        'TABLE = "tasks"\nTABLE = other\nexecute(f"SELECT * FROM {TABLE}")',
        'TABLE = "tasks"\ndef f(TABLE):\n    execute(f"SELECT * FROM {TABLE}")',
        'query = f"WITH own AS (SELECT * FROM tasks WHERE user_id = {user}) SELECT 1"',
        (
            'class R:\n    T = "tasks"\n    def f(self, name):\n        self.T = name\n'
            '        execute(f"SELECT * FROM {self.T}")'
        ),
        'execute(f"SELECT {other.COLUMNS} FROM tasks")',
        "execute(f\"SELECT {', '.join(columns)} FROM tasks\")",
    ],
)
def test_assembled_sql_is_found(line: str) -> None:
    assert list(assembled_sql_in(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'execute("SELECT * FROM tasks WHERE id = %s", [task_id])',
        "select(Task).where(Task.user_id == user_id)",
        'log(f"{count} tasks deleted from the list")',
        'COLUMNS = "id, title"\nexecute(f"SELECT {COLUMNS} FROM tasks WHERE id = %s", [task_id])',
        'execute("SELECT * FROM tasks " + "WHERE id = %s", [task_id])',
        'T = "tasks"\nALL = "SELECT * FROM " + T\nexecute(ALL + " WHERE id = %s", [task_id])',
        'T = "tasks"\nexecute("SELECT * FROM {} WHERE id = 1".format(T))',
        'log.warning(f"Failed to update task {task}: the title was not set")',
        'log.info(f"Update of {task}: the title was set")',
        'raise ValueError(f"Update of {task}: the title was not set")',
        'detail = f"Could not delete from the list of {user}"',
        'class R:\n    T = "tasks"\n    def f(self):\n        execute(f"SELECT * FROM {self.T}")',
        'class R:\n    T = "tasks"\nexecute(f"SELECT * FROM {R.T}")',
        'C = ("id", "title")\nexecute(f"SELECT {\', \'.join(C)} FROM tasks")',
    ],
)
def test_parameterized_sql_is_not_found(line: str) -> None:
    assert not list(assembled_sql_in(ast.parse(line)))


CONSTANTS = 'COLUMNS = "id, title"\nTABLE = "tasks"\nTABLE = read("TABLE")\n'


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ('from app.constants import COLUMNS\nexecute(f"SELECT {COLUMNS} FROM tasks")', 0),
        ('from .constants import COLUMNS as C\nexecute(f"SELECT {C} FROM tasks")', 0),
        ('from app import constants\nexecute(f"SELECT {constants.COLUMNS} FROM tasks")', 0),
        ('import app.constants\nexecute(f"SELECT {app.constants.COLUMNS} FROM tasks")', 0),
        ('from app.constants import TABLE\nexecute(f"SELECT id FROM {TABLE}")', 1),
        ('from app.elsewhere import COLUMNS\nexecute(f"SELECT {COLUMNS} FROM tasks")', 1),
        (
            (
                "from app.constants import COLUMNS\ndef f(COLUMNS):\n"
                '    execute(f"SELECT {COLUMNS} FROM tasks")'
            ),
            1,
        ),
    ],
)
def test_a_constant_of_another_module_is_one(tmp_path: Path, used: str, found: int) -> None:
    files = {tmp_path / "constants.py": CONSTANTS, tmp_path / "used.py": used}
    for path, text in files.items():
        path.write_text(text, "utf-8")
    assert len(search(tmp_path, files, assembled_sql_in, "").places) == found


def test_of_modules_of_one_name_a_constant_is_one_in_all(tmp_path: Path) -> None:
    for folder, text in {"a": 'TABLE = "tasks"', "b": "TABLE = read()"}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "names.py").write_text(text, "utf-8")
    used = tmp_path / "used.py"
    used.write_text('from a.names import TABLE\nexecute(f"SELECT id FROM {TABLE}")', "utf-8")
    assert search(tmp_path, tmp_path.rglob("*.py"), assembled_sql_in, "").places == ["used.py:2"]
