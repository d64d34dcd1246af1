"""Announces what the judging is going to make, and what it removes again."""

from __future__ import annotations

from steps.target.description.tables import Description

USERS_AT_A_URL = 45
"""About how many users a run makes at a server at a URL; it uses them again."""


def announcement(description: Description, database: str, workers: int = 1) -> str:
    """Return the announcement in sentences. `database` is the harness's option `--database`."""
    name, server, users = description.name, description.server, description.users
    if server.command:
        place = "an embedded" if database == "embedded" else "the given"
        if database == "testcontainers":
            place = "a container's"
        times = f" {workers} times" if workers > 1 else ""
        removed = "all of them" if workers > 1 else "both"
        return (
            f"Judging {name}: starts it{times} on 127.0.0.1{',' if times else ''} "
            f"{'each ' if times else ''}with a database of its own in {place} PostgreSQL, and "
            f"removes {removed} at the end."
        )
    start = f"Judging {name} at {server.url}."
    if not users.sign_up and not description.database.url:
        return f"{start} Makes nothing there: the target file names no way to make users."
    how = "by [users.sign_up]" if users.sign_up else "by [users] insert"
    start += (
        f" Makes about {USERS_AT_A_URL} users {how}, and tasks of theirs; touches nothing else."
    )
    if users.sign_up and not users.remove:
        return f"{start} Removes the tasks; the users stay, for [users.remove] is missing."
    return f"{start} Removes all of them at the end."
