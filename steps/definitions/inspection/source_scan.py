"""The server's source is searched for secrets, connection strings and assembled SQL."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.expectations import expect
from steps.scenario.scene import Scene
from steps.scenario.source_search import (
    Find,
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
    return _search(scene, secrets_in, "the source gives a text to a secret, a password or a key")


@when(
    "the server's source is searched for connection strings",
    target_fixture="matches",
)
def search_connections(scene: Scene) -> Matches:
    return _search(scene, connection_strings_in, "the source holds a connection string")


@when(
    "the server's source is searched for SQL that is put together from text",
    target_fixture="matches",
)
def search_sql(scene: Scene) -> Matches:
    return _search(scene, assembled_sql_in, "the source puts SQL together from text")


def _search(scene: Scene, find: Find, sentence: str) -> Matches:
    return search(scene.target.description.folder, scene.target.sources(), find, sentence)


@then("nothing is found")
def nothing_found(matches: Matches) -> None:
    expect(matches.files > 0, "there was no source to search")
    expect(
        not matches.places,
        matches.sentence,
        expected="nothing",
        actual="\n".join(matches.places),
    )
