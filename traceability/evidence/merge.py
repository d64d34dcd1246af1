"""Writes the evidence of several runs, or of several workers of one, as that of one run."""

from __future__ import annotations

from pathlib import Path

from traceability.evidence.read import read
from traceability.evidence.write import Writer


def merge(*paths: Path, into: Path) -> None:
    """Write the evidence of several runs as that of one. Raises `EvidenceError` as `read` does."""
    evidence = read(*paths)
    with Writer(into) as writer:
        writer.run(
            spec_digest=evidence.spec_digest,
            features_digest=evidence.features_digest,
            environment=evidence.environment,
            measured=evidence.unmeasured,
        )
        for finding in evidence.findings:
            writer.finding(finding)
        for deviation in evidence.deviations:
            writer.deviation(deviation)
        for scenario in evidence.scenarios.values():
            writer.scenario(scenario)
        for path, digest in sorted(evidence.sources.items()):
            writer.source(path, digest)
        writer.end(len(evidence.scenarios))
