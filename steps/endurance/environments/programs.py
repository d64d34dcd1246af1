"""Programs of the system that the real environments need, and how to install them."""

from __future__ import annotations

import shutil
from pathlib import Path

from steps.endurance.fault import NotRunError

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
SYSTEM_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin:/opt/homebrew/bin"


def postgresql_programs(root: Path = DEBIAN_FOLDER) -> Path:
    """Return the folder with the programs of Debian's newest PostgreSQL.

    The embedded one has neither TLS nor `pg_basebackup`. Raises `NotRunError` with the remedy.
    """
    found = [path for path in root.glob("*/bin") if _version(path) and _complete(path)]
    if not found:
        raise NotRunError("Debian's PostgreSQL is missing: apt-get install postgresql")
    return max(found, key=_version)


def pgbouncer_program() -> str:
    """Return the path of PgBouncer. Raises `NotRunError` with the remedy."""
    found = shutil.which("pgbouncer", path=SYSTEM_PATH)
    if found is None:
        raise NotRunError("PgBouncer is missing: apt-get install pgbouncer")
    return found


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "postgres", "pg_basebackup"))
