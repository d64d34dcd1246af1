"""The comparison page, which is made of files of the report's page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE
from tests.browser.report_tab import DESKTOP, PHONE, OpenReport
from tests.traceability.report.page.matrices import matrix
from traceability.matrix.compare import compare_runs
from traceability.matrix.read import parse_matrix
from traceability.matrix.write import render_json
from traceability.model import Verdict
from traceability.report import comparison


@pytest.fixture(scope="module")
def comparison_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first = replace(matrix(), features_digest="0" * 64)
    mended = tuple(
        replace(one, verdict=Verdict.VERIFIED) if one.verdict is Verdict.FAILED else one
        for one in first.requirements
    )
    second = replace(first, requirements=mended, environment={"target": "another"})
    runs = [
        parse_matrix(render_json(traced).encode(), Path(f"{at}.json"))
        for at, traced in enumerate((first, second))
    ]
    page, _ = comparison.write_reports(compare_runs(runs), tmp_path_factory.mktemp("comparison"))
    return page


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_comparison_page_filters_and_is_accessible(
    open_report: OpenReport, comparison_page: Path, size: tuple[int, int]
) -> None:
    page = open_report(comparison_page, size=size).page
    expect(page.locator("main")).to_contain_text("they differ in 2 of 100 requirements")
    page.get_by_label("Only where they differ").check()
    expect(page.get_by_role("status")).to_contain_text("2 of 100 requirements")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')}\n }}")
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => one.id)")
    assert found == []
