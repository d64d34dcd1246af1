"""Reads a folder of Gherkin features into the scenarios that will run."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from traceability.model import Features, Finding, Scenario, TraceabilityError

STEP_KEYWORDS = {"Context": "Given", "Action": "When", "Outcome": "Then"}
"""Type of a step, as Gherkin's compiler gives it, to its keyword."""


class FeatureError(TraceabilityError):
    """A feature file cannot be parsed."""


def read_features(folder: str | Path, root: Path) -> Features:
    """Return all scenarios of the folder. Raises `FeatureError` for the first unreadable file."""
    features, findings = inspect_features(folder, root)
    for one in findings:
        if one.kind == "unreadable-feature":
            raise FeatureError(f"{one.path}:{one.line}: {one.message}")
    return features


def inspect_features(
    folder: str | Path, root: Path, known_tags: Container[str] | None = None
) -> tuple[Features, tuple[Finding, ...]]:
    """Return all scenarios that can be read, and the findings about the feature files.

    With `known_tags`, each other tag is a finding at its own line.
    """
    digest = hashlib.sha256()
    paths: list[str] = []
    scenarios: list[Scenario] = []
    findings: list[Finding] = []
    for file in sorted((root / folder).rglob("*.feature")):
        path = file.relative_to(root).as_posix()
        content = file.read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
        paths.append(path)
        try:
            document: Any = _Parser().parse(content.decode("utf-8-sig"))
        except (ParserError, UnicodeDecodeError) as error:
            findings.append(_unreadable_finding(path, error))
            continue
        parsed = list(_scenarios(path, document))
        scenarios += parsed
        findings += _scenario_findings(path, document, parsed)
        if known_tags is not None:
            findings += _unknown_tag_findings(path, document, known_tags)
    return Features(digest.hexdigest(), tuple(paths), tuple(scenarios)), tuple(findings)


class _Parser(Parser):
    """The Gherkin parser without the table of all its states that it builds for every line."""

    def match_token(self, state: int, token: Any, context: Any) -> int:
        next_state: int = getattr(self, f"match_token_at_{state}")(token, context)
        return next_state


@dataclass(frozen=True)
class _ScenarioNode:
    """A scenario or outline in the syntax tree, with the rule around it."""

    node: Any
    rule: Any
    """None outside any rule."""

    @property
    def example_rows(self) -> list[tuple[Any, Any]]:
        """Each example row with its `Examples:` block."""
        blocks = self.node["examples"]
        return [(row, block) for block in blocks for row in block.get("tableBody", ())]


def _scenario_nodes(document: Any) -> Iterator[_ScenarioNode]:
    for child in (document.get("feature") or {}).get("children", ()):
        if "scenario" in child:
            yield _ScenarioNode(child["scenario"], None)
        for rule_child in child.get("rule", {}).get("children", ()):
            if "scenario" in rule_child:
                yield _ScenarioNode(rule_child["scenario"], child["rule"])


def _scenarios(path: str, document: Any) -> Iterator[Scenario]:
    feature = document.get("feature")
    if not feature:
        return
    compiled = Compiler().compile(document | {"uri": path})
    pickles = {tuple(pickle["astNodeIds"]): pickle for pickle in compiled}
    for scenario in _scenario_nodes(document):
        node = scenario.node
        rows = (
            list(enumerate(scenario.example_rows)) if node["examples"] else [(None, (None, None))]
        )
        for example, (row, block) in rows:
            pickle = pickles[(node["id"], row["id"]) if row else (node["id"],)]
            line = (row or node)["location"]["line"]
            yield Scenario(
                id=f"{path}:{line}",
                feature=path,
                feature_name=feature["name"],
                rule=scenario.rule["name"] if scenario.rule else "",
                name=_scenario_name(node["name"], pickle["name"], row, block),
                outline=node["name"],
                outline_line=node["location"]["line"],
                example=example,
                line=line,
                tags=_tags(feature, scenario.rule, node, block),
                steps=tuple(_steps(pickle["steps"])),
            )


def _scenario_name(outline_name: str, pickle_name: str, row: Any, block: Any) -> str:
    """Return the name with the row's values filled in, or appended if it has no placeholder."""
    if row is None or any(
        f"<{cell['value']}>" in outline_name for cell in block["tableHeader"]["cells"]
    ):
        return pickle_name
    return f"{pickle_name} [{', '.join(cell['value'] for cell in row['cells'])}]"


def _tags(*nodes: Any) -> tuple[str, ...]:
    tags = (tag["name"].removeprefix("@") for node in nodes if node for tag in node["tags"])
    return tuple(dict.fromkeys(tags))


def _steps(steps: list[Any]) -> Iterator[str]:
    keyword = "Given"
    for step in steps:
        # `*` keeps the keyword of the step before.
        keyword = STEP_KEYWORDS.get(step["type"], keyword)
        yield f"{keyword} {step['text']}"


def _unreadable_finding(path: str, error: Exception) -> Finding:
    first_error: Any = error
    if isinstance(error, CompositeParserException) and error.errors:
        first_error = error.errors[0]
    line = (getattr(first_error, "location", None) or {}).get("line", 1)
    message = f"this feature cannot be parsed: {str(first_error).splitlines()[0]}"
    return Finding("unreadable-feature", message, path, line)


def _scenario_findings(path: str, document: Any, scenarios: list[Scenario]) -> Iterator[Finding]:
    first_lines: dict[str, int] = {}
    for scenario in _scenario_nodes(document):
        node = scenario.node
        name, line = node["name"], node["location"]["line"]
        earlier = first_lines.setdefault(name, line)
        if earlier != line:
            message = (
                f"the scenario {name!r} has the name of the one in line {earlier}; "
                "only one of them would run: rename it"
            )
            yield Finding("duplicate-scenario", message, path, line)
        if (node["examples"] or "outline" in node["keyword"].lower()) and not scenario.example_rows:
            message = f"the outline {name!r} has no example row, so it never runs: add one"
            yield Finding("outline-without-examples", message, path, line)
        if not node["steps"]:
            message = f"the scenario {name!r} has no step, so it shows nothing: write its steps"
            yield Finding("empty-scenario", message, path, line)
    if not scenarios:
        message = "this feature has no scenario that could run: write one, or delete the file"
        yield Finding("feature-without-scenario", message, path, 1)


def _unknown_tag_findings(path: str, document: Any, known: Container[str]) -> Iterator[Finding]:
    feature = document.get("feature") or {}
    nodes = [feature, *(child["rule"] for child in feature.get("children", ()) if "rule" in child)]
    for scenario in _scenario_nodes(document):
        nodes += [scenario.node, *scenario.node["examples"]]
    for node in nodes:
        for tag in node.get("tags", ()):
            if tag["name"].removeprefix("@") not in known:
                message = f"the tag {tag['name']} names no requirement of the spec"
                yield Finding("unknown-tag", message, path, tag["location"]["line"])
