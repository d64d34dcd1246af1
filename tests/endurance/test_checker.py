"""The checker: what is right passes, and each lie in the database is named by its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from steps.endurance import lies
from steps.endurance.checker import Compared, Row, compare, read_rows
from steps.endurance.history import Content, History, texts
from steps.endurance.lies import LIES, Lie
from tests.server.databases import Databases

MARK = "mtest"
BLIND = {
    kind: tuple(lie.name for lie in LIES if lie.kind == kind) for kind in {x.kind for x in LIES}
}


def answer(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user,
        "title": row.title,
        "description": row.description,
        "is_completed": row.completed,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def store(connection: psycopg.Connection[Any], history: History, content: Content) -> Row:
    """Create a task and read its row, as the API does."""
    connection.execute(
        "INSERT INTO tasks (user_id, title, description) VALUES (%s, %s, %s)",
        (history.user, content.title, content.description),
    )
    return next(r for r in read_rows(connection, [history]) if r.title == content.title)


def work(connection: psycopg.Connection[Any], history: History) -> None:
    """Create three tasks; replace one and delete another."""
    for _ in range(3):
        content = history.next_content()
        history.created(content, answer(store(connection, history, content)))
    _, replaced, deleted = [*history.tasks]
    content = history.next_content()
    connection.execute(
        "UPDATE tasks SET title = %s, description = %s WHERE id::text = %s",
        (content.title, content.description, replaced),
    )
    row = next(r for r in read_rows(connection, [history]) if r.id == replaced)
    history.changed(replaced, content, answer(row))
    connection.execute("DELETE FROM tasks WHERE id::text = %s", (deleted,))
    history.removed(deleted, acknowledged=True)


@pytest.fixture
def told(owner_url: str) -> Iterator[tuple[psycopg.Connection[Any], list[History]]]:
    """Two users who have worked: what they were told is what is in the database."""
    databases = Databases(owner_url)
    schema = databases.migrated("u-0", "u-1", "somebody-else")
    histories = [History("u-0", MARK), History("u-1", MARK)]
    with psycopg.connect(schema.owner, autocommit=True) as connection:
        for history in histories:
            work(connection, history)
        yield connection, histories
    databases.drop()


def test_each_lie_in_the_database_is_named_and_no_blindness_is_overlooked(
    told: tuple[psycopg.Connection[Any], list[History]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, histories = told
    assert not any(history.wrong for history in histories)
    assert compare(histories, read_rows(connection, histories)) == Compared(4, (), 0)
    found = lies.tell_all(connection, histories)
    assert (found.told, found.unnoticed) == (len(LIES), ())
    for kind, names in BLIND.items():

        def blind(of: Sequence[History], rows: Any, kind: str = kind) -> Compared:
            whole = compare(of, rows)
            return Compared(whole.rows, tuple(x for x in whole.wrong if x.kind != kind), 0)

        monkeypatch.setattr(lies, "compare", blind)
        assert lies.tell_all(connection, histories).unnoticed == names, kind
    monkeypatch.undo()
    # The lies were told on a copy: the database has heard none of them.
    assert compare(histories, read_rows(connection, histories)) == Compared(4, (), 0)


def rows_of(history: History) -> list[Row]:
    """The rows that the history says there are."""
    found = []
    for identity, task in history.tasks.items():
        content = task.possible[0]
        assert content is not None
        found.append(Row(identity, history.user, *content, task.created_at, task.updated_at))
    return found


@pytest.fixture
def history() -> History:
    """A user with one task of whose state she is certain."""
    history = History("u-0", MARK)
    content = history.next_content()
    history.created(content, answer(Row("id-1", "u-0", *content, "2026-01-01", "2026-01-01")))
    return history


def kinds(history: History, *rows: Row) -> list[str]:
    return sorted(one.kind for one in compare([history], rows).wrong)


def test_a_write_without_an_acknowledgement_may_be_stored_or_not(history: History) -> None:
    (row,) = rows_of(history)
    new = history.next_content()
    history.changed("id-1", new, None)
    assert kinds(history, row) == []
    stored = row._replace(title=new.title, description=new.description, updated_at="2026-01-02")
    assert compare([history], [stored]).stored_unacknowledged == 1
    assert kinds(history, stored) == []
    assert kinds(history, row._replace(title=new.title)) == ["half"]
    assert kinds(history) == ["lost"]


def test_a_deletion_without_an_acknowledgement_may_have_happened_or_not(history: History) -> None:
    (row,) = rows_of(history)
    history.removed("id-1", acknowledged=False)
    assert kinds(history, row) == []
    assert compare([history], []).stored_unacknowledged == 1
    assert kinds(history) == []


def test_a_creation_without_an_acknowledgement_happens_at_most_once(history: History) -> None:
    (row,) = rows_of(history)
    new = history.next_content()
    history.created(new, None)
    stored = Row("id-2", "u-0", *new, "2026-01-02", "2026-01-02")
    assert compare([history], [row]).stored_unacknowledged == 0
    assert compare([history], [row, stored]).stored_unacknowledged == 1
    assert kinds(history, row, stored, stored._replace(id="id-3")) == ["duplicate"]
    assert kinds(history, row, stored._replace(description="something else")) == ["foreign"]


def test_an_acknowledged_write_that_is_undone_is_lost(history: History) -> None:
    (row,) = rows_of(history)
    new = history.next_content()
    history.changed("id-1", new, answer(Row("id-1", "u-0", *new, row.created_at, "2026-01-02")))
    assert history.wrong == []
    assert kinds(history, row) == ["lost"]
    (now,) = rows_of(history)
    assert kinds(history, now) == []
    assert kinds(history, now._replace(completed=True)) == ["toggle"]


def test_a_text_of_another_user_in_a_row_of_ones_own_is_foreign(history: History) -> None:
    (row,) = rows_of(history)
    title, _ = texts(MARK, "u-1", 1)
    assert kinds(history, row._replace(title=title)) == ["foreign"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"user_id": "u-1"}, "foreign"),
        ({"title": "another"}, "changed"),
        ({"is_completed": True}, "changed"),
        ({"created_at": "2026-01-09"}, "changed"),
    ],
)
def test_an_answer_is_compared_with_what_is_known(
    history: History, change: dict[str, Any], kind: str
) -> None:
    (row,) = rows_of(history)
    history.read("id-1", answer(row))
    assert history.wrong == []
    history.read("id-1", answer(row) | change)
    assert [one.kind for one in history.wrong] == [kind]


def test_a_list_is_compared_with_what_is_known(history: History) -> None:
    (row,) = rows_of(history)
    known, older = answer(row), Row("id-0", "u-0", "x", None, False, "2025", "2025")
    history.listed([known])
    assert history.wrong == []
    history.listed([])
    history.listed([known, known])
    history.listed([answer(older), known])
    history.removed("id-1", acknowledged=True)
    history.listed([known])
    named = [one.kind for one in history.wrong]
    assert named == ["lost", "duplicate", "changed", "foreign", "resurrected"]


def test_the_name_of_another_user_in_an_answer_is_seen(history: History) -> None:
    history.seen(b'{"detail": "task of u-0"}')
    assert history.wrong == []
    history.seen(b'{"detail": "task of u-12"}')
    assert [one.kind for one in history.wrong] == ["foreign"]


def test_every_kind_of_lie_is_told() -> None:
    assert {lie.kind for lie in LIES} == {
        *("lost", "changed", "toggle", "half", "foreign", "duplicate", "resurrected")
    }
    assert isinstance(LIES[0], Lie)
