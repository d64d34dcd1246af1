"""A series of judgings: the table, what cannot be judged, Ctrl-C, resuming, several at a time."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from tests.steps.run.series.conftest import SeriesOfThisTest

URL = 'url = "http://127.0.0.1:{port}"'


def rows(output: str) -> dict[str, str]:
    """Return the lines of the table by their server."""
    lines = output.split("\n\n")[1].splitlines()
    return {line.split()[0]: " ".join(line.split()[1:-1]) for line in lines}


def test_the_table_counts_and_the_others_are_judged_although_one_cannot_be(
    series: SeriesOfThisTest,
) -> None:
    names = ["ok", "broken", "short", "killed", "silent", "deviates"]
    status, output = series.run(*map(series.target, names))
    assert status == 2, output
    assert rows(output) == {
        "server": "verified failed differs not run not judged",
        "ok": "115 0 0 0",
        "broken": "- - - - x",
        "short": "100 14 0 1",
        "killed": "- - - - x",
        "silent": "- - - - x",
        "deviates": "90 20 0 5",
    }
    assert "  broken: POST creates no task: 500: no users.\n" in output
    assert "  killed: it ended with status -9\n" in output
    assert "  silent: it wrote no matrix.json\n" in output
    assert "6 servers: 3 judged, 3 not judged; 1 conformant.\n" in output
    assert re.search(r"\[2/6\] \d:\d\d   broken: not judged: POST creates no task", output)
    paths = ("Reports: ", "Comparison: ")  # they are never shortened, so that they can be opened
    assert [line for line in output.splitlines() if len(line) > 80] == [
        line for line in output.splitlines() if len(line) > 80 and line.startswith(paths)
    ]
    assert (series.output / "comparison" / "comparison.html").is_file()
    page = (series.output / "servers.md").read_text("utf-8")
    assert "| [short](short/index.html) | 100 | 14 | 0 | 1 |  | " in page
    assert "| broken | - | - | - | - | POST creates no task: 500: no users. | " in page


@pytest.mark.parametrize(("names", "expected"), [(["ok"], 0), (["ok", "short"], 1)])
def test_the_exit_status_is_that_of_the_worst_server(
    series: SeriesOfThisTest, names: list[str], expected: int
) -> None:
    status, output = series.run(*map(series.target, names))
    assert status == expected, output


def test_reports_of_an_earlier_run_do_not_read_as_those_of_this_one(
    series: SeriesOfThisTest,
) -> None:
    folder = series.output / "silent"
    folder.mkdir(parents=True)
    (folder / "matrix.json").write_text(series.matrix.read_text("utf-8"), "utf-8")
    (folder / "notes.txt").write_text("mine")
    status, output = series.run(series.target("silent"))
    assert status == 2
    assert "silent: it wrote no matrix.json" in output
    assert (folder / "notes.txt").read_text() == "mine"


def test_files_of_one_name_have_folders_and_rows_of_their_own(series: SeriesOfThisTest) -> None:
    files = [series.target(name) for name in ("north/ok", "south/ok", "ok-2")]
    status, output = series.run(*files, files[0])
    assert status == 0, output
    assert "ok (north-ok)" in output
    assert "ok (south-ok)" in output
    assert "3 servers: 3 judged" in output
    folders = {path.name for path in series.output.iterdir() if path.is_dir()}
    assert folders == {"north-ok", "south-ok", "ok-2", "comparison"}


def test_a_judging_that_takes_too_long_is_ended_and_the_next_one_is_judged(
    series: SeriesOfThisTest,
) -> None:
    status, output = series.run(*map(series.target, ["hangs", "ok"]), "--limit", "0.02")
    assert status == 2
    assert "hangs: it took longer than 0.02 minutes; --limit gives it more" in output
    assert rows(output)["ok"] == "115 0 0 0"
    assert "stop hangs" in series.journal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_all_and_says_what_was_done(
    series: SeriesOfThisTest, number: signal.Signals
) -> None:
    targets = [series.target(name) for name in ("ok", "hangs-1", "hangs-2", "short")]
    process = series.start(*targets, "--jobs", "2")
    deadline = time.monotonic() + 60
    while {"end ok", "begin hangs-1", "begin hangs-2"} - set(series.journal):
        assert time.monotonic() < deadline, series.journal
        time.sleep(0.05)
    time.sleep(0.5)  # until it has taken note of the end
    os.kill(process.pid, number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert "Traceback" not in output
    assert rows(output)["ok"] == "115 0 0 0"
    assert "hangs-1: it was ended before its end" in output
    assert "short: the run was ended before its turn" in output
    assert "4 servers: 1 judged, 3 not judged" in output
    assert "with --resume it goes on where it stopped" in output
    assert {"stop hangs-1", "stop hangs-2"} <= set(series.journal)
    assert "begin short" not in series.journal


def test_a_resumed_run_judges_what_is_left_and_what_has_changed(series: SeriesOfThisTest) -> None:
    targets = [series.target(name) for name in ("ok-1", "ok-2", "broken")]
    series.run(*targets)
    series.target("ok-2", 'command = ["changed", "{port}"]')
    before = len(series.journal)
    status, output = series.run(*targets, "--resume")
    assert status == 2
    assert "[1/3] judged before ok-1: 115 verified" in output
    begun = [line for line in series.journal[before:] if line.startswith("begin")]
    assert sorted(begun) == ["begin broken", "begin ok-2"]
    assert rows(output)["ok-1"] == "115 0 0 0"
    before = len(series.journal)
    series.run(*targets)  # without the option, everything is judged anew
    assert "begin ok-1" in series.journal[before:]


def test_jobs_run_at_the_same_time_with_a_share_of_the_cores(series: SeriesOfThisTest) -> None:
    status, output = series.run(*map(series.target, ["meets-1", "meets-2"]), "--jobs", "2")
    assert status == 0, output
    console = (series.output / "meets-1" / "console.txt").read_text("utf-8")
    assert "'--turns'" in console
    assert "'--workers'" in console


KEY_SET = """command = ["x", "{port}"]
[tokens]
algorithm = "EdDSA"
jwks_url = "http://localhost:3000/api/auth/jwks"
"""


@pytest.mark.parametrize(
    "server",
    ['command = ["x"]\nport = 8000', URL.format(port=9), KEY_SET],
    ids=["port", "url", "key set"],
)
def test_two_servers_that_need_the_same_are_not_judged_at_the_same_time(
    series: SeriesOfThisTest, server: str
) -> None:
    targets = [series.target(f"ok-{number}", server) for number in (1, 2, 3)]
    status, output = series.run(*targets, "--jobs", "3")
    assert status == 0, output
    events = [line.split()[0] for line in series.journal]
    assert events == ["begin", "end"] * 3


def test_options_go_to_each_judging(series: SeriesOfThisTest) -> None:
    target = series.target("ok")
    series.run(target, "--anyway", "--database", "testcontainers", "--", "-m", "FR-001")
    console = (series.output / "ok" / "console.txt").read_text("utf-8")
    assert "'--anyway', '--database', 'testcontainers', '-m', 'FR-001'" in console


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: TARGET.toml"),
        (["x.toml", "-m", "FR-001"], "FR-001: options of pytest with a value come last, behind --"),
        (["x.toml", "--target=y.toml"], "name the target file without an option"),
        (["x.toml", "--jobs", "0"], "argument --jobs: invalid number above 0 value: '0'"),
        (["targets/template.toml"], "No server is left to judge: name its target file."),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    series: SeriesOfThisTest, arguments: list[str], sentence: str
) -> None:
    status, output = series.run(*arguments)
    assert status == 2
    assert sentence in " ".join(output.split())


def test_the_result_beside_the_reports_can_be_read_by_programs(series: SeriesOfThisTest) -> None:
    series.run(series.target("short"))
    found = json.loads((series.output / "short" / "judging.json").read_text("utf-8"))
    assert (found["status"], found["counts"]["failed"]) == (1, 14)
