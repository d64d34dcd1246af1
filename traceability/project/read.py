"""Reads a whole project: everything but the evidence of a run."""

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
    """Spec, features and source files, and the findings of reading them."""

    spec: Spec
    features: Features
    sources: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ForeignSources:
    """The source of a judged server that is not built from the project's own source."""

    root: Path
    paths: tuple[str, ...] = ()
    """Files and folders, relative to `root`; empty: the source is not available."""


def read_project(
    config: Config, foreign: ForeignSources | None = None, *, measured: bool = True
) -> Project:
    """Return the project. Raises `TraceabilityError` for a spec that cannot be read.

    With `foreign`, the evidence comes from a server with other sources. They need no claims, and
    files of them that cannot be read are left out. `measured=False` is for a check without
    evidence: no line counts as executable, which takes half the time.
    """
    spec, spec_findings = inspect_spec(
        config.spec, config.root, config.counts, config.clarifications
    )
    ids = {one.id for one in spec.requirements} | {one.id for one in spec.clarifications}
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
    """Drop the claims: they are about the requirements of another spec."""
    definitions = tuple(replace(one, claims=()) for one in file.definitions)
    return replace(file, definitions=definitions)
