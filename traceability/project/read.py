"""Reads all that a project says about itself: everything but the evidence of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from traceability.model import Features, Finding, SourceFile, Spec
from traceability.project import features, source, spec
from traceability.project.config import Config


@dataclass(frozen=True)
class Project:
    """Spec, features and code as they stand, and what was found wrong while they were read."""

    spec: Spec
    features: Features
    sources: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Code:
    """The source of a server that is judged and that is not made of the project's own."""

    root: Path
    paths: tuple[str, ...] = ()
    """Files and folders, relative to `root`; none: the source is not there to be shown."""


def read(config: Config, foreign: Code | None = None, *, measured: bool = True) -> Project:
    """Return the project. Raises `TraceabilityError` for a spec that cannot be read.

    With `foreign`, the evidence is that of a server with other sources. They need not claim
    anything, and what cannot be read of them is left out. With `measured=False`, for whoever has no
    evidence, no line counts as executable: that takes half the time.
    """
    its_spec, of_spec = spec.inspect(config.spec, config.root, config.counts)
    ids = {one.id for one in its_spec.requirements}
    known = ids.union(its_spec.context_ids, config.known_tags)
    its_features, of_features = features.inspect(config.features, config.root, known)
    if foreign is not None:
        files, _ = source.read(foreign.paths, foreign.root, measured=measured)
        sources = tuple(_without_claims(one) for one in files if one.executable)
        return Project(its_spec, its_features, sources, (*of_spec, *of_features))
    sources, of_sources = source.read(config.sources, config.root, measured=measured)
    schema, of_schema = source.read(config.schema, config.root, measured=False)
    return Project(
        spec=its_spec,
        features=its_features,
        sources=sources + schema,
        findings=(*of_spec, *of_features, *of_sources, *of_schema),
    )


def _without_claims(file: SourceFile) -> SourceFile:
    """Forget what a file says of other requirements than ours."""
    definitions = tuple(replace(one, claims=()) for one in file.definitions)
    return replace(file, definitions=definitions)
