"""Concrete paths come back to the operations that they are calls of."""

from __future__ import annotations

import pytest

from traceability.operations import operations


@pytest.mark.parametrize(
    ("path", "general"),
    [
        ("/health", "/health"),
        ("/shops/7/items", "/shops/{id}/items"),
        ("/shops/7/items?page=2", "/shops/{id}/items"),
        ("/x/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/x/{id}"),
        ("/x/reader3f9a77c01b2e/loans", "/x/{id}/loans"),
        ("/x/kQzVbYwTnPfGhJdLsRmXcAoE/loans", "/x/{id}/loans"),
        ("/x/%2e%2e/loans", "/x/{id}/loans"),
        ("/api/v1/things", "/api/v1/things"),
        ("/x/a-readable-name-of-something/loans", "/x/a-readable-name-of-something/loans"),
        ("", ""),
    ],
)
def test_one_path(path: str, general: str) -> None:
    assert operations([path]) == {path: general}


def test_a_word_between_the_same_neighbours_as_an_id_is_one_too() -> None:
    found = operations(["/shops/7/items", "/shops/nobody/items", "/shops/nobody/staff"])
    assert found["/shops/nobody/items"] == "/shops/{id}/items"
    assert found["/shops/nobody/staff"] == "/shops/nobody/staff"


def test_a_last_word_is_an_operation_of_its_own() -> None:
    found = operations(["/shops/7", "/shops/search"])
    assert found["/shops/search"] == "/shops/search"
