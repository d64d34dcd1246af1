"""The command: one fault for real, a checker that is checked, figures that say what is wrong."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from steps.endurance import __main__ as command
from steps.endurance import checker, lies, report
from steps.endurance.checker import Compared
from steps.endurance.environment import ROOT, Place
from steps.endurance.fault import Fault, Measure, Stage
from steps.endurance.history import Exchange, History, Wrong
from steps.endurance.lies import LIES
from steps.endurance.load import OPERATIONS, WRITES
from steps.endurance.play import Cast, _keep_secret
from steps.endurance.plots import draw
from steps.endurance.registry import FAULTS
from steps.endurance.result import KINDS, Result
from steps.run.secret_search import RunSecrets
from steps.target.tokens import Issuer, Secret
from tests.patterns.cpu_limit import cpu_limit


async def nothing(stage: Stage) -> None:
    """Never played."""


FAULT = Fault("a fault", "database", "Nothing happens.", nothing, tolerated={500})
GOOD = frozenset({200})


def result(*exchanges: Exchange, **values: Any) -> Result:
    found = Result(FAULT, begin=10.0, end=20.0, exchanges=exchanges, **values)
    found.rows, found.slots, found.slots_expected = 5, 10, 10
    return found


def cast_of(users: int) -> Cast:
    issuer = Issuer(Secret(secrets.token_urlsafe(48)))
    tokens = {f"u-{number}": issuer.token(f"u-{number}") for number in range(users)}
    return Cast(issuer, None, tokens, {})


def test_the_secrets_of_many_faults_are_found_in_a_long_log_in_linear_time(
    tmp_path: Path,
) -> None:
    """The tokens of 49 faults made a pattern of 100,000 alternatives: a log took ten minutes."""
    run_secrets, log = RunSecrets(), tmp_path / "server.log"
    password = secrets.token_urlsafe(24)
    place = Place(f"postgresql://o:{password}@h/d", f"postgresql://s:{password}@h/d", "s")
    casts = [cast_of(200) for _ in range(50)]
    for cast in casts:
        _keep_secret(place, cast, run_secrets)
    log.write_text('{"path": "/api/u-1/tasks", "client": "127.0.0.1"}\n' * 4000, "utf-8")
    with cpu_limit():
        assert run_secrets.found([log]) == []
    token = casts[0].load["u-7"]
    for secret, name in {
        token.rpartition(".")[2][5:30]: "a piece of a token",
        token: "a token",
        casts[-1].issuer.secret or "": "JWT_SECRET",
        base64.b64encode(password.encode()).decode(): "a password of the database",
    }.items():
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{secret}\n")
        assert f"{name} stands in {log}" in run_secrets.found([log])


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("blind", "status", "said"), [("", 0, "0 unnoticed"), ("half", 1, "1 unnoticed")]
)
def test_a_fault_is_played_and_the_checker_is_checked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    blind: str,
    status: int,
    said: str,
) -> None:
    """A checker that is blind for one kind of lie makes the run red by the lie's name."""
    monkeypatch.chdir(ROOT)
    whole = checker.compare

    def compare(histories: Sequence[History], rows: Any) -> Compared:
        found = whole(histories, rows)
        wrong = tuple(one for one in found.wrong if one.kind != blind)
        return Compared(found.rows, wrong, found.stored_unacknowledged)

    monkeypatch.setattr(lies, "compare", compare)
    arguments = ["--only", "none", "--clients", "12", "--output", str(tmp_path)]
    assert command.main(arguments) == status
    printed = capsys.readouterr()
    assert said in printed.out
    lines = [*printed.err.splitlines(), *printed.out.splitlines()[:-1]]
    assert max(map(len, lines)) < 80, lines
    written = json.loads((tmp_path / "endurance.json").read_text())
    (played,) = written["faults"]
    assert played["requests"] > 30
    assert played["rows"] > 5
    assert played["lies"] > len(LIES) - 4
    assert played["lies_unnoticed"] == (
        ["title of one write, description of another"] if blind else []
    )
    assert [one["requirement"] for one in written["measurements"]] == ["SC-005", "SC-007", "SC-008"]
    assert "| none |" in (tmp_path / "endurance.md").read_text()


