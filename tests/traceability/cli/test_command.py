"""What the command prints, writes and returns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.traceability.shops import CAKE, Project
from traceability.cli.command import main
from traceability.model import Result

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_report_writes_everything_and_sums_up(shop: Project, capsys: Capture) -> None:
    assert shop.report() == 0
    output = shop.folder / "build/traceability"
    names = {file.name for file in output.iterdir()}
    assert names == {"index.html", "matrix.md", "matrix.json", "junit.xml"}
    printed = capsys.readouterr().out
    assert "Conformant: 5 of 5 requirements verified" in printed
    assert printed.endswith(f"Report: {output / 'index.html'}\n")


def test_report_of_a_failing_run(shop: Project, capsys: Capture) -> None:
    shop.results[CAKE] = (Result.FAILED, "no cake")
    assert shop.report("--output", str(shop.folder / "out")) == 1
    assert (shop.folder / "out/matrix.json").is_file()
    printed = capsys.readouterr().out
    assert "\nfailed:\n  US1-AS1  no cake\n           also FR-001\n" in printed


def test_report_says_what_changed_since_a_base(shop: Project, capsys: Capture) -> None:
    committed = shop.folder / "docs/matrix.md"
    base = shop.folder / "build/traceability/matrix.json"
    assert shop.report("--markdown", str(committed)) == 0
    plain = committed.read_text("utf-8")
    shop.results[CAKE] = (Result.FAILED, "no cake")
    assert shop.report("--base", str(base)) == 1  # the base is read before its file is overwritten
    printed = capsys.readouterr().out
    assert "  FR-001  verified → failed: Buy cake: no cake" in printed
    assert "### Newly failing" in base.with_name("matrix.md").read_text("utf-8")
    shop.results.clear()
    assert shop.report("--base", str(base), "--markdown", str(committed)) == 0
    assert "### Newly verified" in base.with_name("matrix.md").read_text("utf-8")
    assert committed.read_text("utf-8") == plain


def test_a_missing_base_is_an_error(shop: Project, capsys: Capture) -> None:
    assert shop.report("--base", str(shop.folder / "none.json")) == 2
    assert "none.json: cannot be read" in capsys.readouterr().err


def test_check_markdown_refuses_a_stale_file(shop: Project, capsys: Capture) -> None:
    file = shop.folder / "docs/matrix.md"
    assert shop.report("--check-markdown", str(file)) == 1
    assert "is stale: write it again" in capsys.readouterr().err
    assert shop.report("--markdown", str(file)) == 0
    assert "](../spec.md?plain=1#L10)" in file.read_text()
    assert shop.report("--check-markdown", str(file)) == 0
    file.write_text(file.read_text().replace("tea", "tee").replace("A \\|", "B \\|"))
    capsys.readouterr()
    assert shop.report("--check-markdown", str(file)) == 1
    printed = capsys.readouterr().err
    assert "-# B \\| shop" in printed
    assert "+# A \\| shop" in printed


def test_report_without_code(shop: Project) -> None:
    shop.lines, shop.unmeasured = {}, "the target is no Python server"
    assert shop.report("--without-code") == 0
    matrix = shop.matrix(with_code=False)
    assert matrix.files == ()
    assert all(not one.code for one in matrix.requirements)
    assert {one.reason for one in matrix.requirements} >= {"1 scenario passed"}
    assert matrix.environment["lines measured"] == "no: the target is no Python server"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (("pyproject.toml", ""), "has no table [tool.traceability]"),
        (("pyproject.toml", "[tool.traceability]\nspek = 1\n"), "has no key 'spek'"),
        (("evidence.jsonl", "{"), "evidence.jsonl: holds no run"),
        (("evidence.jsonl", "{}\n{}\n"), "evidence.jsonl:1: is no evidence record"),
    ],
)
def test_an_error_is_one_line_on_standard_error(
    shop: Project, capsys: Capture, damage: tuple[str, str], words: str
) -> None:
    file = shop.record()
    shop.write(*damage)
    assert main(["report", str(file), "--root", str(shop.folder)]) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.err.startswith("traceability: ")
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_missing_evidence_and_output_that_cannot_be_written(shop: Project, capsys: Capture) -> None:
    assert main(["report", str(shop.folder / "gone"), "--root", str(shop.folder)]) == 2
    assert "gone: cannot be read" in capsys.readouterr().err
    assert shop.report("--output", str(shop.folder / "spec.md")) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_wrong_arguments_give_status_2(capsys: Capture) -> None:
    for arguments in ([], ["report"], ["nothing"]):
        with pytest.raises(SystemExit) as raised:
            main(arguments)
        assert raised.value.code == 2
    assert "usage: traceability" in capsys.readouterr().err


def test_as_a_module_on_an_ascii_terminal(shop: Project) -> None:
    shop.replace("spec.md", "**FR-002**", "**FR–002**")
    ended = subprocess.run(
        [sys.executable, "-m", "traceability", "check", "--root", str(shop.folder)],
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "spec.md:11: malformed-id" in ended.stdout
