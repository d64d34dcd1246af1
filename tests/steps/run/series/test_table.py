"""The table in 80 columns, and the names of folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.run.series.result import Result, reason_in
from steps.run.series.servers import Server, folder_names
from steps.run.series.table import described, render_markdown, render_terminal

LONG = "a server with a name that is longer than any table can be wide, and even longer than that"


def server(name: str) -> Server:
    return Server(Path("/x.toml"), name, "folder")


def judged(seconds: float = 65, **counts: int) -> Result:
    return Result(1, seconds, counts={"verified": 1, "failed": 2, "not_run": 3, **counts})


def test_no_line_is_longer_than_80_characters() -> None:
    missing = Result(2, 1.0, reason=f"{'no reason ' * 30}.")
    text = render_terminal([(server(LONG), judged()), (server(f"{LONG} 2"), missing)])
    assert max(map(len, text.splitlines())) <= 80
    assert "a server with a name that" in text


def test_the_verdict_that_only_some_runs_know_has_a_column_where_it_is_counted() -> None:
    assert "differs" not in render_terminal([(server("a"), judged())])
    text = render_terminal([(server("a"), judged(differs=7)), (server("b"), judged())])
    assert text.splitlines()[0].split() == [
        *("server", "verified", "failed", "differs"),
        *("not", "run", "not", "judged", "time"),
    ]
    assert text.splitlines()[1].split() == ["a", "1", "2", "7", "3", "1:05"]
    assert text.splitlines()[2].split() == ["b", "1", "2", "-", "3", "1:05"]
    assert described(judged(differs=7)) == "1 verified, 2 failed, 7 differs, 3 not run"


def test_a_name_is_no_markup_of_the_page() -> None:
    page = render_markdown([(server("a|[b](c)"), judged())], compared=False)
    assert r"[a\|\[b\](c)](folder/index.html)" in page


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["a/x.toml", "b/y.toml"], ["x", "y"]),
        (["a/x.toml", "b/x.toml", "b/y.toml"], ["a-x", "b-x", "y"]),
        (["p/a/x.toml", "q/a/x.toml"], ["p-a-x", "q-a-x"]),
        (["a/X.toml", "b/x.toml"], ["a-X", "b-x"]),
        (["a/x y.toml", "a/x:y.toml"], ["r-a-x-y", "r-a-x-y-2"]),
        (["a/comparison.toml", "a/.hidden.toml"], ["a-comparison", "hidden"]),
        (["a/Überall.toml"], ["Überall"]),
    ],
)
def test_folders_have_different_names(files: list[str], names: list[str]) -> None:
    assert folder_names([Path("/r") / file for file in files]) == names


@pytest.mark.parametrize(
    ("console", "reason"),
    [
        ("Judging x.\nThe judging could not be done. x.toml: no.\nThe end:\nlog", "x.toml: no."),
        ("Judging x.\nNot judged: SIGTERM.\nThe server's log: y", "SIGTERM."),
        ("x.toml: there is no such target file.\n", "x.toml: there is no such target file."),
        ("", ""),
    ],
)
def test_the_reason_is_found_in_what_a_judging_printed(console: str, reason: str) -> None:
    assert reason_in(console) == reason
