"""Reads all that a project says about itself: everything but the evidence of a run."""

from __future__ import annotations

from dataclasses import dataclass

from traceability import features, source, spec
from traceability.config import Config
from traceability.model import Features, Finding, SourceFile, Spec


@dataclass(frozen=True)
class Project:
    """Spec, features and code as they stand, and what was found wrong while they were read."""

    spec: Spec
    features: Features
    sources: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


def read(config: Config, *, with_code: bool = True) -> Project:
    """Return the project. Raises `TraceabilityError` for a spec that cannot be read.

    `with_code=False` leaves the sources out: the evidence is that of a server that is not theirs.
    """
    its_spec, of_spec = spec.inspect(config.spec, config.root, config.counts)
    ids = {one.id for one in its_spec.requirements}
    known = ids.union(its_spec.context_ids, config.known_tags)
    its_features, of_features = features.inspect(config.features, config.root, known)
    measured, of_measured = source.read(config.sources if with_code else (), config.root)
    schema, of_schema = source.read(config.schema if with_code else (), config.root, measured=False)
    return Project(
        spec=its_spec,
        features=its_features,
        sources=measured + schema,
        findings=(*of_spec, *of_features, *of_measured, *of_schema),
    )
