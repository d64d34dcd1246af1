"""The server's source is searched for secrets, connection strings and assembled SQL."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.scenario.scene import Scene
from steps.scenario.source_search import assembled_sql_in, connection_strings_in, secrets_in


@when("the server's source is searched for text given to a secret, a password or a key")
def search_secrets(scene: Scene) -> None:
    scene.search(secrets_in)


@when("the server's source is searched for connection strings")
def search_connections(scene: Scene) -> None:
    scene.search(connection_strings_in)


@when("the server's source is searched for SQL that is put together from text")
def search_sql(scene: Scene) -> None:
    scene.search(assembled_sql_in)


@then("nothing is found")
def nothing_found(scene: Scene) -> None:
    assert scene.searched > 0, "there was no source to search"
    assert not scene.found, "found:\n  " + "\n  ".join(scene.found)
