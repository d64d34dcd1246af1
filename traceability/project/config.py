"""Reads `[tool.traceability]` of pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traceability.model import TraceabilityError

ID_KINDS = ("FR", "SR", "SC", "AS", "EC", "OS", "C", "A", "D")
"""Kinds of ids that `counts` may name. AS counts the acceptance scenarios of all stories."""


class ConfigError(TraceabilityError):
    """`[tool.traceability]` is missing, or one of its keys is wrong."""


@dataclass(frozen=True)
class Config:
    """The settings of one project. Paths are POSIX paths relative to `root`."""

    root: Path
    spec: str
    features: str
    sources: tuple[str, ...] = ()
    """Measured code: a definition that claims a requirement must run in its passed scenarios."""
    schema: tuple[str, ...] = ()
    """Code that has claims and cannot be measured, such as SQL."""
    title: str = ""
    without_code: tuple[str, ...] = ()
    """Kinds of requirements that need no claimed code."""
    other_tags: tuple[str, ...] = ()
    """Tags that name no requirement, such as a capability that a scenario needs of its target."""
    optional_tags: tuple[str, ...] = ()
    """Tags of scenarios that show more than the spec demands. They do not run against a target that
    lacks the capability; the verdict then rests on the requirement's other scenarios."""
    clarifications: str = "CL"
    """The letters with which the ids of the spec's clarifications begin, as in `CL-07`."""
    minimum_traced: float = 0.0
    """Percentage of the executable lines of `sources` that must be traced to requirements."""
    counts: dict[str, int] = field(default_factory=dict)
    """Kind to the number of ids that the spec must have."""
    output: str = "build/traceability"

    @property
    def known_tags(self) -> tuple[str, ...]:
        """All tags that are allowed besides the ids of the spec."""
        return self.other_tags + self.optional_tags


def load_config(root: Path) -> Config:
    """Return the settings of the project whose pyproject.toml is in `root`.

    Raises `ConfigError` when the file or the table is missing, a key is unknown, a value has the
    wrong type, or a path does not exist.
    """
    file = root / "pyproject.toml"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); give --root") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}") from None
    tool = document.get("tool")
    table = tool.get("traceability") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: has no table [tool.traceability]; add one with spec, features")
    values = {key: _value(file, key, value) for key, value in table.items()}
    for key in ("spec", "features"):
        if key not in values:
            raise ConfigError(f"{file}: [tool.traceability] needs the key {key!r}")
    config = Config(root=root, **values)
    _check_counts(file, config)
    _check_paths(file, config)
    return config


def _value(file: Path, key: str, value: Any) -> Any:
    if key not in _READERS:
        known = ", ".join(_READERS)
        raise ConfigError(f"{file}: [tool.traceability] has no key {key!r}; it knows {known}")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise ConfigError(f"{file}: [tool.traceability] {key} must be {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text, not {value!r}")
    return value


def _path(value: Any) -> str:
    path = Path(_text(value))
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"a path below the project's root, not {value!r}")
    return path.as_posix()


def _letters(value: Any) -> str:
    text = _text(value)
    if not (text.isascii() and text.isalpha() and text.isupper()):
        raise ValueError(f"capital letters such as CL, not {value!r}")
    if text in ID_KINDS:
        raise ValueError(f"other letters than {text}, which is a kind of its own")
    return text


def _list(reader: Callable[[Any], str]) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError(f"a list of texts, not {value!r}")  # noqa: TRY004 - all readers raise ValueError
        return tuple(reader(item) for item in value)

    return read


def _tag(value: Any) -> str:
    return _text(value).removeprefix("@")


def _percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError(f"a number from 0 to 100, not {value!r}")
    return float(value)


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError(f"a table of kind = number, not {value!r}")  # noqa: TRY004
    for kind, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError(f"a table of kind = number, not {kind} = {number!r}")
    return dict(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "spec": _path,
    "features": _path,
    "sources": _list(_path),
    "schema": _list(_path),
    "title": _text,
    "without_code": _list(_text),
    "other_tags": _list(_tag),
    "optional_tags": _list(_tag),
    "clarifications": _letters,
    "minimum_traced": _percent,
    "counts": _counts,
    "output": _path,
}


def _check_counts(file: Path, config: Config) -> None:
    kinds = (*ID_KINDS, config.clarifications)
    for kind in config.counts:
        if kind not in kinds:
            raise ConfigError(
                f"{file}: [tool.traceability] counts must be a table whose keys are of "
                f"{', '.join(kinds)}, not {kind!r}"
            )


def _check_paths(file: Path, config: Config) -> None:
    if not (config.root / config.spec).is_file():
        raise ConfigError(f"{file}: [tool.traceability] spec: there is no file {config.spec}")
    if not (config.root / config.features).is_dir():
        raise ConfigError(
            f"{file}: [tool.traceability] features: there is no folder {config.features}"
        )
    for key, paths in (("sources", config.sources), ("schema", config.schema)):
        for path in paths:
            if not (config.root / path).exists():
                raise ConfigError(f"{file}: [tool.traceability] {key}: there is no {path}")
