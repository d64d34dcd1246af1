"""Renders the matrix as JUnit XML: a suite for each kind of requirement, and one of findings.

A case that is neither verified nor excluded has a `<failure>` element, because many readers look at
elements alone: not run and untested are no pass. `<skipped>` is only what the spec itself excludes,
and a failure that is listed as a known deviation.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from traceability.model import Finding, Matrix, TracedRequirement, Verdict
from traceability.report import sentences as wording

# What XML 1.0 cannot hold, not even escaped.
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(matrix: Matrix) -> str:
    """Return the document, with an XML declaration."""
    root = ET.Element("testsuites", name=_clean(matrix.title))
    for kind in wording.kinds(matrix):
        suite = ET.SubElement(root, "testsuite", name=wording.KINDS.get(kind, kind))
        for traced in wording.of_kind(matrix, kind):
            _case(suite, kind, traced)
        _count(suite)
    suite = ET.SubElement(root, "testsuite", name="findings")
    for finding in matrix.findings:
        _finding(suite, finding)
    if not matrix.requirements and not matrix.findings:
        _error(suite, "no requirement", "the matrix is empty, and empty is no pass")
    _count(suite)
    _count(root)
    ET.indent(root, " ")
    # As bytes first: for text, the declaration would name the encoding of this machine.
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content.decode() + "\n"


def _case(suite: ET.Element, kind: str, traced: TracedRequirement) -> None:
    requirement = traced.requirement
    seconds = sum(one.evidence.seconds for one in traced.scenarios)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=kind,
        name=_clean(f"{requirement.id} {requirement.text}"),
        file=requirement.path,
        line=str(requirement.line),
        time=f"{seconds:.6f}",
    )
    reason = _clean(wording.reason(traced))
    if traced.verdict is Verdict.EXCLUDED:
        ET.SubElement(case, "skipped", message=f"excluded: {reason}")
    elif traced.deviation:
        ET.SubElement(case, "skipped", message=reason)
    elif traced.verdict is not Verdict.VERIFIED:
        ET.SubElement(
            case, "failure", type=traced.verdict, message=f"{traced.verdict}: {reason}"
        ).text = "\n".join(
            _clean(f"{one.result}: {one.scenario.id} {one.scenario.name}: {one.evidence.reason}")
            for one in traced.scenarios
        )


def _finding(suite: ET.Element, finding: Finding) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname="finding",
        name=_clean(f"{finding.kind} {finding.path}:{finding.line}"),
        file=_clean(finding.path),
        line=str(finding.line),
        time="0.000000",
    )
    ET.SubElement(case, "failure", type=_clean(finding.kind), message=_clean(finding.message))


def _error(suite: ET.Element, name: str, message: str) -> None:
    case = ET.SubElement(suite, "testcase", classname="finding", name=name, time="0.000000")
    ET.SubElement(case, "error", type="empty", message=message)


def _count(suite: ET.Element) -> None:
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.6f}")


def _clean(text: str) -> str:
    return _INVALID.sub("\ufffd", text)
