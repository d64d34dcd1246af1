"""Renders the matrix as a page: one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from traceability.matrix.difference import Difference
from traceability.model import Matrix
from traceability.report.page.payload import members, summary_sentence

SCRIPTS = (
    "parts/dom.js",
    "parts/model.js",
    "parts/labels.js",
    "parts/markup.js",
    "parts/charts.js",
    "parts/table.js",
    "parts/lazy_blocks.js",
    "parts/scenario_steps.js",
    "parts/code.js",
    "views/findings.js",
    "views/failures.js",
    "views/overview/verdicts.js",
    "views/overview/evidence_strength.js",
    "views/overview/environment.js",
    "views/overview/clarifications.js",
    "views/overview/overview.js",
    "views/matrix_filters.js",
    "views/matrix.js",
    "views/requirement.js",
    "views/scenario.js",
    "views/spec.js",
    "views/features.js",
    "views/source.js",
    "views/endpoints.js",
    "views/search.js",
    "navigation/keys.js",
    "navigation/router.js",
    "navigation/frame.js",
    "navigation/printing.js",
    "navigation/start.js",
)
"""In the order in which they are joined: a name is declared before it is first used."""

STYLES = (
    "styles/page.css",
    "styles/overview.css",
    "styles/rows.css",
    "styles/spec.css",
    "styles/proof.css",
    "styles/code.css",
    "styles/endpoints.css",
    "styles/narrow.css",
    "styles/print.css",
)
"""In the order in which they are joined: a later rule overrides an earlier one."""

# An HTML parser ends a script at `</script` and may begin a comment at `<!--`; in JSON, escapes
# mean the same characters. A lone surrogate cannot be written as UTF-8 at all.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def render_page(matrix: Matrix, since: Difference | None = None) -> str:
    """Return the whole page; `since` has the changes since a base run.

    Its content security policy allows its own style and script, by hash, and no network. All text
    of the matrix is in one JSON element, of which the scripts only make text nodes. Title and
    summary, which a reader without JavaScript sees too, are escaped.
    """
    return "".join(page_pieces(matrix, since))


def page_pieces(matrix: Matrix, since: Difference | None = None) -> Iterator[str]:
    """Yield the page in pieces: one `str` takes more memory, because wide characters widen all."""
    title = f"{matrix.title}: requirements, proof and code"
    data = members(matrix, since)
    return document_pieces(title, summary_sentence(matrix), data, SCRIPTS, STYLES)


def document_pieces(
    title: str,
    summary: str,
    data: Iterable[tuple[str, object]],
    scripts: Sequence[str],
    styles: Sequence[str],
) -> Iterator[str]:
    """Yield the pieces of a page with these `scripts` and `styles`, paths below `static/`.

    `data` has the members of the object that the scripts read. `summary` is for a reader without
    JavaScript.
    """
    style = "\n".join(_static_file(name) for name in styles)
    script = "\n".join(_static_file(name) for name in scripts)
    policy = (
        f"default-src 'none'; style-src {_csp_hash(style)}; script-src {_csp_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    placeholders: dict[str, Iterable[str]] = {
        "policy": [policy],
        "title": [_escaped(title)],
        "sentence": [_escaped(summary)],
        "style": [style],
        "data": _object(data),
        "script": [script],
    }
    # Only the template is searched for placeholders: one in the data stays data.
    for at, piece in enumerate(re.split(r"\{\{(\w+)\}\}", _static_file("page.html"))):
        yield from placeholders[piece] if at % 2 else [piece]


def _object(members: Iterable[tuple[str, object]]) -> Iterator[str]:
    yield "{"
    for at, member in enumerate(map(_member, members)):
        yield "," * (at > 0) + member
    yield "}"


def _member(member: tuple[str, object]) -> str:
    name, value = member
    return f"{script_safe_json(name)}:{script_safe_json(value)}"


def script_safe_json(value: object) -> str:
    """Return JSON that is safe inside a script element and can be encoded as UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(text: str) -> str:
    return html.escape(text).encode("utf-8", "replace").decode()


def _csp_hash(inline: str) -> str:
    digest = hashlib.sha256(inline.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _static_file(name: str) -> str:
    return (files("traceability") / "report" / "page" / "static" / name).read_text(encoding="utf-8")
