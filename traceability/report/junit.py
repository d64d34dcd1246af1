"""Renders the matrix as JUnit XML: a suite for each kind of requirement, and one of findings.

A case that is neither verified nor excluded has a `<failure>` element, because many readers of
JUnit XML look at elements alone, and "not run" and "untested" must not count as passed. `<skipped>`
is kept for requirements that the spec itself excludes, for known deviations, and for requirements
that differ from a clarification only, unless the matrix is strict.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from traceability.model import Finding, Matrix, TracedRequirement, Verdict
from traceability.report import sentences

# Characters that XML 1.0 cannot hold, not even escaped.
_INVALID_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(matrix: Matrix) -> str:
    """Return the document, with an XML declaration."""
    root = ET.Element("testsuites", name=_valid_xml(matrix.title))
    for kind in sentences.kinds(matrix):
        suite = ET.SubElement(root, "testsuite", name=sentences.KIND_NAMES.get(kind, kind))
        for traced in sentences.requirements_of_kind(matrix, kind):
            _add_requirement(suite, kind, traced, strict=matrix.strict)
        _set_counts(suite)
    suite = ET.SubElement(root, "testsuite", name="findings")
    for finding in matrix.findings:
        _add_finding(suite, finding)
    if not matrix.requirements and not matrix.findings:
        _add_error(suite, "no requirement", "the matrix is empty, and empty is no pass")
    _set_counts(suite)
    _set_counts(root)
    ET.indent(root, " ")
    # Written as bytes, because as text the declaration would name the encoding of this machine.
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content.decode() + "\n"


def _add_requirement(
    suite: ET.Element, kind: str, traced: TracedRequirement, *, strict: bool
) -> None:
    requirement = traced.requirement
    seconds = sum(one.evidence.seconds for one in traced.scenarios)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=kind,
        name=_valid_xml(f"{requirement.id} {requirement.text}"),
        file=requirement.path,
        line=str(requirement.line),
        time=f"{seconds:.6f}",
    )
    reason = _valid_xml(sentences.reason(traced))
    if traced.verdict is Verdict.EXCLUDED:
        ET.SubElement(case, "skipped", message=f"excluded: {reason}")
    elif traced.deviation or (traced.verdict is Verdict.DIFFERS and not strict):
        ET.SubElement(case, "skipped", message=reason)
    elif traced.verdict is not Verdict.VERIFIED:
        ET.SubElement(
            case, "failure", type=traced.verdict, message=f"{traced.verdict}: {reason}"
        ).text = "\n".join(
            _valid_xml(
                f"{one.result}: {one.scenario.id} {one.scenario.name}: {one.evidence.reason}"
            )
            for one in traced.scenarios
        )


def _add_finding(suite: ET.Element, finding: Finding) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname="finding",
        name=_valid_xml(f"{finding.kind} {finding.path}:{finding.line}"),
        file=_valid_xml(finding.path),
        line=str(finding.line),
        time="0.000000",
    )
    ET.SubElement(
        case, "failure", type=_valid_xml(finding.kind), message=_valid_xml(finding.message)
    )


def _add_error(suite: ET.Element, name: str, message: str) -> None:
    case = ET.SubElement(suite, "testcase", classname="finding", name=name, time="0.000000")
    ET.SubElement(case, "error", type="empty", message=message)


def _set_counts(suite: ET.Element) -> None:
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.6f}")


def _valid_xml(text: str) -> str:
    return _INVALID_IN_XML.sub("\ufffd", text)