@pytest.mark.postgresql
@pytest.mark.parametrize("place", ["output", "file", "log"])
def test_a_secret_in_anything_that_a_run_prints_or_writes_makes_it_bad(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
) -> None:
    """It is found in another spelling, too, and wherever it stands."""
    monkeypatch.chdir(ROOT)

    async def tell(stage: Stage) -> None:
        (token, *_) = stage.spare.values()
        encoded = base64.b64encode(f"user:{stage.secret}".encode()).decode()
        async with stage.fault():
            if place == "output":
                print("about", token)
            elif place == "file":
                (tmp_path / "notes.txt").write_text(f"with {encoded}")
            else:
                stage.server.log.write_text(stage.server.log.read_text() + f"with {token}\n")

    fault = replace(FAULT, run=tell)
    monkeypatch.setattr(command, "FAULTS", (fault,))
    arguments = ["--only", "a fault", "--clients", "4", "--output", str(tmp_path)]
    assert command.main(arguments) == 1
    printed = capsys.readouterr().out
    expected = {
        "output": "Not well: a token stands in the output of this run",
        "file": f"Not well: JWT_SECRET stands in {tmp_path / 'notes.txt'}",
        "log": "Not well: a fault",
    }
    assert expected[place] in printed
    if place == "log":
        (played,) = json.loads((tmp_path / "endurance.json").read_text())["faults"]
        assert "a token stands in the log" in str(played)


def test_what_is_not_well_is_said() -> None:
    good = [Exchange("get", at, at + 0.1, 200, GOOD) for at in (5.0, 12.0, 20.5, 25.0)]
    assert result(*good).verdict == "good"
    bad = {
        "1 unexpected answers (1 × get: 401)": [Exchange("get", 12.0, 12.1, 401, GOOD)],
        "1 unexpected answers (1 × get: broken)": [Exchange("get", 12.0, 12.1, "broken", GOOD)],
        "1 unexpected answers (1 × put: 500)": [Exchange("put", 6.0, 6.1, 500, GOOD)],
        "well again after 3.0 s, not 1 s": [Exchange("put", 23.0, 23.1, 500, GOOD)],
        "a request was kept 11.0 s, longer than 10 s": [Exchange("put", 11.0, 22.0, 500, GOOD)],
    }
    for sentence, exchanges in bad.items():
        assert sentence in result(*good, *exchanges).complaints, sentence
    assert result(*good, Exchange("put", 12.0, 12.1, 500, GOOD)).verdict == "good"
    writes = Result(replace(FAULT, stops=WRITES), begin=10.0, end=20.0)
    for operation, complaints in {"put": 0, "list": 1, "get": 1}.items():
        writes.exchanges = [*good, Exchange(operation, 12.0, 12.1, 500, GOOD)]
        assert len(writes.unexpected) == complaints, operation
    assert "no request was sent, so nothing was tried" in result().complaints
    lost = result(*good)
    lost.slots = 9
    assert lost.complaints == ["9 of 10 statements can wait at once"]
    large = result(*good, measures=[Measure("memory", 99.0, "MB", 60.0)])
    assert large.complaints == ["memory: 99 MB, the limit is 60"]


def test_every_fault_stops_operations_that_there_are() -> None:
    for fault in FAULTS:
        assert (fault.stops or set()) <= set(OPERATIONS), fault.name


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_wrong_row_makes_a_fault_bad(kind: str) -> None:
    good = Exchange("get", 20.5, 20.6, 200, GOOD)
    found = result(good, wrong=(Wrong(kind, "u-1: something"),))
    assert found.complaints == [f"1 {kind}, for example u-1: something"]
    written = report._fault(found)
    assert written["verdict"] == "bad"
    assert written[kind.replace(" ", "_")] == 1
    assert sum(one["value"] for one in report._measurements([found])) == 1


def test_a_fault_that_cannot_run_here_is_not_good() -> None:
    found = Result(FAULT, not_run="there is no PgBouncer: apt-get install pgbouncer")
    assert found.verdict == "not run"
    assert "1 not run" in report.summary([found])
    assert report._row(found).endswith("| not run |")


def test_a_word_that_is_in_no_name_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "no such fault"]) == 2
    assert "no fault is named 'no such fault'" in capsys.readouterr().err


def test_a_plot_shows_the_span_and_each_kind_of_answer() -> None:
    exchanges = [Exchange("get", at / 10, at / 10 + 0.1, 200, GOOD) for at in range(300)]
    svg = draw(result(*exchanges, Exchange("get", 12.0, 12.1, 500, GOOD)))
    assert "a fault" in svg
    assert ">500</text>" in svg
