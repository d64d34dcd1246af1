"""Origins that nearly are the allowed one are derived from that of the target (FR-020)."""

import pytest

from steps.definitions.cors import ALLOWED_BY_DEFAULT, similar


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        ("https://evilapp.example.test", "http://localhost:3000", "http://evillocalhost:3000"),
        ("https://app.example.test:8443", "http://localhost:3000", "http://localhost:8443"),
        ("https://app.example.test:8443", "https://todo.test:8443", "https://todo.test:8444"),
        ("https://app.example.test:8443", "http://[::1]:3000", "http://[::1]:8443"),
        ("https://app.example.test.evil.test", "https://todo.test", "https://todo.test.evil.test"),
        ("http://app.example.test", "http://localhost:3000", "https://localhost:3000"),
        ("https://appxexample.test", "https://my.todo.test", "https://myxtodo.test"),
        ("https://appxexample.test", "http://localhost:3000", "https://appxexample.test"),
        ("https://evil.example.test", "https://todo.test", "https://evil.example.test"),
        ("null", "https://todo.test", "null"),
    ],
)
def test_an_origin_is_derived_from_the_allowed_one(
    origin: str, allowed: str, expected: str
) -> None:
    assert similar(origin, allowed) == expected
    assert similar(origin, ALLOWED_BY_DEFAULT) == origin
