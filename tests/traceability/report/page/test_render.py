"""The page is one file: its policy, its embedded data, its totals and its size."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import traceability
from tests.traceability.report.page.matrices import Size, matrix
from traceability.report import comparison
from traceability.report.page.render import SCRIPTS, render_page, script_safe_json

STATIC = Path(traceability.__file__).parent / "report" / "page" / "static"
HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "<!-- <script>",
    "]]> & &lt; {{script}} \\g<0>",
    "line\u2028and\u2029paragraph",
    "nul \x00 and lone \ud800 surrogate",
)
VOID = {"meta", "link", "br", "img", "input", "wbr", "hr"}


class Page(HTMLParser):
    """The elements of a page, the content of its scripts and styles, and the elements left open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"script", "style", "title"}:
            tag = self.open[-1]
            kind = dict(self.tags[-1][1]).get("type") or ""
            self.inline[f"{tag} {kind}".strip()] = self.inline.get(f"{tag} {kind}", "") + data

    @property
    def data(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.inline["script application/json"])
        return value

    @property
    def policy(self) -> str:
        found = [
            attrs["content"]
            for tag, attrs in self.tags
            if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(found) == 1
        return found[0] or ""


def digest(inline: str) -> str:
    return base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


def test_the_policy_allows_its_own_style_and_script_and_nothing_else() -> None:
    page = Page(render_page(matrix()))
    assert page.policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest(page.inline['style'])}'",
        f"script-src 'sha256-{digest(page.inline['script module'])}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_the_policy_stands_before_styles_and_scripts() -> None:
    names = [
        "policy" if attrs.get("http-equiv") else tag
        for tag, attrs in Page(render_page(matrix())).tags
        if attrs.get("http-equiv") or tag in {"style", "script", "title"}
    ]
    assert names[0] == "policy"


def test_nothing_is_loaded() -> None:
    page = Page(render_page(matrix()))
    for tag, attrs in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "base"}
        assert not {"src", "srcset", "style", "onclick", "onload"} & attrs.keys()
        assert (attrs.get("href") or "#").startswith("#")
    assert "url(" not in page.inline["style"]
    assert "@import" not in page.inline["style"]
    addresses = re.findall(r"https?://[^\"'\s]+", page.inline["script module"])
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_data(words: str) -> None:
    plain, page = Page(render_page(matrix())), Page(render_page(matrix(injected=words)))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.open == []
    assert page.data["spec"]["title"] == f"Lending library {words}"
    assert any(text.endswith(words) for text in page.data["texts"])
    assert page.inline["script module"] == plain.inline["script module"]


@pytest.mark.parametrize("words", HOSTILE)
def test_the_page_can_be_written_as_utf_8(words: str) -> None:
    render_page(matrix(injected=words)).encode("utf-8")


@pytest.mark.parametrize("words", HOSTILE)
def test_embedded_json_means_the_same_and_has_no_angle_bracket(words: str) -> None:
    text = script_safe_json({"words": words})
    assert json.loads(text) == {"words": words}
    assert not set("<>&\u2028\u2029") & set(text)


def test_the_scripts_never_parse_text_as_markup() -> None:
    for path in STATIC.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert name not in text, f"{path.relative_to(STATIC)} uses {name}"
        assert "</script" not in text.lower()


def test_every_script_of_the_reports_is_part_of_a_page() -> None:
    of_pages = {*SCRIPTS, *comparison.SCRIPTS}
    assert sorted(of_pages) == sorted(
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")
    )


@pytest.mark.parametrize("healthy", [True, False])
def test_the_totals_are_those_of_the_matrix(healthy: bool) -> None:
    trace = matrix(healthy=healthy)
    data = Page(render_page(trace)).data
    assert data["summary"] == asdict(trace.summary)
    assert data["conformant"] is healthy
    verdicts = [data["verdicts"][row[5]] for row in data["requirements"]]
    assert verdicts.count("verified") == trace.summary.verified
    assert verdicts.count("failed") == trace.summary.failed
    results = [data["results"][row[10]] for row in data["scenarios"]]
    assert results.count("passed") == trace.summary.scenarios_passed
    assert len(data["findings"]) == len(trace.findings)


def test_the_sentence_is_there_without_javascript() -> None:
    text = render_page(matrix(healthy=True))
    assert text.count("100 requirements: 96 verified, 4 excluded by the spec itself.") >= 2


def test_five_thousand_of_everything_fit_into_five_megabytes() -> None:
    trace = matrix(Size(5_000, scenarios_each=1))
    text = render_page(trace)
    page = Page(text)
    assert page.open == []
    assert len(page.data["requirements"]) == 5_000
    assert len(page.data["scenarios"]) == trace.summary.scenarios > 4_000
    assert sum(len(row[9]) for row in page.data["requirements"]) > 5_000
    assert len(text.encode()) < 5_000_000
