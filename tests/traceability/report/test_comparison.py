"""The reports of a comparison: the same totals in each, and hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

import traceability
from tests.traceability.matrix_files import edit_document, three_matrices, write_matrix
from tests.traceability.shops import Project
from traceability.matrix.compare import Comparison, compare_runs
from traceability.matrix.read import read_matrix
from traceability.report import comparison

Capture = pytest.CaptureFixture[str]
REASON = "1 of 2 answers is not 200:\n  POST /1 -> 201 {}"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def compared(shop: Project) -> Comparison:
    return compare_runs([read_matrix(file) for file in three_matrices(shop)])


def test_all_reports_show_the_same_totals(compared: Comparison) -> None:
    text = comparison.render_markdown(compared)
    assert "**1 of 3 implementations conformant; they differ in 3 of 6 requirements.**" in text
    assert "| oak | yes | 5 | 0 | 0 | 1 | 0 | 5 of 5 run passed, 0 failed, 0 not run |" in text
    assert "| ash | **no** | 3 | 0 | 2 | 1 | 0 | 4 of 4 run passed, 0 failed, 1 not run |" in text
    assert "| elm | **no** | 3 | 2 | 0 | 1 | 0 | 4 of 5 run passed, 1 failed, 0 not run |" in text
    printed = comparison.render_terminal(compared)
    assert "elm: not conformant\n  3 of 6 verified, 2 failed, 1 excluded\n" in printed
    data = comparison.payload(compared)
    for at, (each, said) in enumerate(zip(compared.runs, data["runs"], strict=True)):
        for verdict, number in each.verdicts.items():
            assert sum(row["cells"][at][0] == verdict for row in data["rows"]) == number
            assert said["counts"][verdict] == number
    assert data["sentence"] in printed.replace("\n", " ")


def test_markdown_table(compared: Comparison) -> None:
    text = comparison.render_markdown(compared)
    assert "| id | requirement | oak | elm | ash |" in text
    row = next(line for line in text.splitlines() if line.startswith("| **FR-001** ≠ |"))
    assert "**failed**: 1 of 2 answers is not 200<br>in Buy cake<br>`POST /1 → 201`" in row
    assert "| SR-001 | No bill MUST be lost. | verified: 1 scenario passed" in text
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if "MUST" in line}
    assert widths == {6}


def test_path_cannot_end_its_code_span(shop: Project) -> None:
    files = three_matrices(shop, "no")
    odd = {"path": "/`|<b>"}
    edit_document(files[1], lambda it: [one["exchanges"][0].update(odd) for one in it["scenarios"]])
    text = comparison.render_markdown(compare_runs([read_matrix(file) for file in files]))
    assert "<br>`POST /%60\\|<b> → 201` |" in text


def test_agreement_is_reported(shop: Project) -> None:
    oak = read_matrix(write_matrix(shop, "a.json", "oak"))
    elm = read_matrix(write_matrix(shop, "b.json", "elm"))
    text = comparison.render_markdown(compare_runs([oak, elm]))
    assert "2 of 2 implementations conformant; they agree in all 6 requirements." in text
    assert "≠" not in text


def test_page_is_one_file_with_its_policy_and_hostile_text_as_data(shop: Project) -> None:
    hostile = "</script><script>alert(1)</script><!-- | ` \ud800"
    files = three_matrices(shop, hostile)
    edit_document(files[1], lambda it: it["environment"].update(target=hostile))
    compared = compare_runs([read_matrix(file) for file in files])
    text = comparison.render_page(compared)
    assert text.encode().decode() == text
    assert text.count("</script>") == 2
    assert "<script>alert" not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    parsed = json.loads(data[1])
    assert parsed["runs"][1]["name"] == hostile
    assert parsed["rows"][1]["cells"][1][1] == hostile
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; ")
    for tag in ('<script type="module">', "<style>"):
        inline = text.split(tag, 1)[1].split(f"</{tag[1:].split()[0].strip('>')}>", 1)[0]
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
        assert ".comparison" in inline or tag != "<style>"
    markdown = comparison.render_markdown(compared)
    assert "<script>" not in markdown
    markdown.encode()


def test_page_builds_text_and_never_markup() -> None:
    report = Path(traceability.__file__).parent / "report" / "page" / "static"
    for name in comparison.SCRIPTS:
        script = (report / name).read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script)
        assert "https:" not in script
