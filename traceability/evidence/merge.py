"""Writes the evidence of several runs, or of the workers of one run, into one file."""

from __future__ import annotations

from pathlib import Path

from traceability.evidence.read import read_evidence
from traceability.evidence.write import EvidenceWriter


def merge_evidence(*paths: Path, into: Path) -> None:
    """Write the evidence of several files as that of one run. Raises as `read_evidence` does."""
    evidence = read_evidence(*paths)
    with EvidenceWriter(into) as writer:
        writer.write_run(
            spec_digest=evidence.spec_digest,
            features_digest=evidence.features_digest,
            environment=evidence.environment,
            unmeasured=evidence.unmeasured,
        )
        for finding in evidence.findings:
            writer.write_finding(finding)
        for deviation in evidence.deviations:
            writer.write_deviation(deviation)
        for scenario in evidence.scenarios.values():
            writer.write_scenario(scenario)
        for path, digest in sorted(evidence.sources.items()):
            writer.write_source(path, digest)
        writer.write_end(len(evidence.scenarios))
