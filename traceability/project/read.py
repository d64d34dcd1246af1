"""Reads all that a project says about itself: everything but the evidence of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from traceability.model import Features, Finding, SourceFile, Spec
from traceability.project.config import Config
from traceability.project.features import inspect_features
from traceability.project.source import read_sources
from traceability.project.spec import inspect_spec


@dataclass(frozen=True)
class Project:
    """Spec, features and code as they stand, and what was found wrong while they were read."""

    spec: Spec
    features: Features
    sources: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ForeignSources:
    """The source of a server that is judged and that is not made of the project's own."""

    root: Path
    paths: tuple[str, ...] = ()
    """Files and folders, relative to `root`; none: the source is not there to be shown."""


def read_project(
    config: Config, foreign: ForeignSources | None = None, *, measured: bool = True
) -> Project:
    """Return the project. Raises `TraceabilityError` for a spec that cannot be read.

    With `foreign`, the evidence is that of a server with other sources. They need not claim
    anything, and what cannot be read of them is left out. With `measured=False`, for whoever has no
    evidence, no line counts as executable: that takes half the time.
    """
    spec, spec_findings = inspect_spec(config.spec, config.root, config.counts)
    ids = {one.id for one in spec.requirements}
    known = ids.union(spec.context_ids, config.known_tags)
    features, features_findings = inspect_features(config.features, config.root, known)
    if foreign is not None:
        files, _ = read_sources(foreign.paths, foreign.root, measured=measured)
        sources = tuple(_without_claims(one) for one in files if one.executable)
        return Project(spec, features, sources, (*spec_findings, *features_findings))
    sources, sources_findings = read_sources(config.sources, config.root, measured=measured)
    schema, schema_findings = read_sources(config.schema, config.root, measured=False)
    return Project(
        spec=spec,
        features=features,
        sources=sources + schema,
        findings=(*spec_findings, *features_findings, *sources_findings, *schema_findings),
    )


def _without_claims(file: SourceFile) -> SourceFile:
    """Forget what a file says of other requirements than ours."""
    definitions = tuple(replace(one, claims=()) for one in file.definitions)
    return replace(file, definitions=definitions)
