"""The path of a request is mapped to the path template of its operation."""

from __future__ import annotations

import pytest

from traceability.report.page.operations import operations, templates


@pytest.mark.parametrize(
    ("path", "template"),
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
        (f"/x/{'y' * 70} z", "/x/{id}"),
        ("", ""),
    ],
)
def test_a_path_becomes_an_operation(path: str, template: str) -> None:
    assert operations([path]) == {path: template}


def test_a_word_where_other_paths_have_an_id_is_a_parameter() -> None:
    found = operations(["/shops/7/items", "/shops/nobody/items", "/shops/nobody/staff"])
    assert found["/shops/nobody/items"] == "/shops/{id}/items"
    assert found["/shops/nobody/staff"] == "/shops/nobody/staff"


def test_a_word_in_the_last_segment_is_no_parameter() -> None:
    found = operations(["/shops/7", "/shops/search"])
    assert found["/shops/search"] == "/shops/search"


KNOWN = ("/shops/{shop_id}/items/{item_id}", "/shops/{shop_id}/items/best", "/shops/{shop_id}")


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/shops/7/items/9?page=2", "/shops/{shop_id}/items/{item_id}"),
        ("/shops/7/items/not-an-id", "/shops/{shop_id}/items/{item_id}"),
        ("/shops/7/items/best", "/shops/{shop_id}/items/best"),
        ("/shops/search", "/shops/{shop_id}"),
        ("/shops/", "/shops/"),
        ("/shops/7/staff/9", "/shops/{id}/staff/{id}"),
    ],
)
def test_a_known_template_keeps_its_parameter_names(path: str, template: str) -> None:
    assert operations([path], KNOWN)[path] == template


def test_templates_are_found_in_a_text() -> None:
    text = "GET `/shops/{shop_id}/items`, either/or {x}, /plain, PUT to /shops/{shop_id}/items."
    assert templates(text) == ("/shops/{shop_id}/items",)
