"""Known vulnerabilities of the locked versions, and licences of all that is installed.

    python .ci/audit.py licences | vulnerabilities

Exit status: 0 nothing was found, 1 something was, 2 it could not be found out ("not run").
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOUND, NOT_RUN = 1, 2
SECONDS = 600
"""Limit of the questions about all locked versions."""
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LGPL-3.0-only",  # psycopg: it is used as a library, unchanged
    "MIT",
    "MIT-0",
    "MPL-2.0",  # binds changes of its own files, of which there are none here
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
"""SPDX ids of licences under which a package may be used by an MIT-licensed project."""
NAMES = {
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd license": "BSD",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "psfl": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
"""Other names of licences, in small letters, to SPDX ids."""
ALTERNATIVES = re.compile(r"\sOR\s")
PARTS = re.compile(r"\s(?:AND|WITH)\s")


def licences_of(distribution: Distribution) -> list[str]:
    """Return what the metadata say: the SPDX expression, else classifiers, else the free text."""
    metadata: Any = distribution.metadata
    if expression := metadata.get("License-Expression"):
        return [str(expression)]
    classifiers = [one.split(" :: ") for one in metadata.get_all("Classifier") or []]
    named = [parts[-1] for parts in classifiers if parts[:2] == ["License", "OSI Approved"]]
    text = str(metadata.get("License") or "").strip().splitlines()
    return named or text[:1]


def is_allowed(expression: str) -> bool:
    """Return whether one alternative of a licence expression is allowed in all its parts."""
    return (
        any(
            all(_spdx_id(part) in ALLOWED for part in PARTS.split(one))
            for one in ALTERNATIVES.split(expression.replace("(", "").replace(")", ""))
        )
        or NAMES.get(expression.lower()) in ALLOWED
    )


def _spdx_id(part: str) -> str:
    return NAMES.get(part.strip().lower(), part.strip())


def refused_licences(installed: Iterable[Distribution]) -> list[str]:
    """Return a sentence for each distribution of whose licences none is allowed."""
    sentences = []
    for one in installed:
        licences = licences_of(one)
        if not any(map(is_allowed, licences)):
            said = ", ".join(licences) or "none is named"
            sentences.append(f"{one.metadata['Name']} {one.version}: {said}")
    return sorted(sentences)


def audit_licences() -> int:
    """Print the licences that are not allowed; return the exit status."""
    installed = list(distributions())
    refused = refused_licences(installed)
    for sentence in refused:
        print(f"Licence: {sentence}")
    print(
        f"Licences: {len(installed)} distributions, {len(refused)} not in the list of allowed ones."
    )
    return FOUND if refused else 0


def locked_versions() -> list[str]:
    """Return `name==version` of all packages of uv.lock that come from an index."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    return [f"{one['name']}=={one['version']}" for one in packages if "registry" in one["source"]]


def pip_audit(versions: Sequence[str]) -> tuple[str, str]:
    """Ask the advisory service; return what pip-audit writes to stdout and to stderr."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(versions) + "\n", "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--no-deps"]
        command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return "", f"no answer within {SECONDS} s"
    return done.stdout, done.stderr


def judge_answer(stdout: str, stderr: str, asked: int) -> tuple[int, list[str]]:
    """Return exit status and sentences. No answer about a package is not a good one.

    pip-audit ends with status 0 and "No known vulnerabilities found" where the service knows no
    package at all.
    """
    try:
        packages: list[Mapping[str, Any]] = json.loads(stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return NOT_RUN, [f"Vulnerabilities: not run: {reason}"]
    found = [
        f"Vulnerability: {one['name']} {one['version']}: {bug['id']}, fixed in "
        f"{', '.join(bug.get('fix_versions') or ()) or 'no version'}"
        for one in packages
        for bug in one.get("vulns", ())
    ]
    answered = sum("vulns" in one for one in packages)
    total = f"{answered} of {asked} locked versions looked up, {len(found)} vulnerabilities known"
    if answered < asked:
        reason = next((one["skip_reason"] for one in packages if "skip_reason" in one), "no answer")
        part = "not run" if not answered else "not run for all"
        found.append(f"Vulnerabilities: {part}: {total} ({reason})")
        return (FOUND if len(found) > 1 else NOT_RUN), found
    return (FOUND if found else 0), [*found, f"Vulnerabilities: {total}."]


def audit_vulnerabilities() -> int:
    """Print known vulnerabilities of the locked versions; return the exit status."""
    versions = locked_versions()
    status, sentences = judge_answer(*pip_audit(versions), len(versions))
    print("\n".join(sentences))
    return status


if __name__ == "__main__":
    parts = {"licences": audit_licences, "vulnerabilities": audit_vulnerabilities}
    if sys.argv[1:2] and sys.argv[1] in parts and len(sys.argv) == 2:
        sys.exit(parts[sys.argv[1]]())
    print(f"Say one of: {', '.join(parts)}.", file=sys.stderr)
    sys.exit(NOT_RUN)
