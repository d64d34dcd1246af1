"""The server's source is searched for secrets, connection strings and assembled SQL."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.expectations import expect
from steps.scenario.scene import Scene
from steps.scenario.source_search import (
    Matches,
    assembled_sql_in,
    connection_strings_in,
    search,
    secrets_in,
)


@when(
    "the server's source is searched for text given to a secret, a password or a key",
    target_fixture="matches",
)
def search_secrets(scene: Scene) -> Matches:
    return search(scene.target.sources(), secrets_in)


@when(
    "the server's source is searched for connection strings",
    target_fixture="matches",
)
def search_connections(scene: Scene) -> Matches:
    return search(scene.target.sources(), connection_strings_in)


@when(
    "the server's source is searched for SQL that is put together from text",
    target_fixture="matches",
)
def search_sql(scene: Scene) -> Matches:
    return search(scene.target.sources(), assembled_sql_in)


@then("nothing is found")
def nothing_found(matches: Matches) -> None:
    expect(matches.files > 0, "there was no source to search")
    expect(
        not matches.places,
        "the source holds what it must not",
        expected="nothing",
        actual="\n".join(matches.places),
    )
