"""axe-core finds no violation in any view, in light and dark mode and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import AXE
from tests.browser.report_tab import DESKTOP, PHONE, VIEWS, ColorScheme, OpenReport

DETAILS = (
    "requirement/FR-010",
    "requirement/FR-020",
    "requirement/FR-012",
    "scenario/features/returns-0.feature:372",
    "feature/features/lending-0.feature",
    "source/library/branch_0.py?line=5",
    "endpoint/GET /api/%7Breader%7D/loans",
    "matrix?verdict=failed&q=book",
    "requirement/FR-999",
)


@pytest.mark.parametrize(
    ("size", "scheme", "addresses"),
    [
        (DESKTOP, "light", VIEWS + DETAILS),
        (DESKTOP, "dark", VIEWS + DETAILS),
        (PHONE, "dark", VIEWS[:4]),
    ],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing(
    open_report: OpenReport,
    mixed: Path,
    size: tuple[int, int],
    scheme: ColorScheme,
    addresses: tuple[str, ...],
) -> None:
    report = open_report(mixed, size=size, scheme=scheme)
    # Playwright evaluates the text of axe-core: the policy of the page allows only its own script.
    report.page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')}\n }}")
    found = []
    titles = []
    for address in addresses:
        page = report.change_address(address)
        titles.append(page.title())
        violations = page.evaluate(
            "async () => (await axe.run({resultTypes: ['violations']})).violations"
        )
        found += [
            f"/{address}: {one['id']}: {node['html'][:160]}"
            for one in violations
            for node in one["nodes"][:3]
        ]
    assert found == []
    assert len(set(titles)) == len({address.partition("?")[0] for address in addresses})
