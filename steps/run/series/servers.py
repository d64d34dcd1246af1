"""The servers of a series: their names, the folders of their reports, and what they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from steps.errors import TargetError
from steps.run.acceptance_options import ROOT
from steps.target.description.read import read

TEMPLATE = ROOT / "targets" / "template.toml"
RESERVED = {"comparison"}
"""Names of folders in the output folder that are no server's."""


@dataclass(frozen=True)
class Server:
    """One server of a series."""

    file: Path
    """Its target file; absolute."""
    name: str
    """As the table shows it; no two servers of a series have the same."""
    folder: str
    """Name of the folder of its reports; no two servers have the same."""
    resources: frozenset[str] = frozenset()
    """What only one judging can use at a time: a fixed port, or a server that runs already."""


def servers(files: Sequence[Path]) -> list[Server]:
    """Return a server for each target file, in their order; a file that is named twice once."""
    unique = list(dict.fromkeys(file.absolute() for file in files))
    folders = folder_names(unique)
    found = [_server(file, folder) for file, folder in zip(unique, folders, strict=True)]
    times = Counter(one.name for one in found)
    return [
        Server(one.file, f"{one.name} ({one.folder})", one.folder, one.resources)
        if times[one.name] > 1
        else one
        for one in found
    ]


def without_template(files: Sequence[Path]) -> list[Path]:
    """Return the files without the template of this project, which describes no server."""
    return [file for file in files if file.resolve() != TEMPLATE]


def folder_names(files: Sequence[Path]) -> list[str]:
    """Return a name of a folder for each file: its own, with as many of its folders as it takes.

    No two are the same, also where the file system does not tell small letters from capitals.
    """
    parts = [(*file.parts[:-1], file.stem) for file in files]
    names = [_safe(part[-1:]) for part in parts]
    for length in range(2, max(map(len, parts), default=0) + 1):
        times = Counter(name.casefold() for name in names)
        names = [
            _safe(part[-length:]) if _taken(name, times) else name
            for name, part in zip(names, parts, strict=True)
        ]
    return _numbered(names)


def _taken(name: str, times: Counter[str]) -> bool:
    return times[name.casefold()] > 1 or name.casefold() in RESERVED


def _numbered(names: Sequence[str]) -> list[str]:
    """Add a number to names that are still the same: files whose names differ in spaces only."""
    found: list[str] = []
    used = set(RESERVED)
    for name in names:
        candidate, number = name, 2
        while candidate.casefold() in used:
            candidate, number = f"{name}-{number}", number + 1
        used.add(candidate.casefold())
        found.append(candidate)
    return found


def _safe(parts: Sequence[str]) -> str:
    """Return the parts as a name of a folder that is no hidden one."""
    words = "-".join("".join(c if c.isalnum() or c in "._-" else "-" for c in p) for p in parts)
    return words.strip(".-") or "server"


def _server(file: Path, folder: str) -> Server:
    """Return a server; where the file has a mistake, the judging will say so."""
    try:
        description = read(file)
    except TargetError:
        return Server(file, file.stem, folder)
    server, resources = description.server, set[str]()
    if server.port:
        resources.add(f"port {server.port}")
    if description.tokens.jwks_url:
        resources.add(f"port {urlsplit(description.tokens.jwks_url).port}")
    if server.url:
        resources.add(f"host {urlsplit(server.url).netloc.lower()}")
    name = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", description.name).split())
    return Server(file, name or file.stem, folder, frozenset(resources))
