"""Folders for PostgreSQL's data: temporary ones that no killed run leaves behind, and kept ones.

Who uses a folder holds a lock on it (flock); the kernel takes it back however the process ends.
So a folder whose lock can be had belongs to nobody who lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from steps.errors import TargetError

PREFIX = "acceptance-pg-"
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108
REQUIRED_MEMORY_BYTES = 1 << 30
"""Bytes that have to be free there; each worker of a run takes an eighth of it."""
TEMPORARY_VARIABLES = ("TMPDIR", "TEMP", "TMP")
"""Variables by which a user says where temporary files are to be."""
FALLBACK_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108  # only where `mkdtemp` makes a folder of a random name

Owner = tuple[int, int] | None
"""(uid, gid) to give things to; None: they stay ours."""


def unprivileged_user() -> Owner:
    """PostgreSQL refuses to run as root: then it runs as `nobody`."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def try_lock(folder: Path) -> int | None:
    """Return a descriptor that holds the folder's lock, None if somebody else holds it.

    Raises `OSError` when there is no such folder, or none that we may read.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def make_temporary_folder(owner: Owner, *, in_memory: bool = False) -> tuple[Path, int]:
    """Make a locked folder for `owner`, and sweep those of killed runs; return it and its lock.

    `in_memory` asks for one whose files are on no disk; there may be none.
    """
    parent = _parent_folder(owner)
    for swept in (parent, MEMORY_FOLDER):
        remove_abandoned_folders(swept)
    user_chose = any(map(os.environ.get, TEMPORARY_VARIABLES))
    if in_memory and not user_chose and fits_in_memory(MEMORY_FOLDER, owner):
        parent = MEMORY_FOLDER
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Another run may sweep it in the moment before it is locked, and be through with it or not.
        with contextlib.suppress(FileNotFoundError):
            descriptor = try_lock(folder)
            if descriptor is not None and folder.exists():
                change_owner(owner, folder)
                return folder, descriptor
            if descriptor is not None:
                os.close(descriptor)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a temporary folder in which PostgreSQL can be made."""
    folder, descriptor = make_temporary_folder(unprivileged_user())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def make_permanent_folder(folder: Path, owner: Owner) -> None:
    """Make a folder to keep, through which `owner` can pass whatever our umask is."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if owner is not None:
        for path in missing:
            path.chmod(path.stat().st_mode | 0o011)


def remove_abandoned_folders(parent: Path) -> None:
    """Remove the folders of runs that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            descriptor = try_lock(folder)
        except OSError:  # somebody else's, or gone already
            continue
        if descriptor is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def fits_in_memory(memory: Path, owner: Owner) -> bool:
    """Return whether `owner`'s PostgreSQL fits in: Docker gives 64 MiB, and runs nothing there."""
    try:
        system = os.statvfs(memory)
    except OSError:
        return False
    if system.f_bavail * system.f_frsize < REQUIRED_MEMORY_BYTES or system.f_flag & os.ST_NOEXEC:
        return False
    return os.access(memory, os.W_OK) and (owner is None or accessible_to_all_users(memory))


def change_owner(owner: Owner, *paths: Path) -> None:
    """Give paths to the user that PostgreSQL runs as."""
    if owner is not None:
        for path in paths:
            os.chown(path, *owner)


def accessible_to_all_users(path: Path) -> bool:
    """Return whether every user can get to what is in a folder."""
    return all(p.stat().st_mode & 0o001 for p in (path.resolve(), *path.resolve().parents))


def _parent_folder(owner: Owner) -> Path:
    candidates: Iterable[Path] = map(Path, (tempfile.gettempdir(), *FALLBACK_FOLDERS))
    for parent in candidates:
        if owner is None or (parent.is_dir() and accessible_to_all_users(parent)):
            return parent
    raise TargetError(
        f"PostgreSQL cannot run as root, and user {owner} can enter no folder for temporary files: "
        "set TMPDIR to one that everybody may enter, or run as an ordinary user."
    )
