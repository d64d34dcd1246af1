"""Folders for PostgreSQL's data: kept ones, and temporary ones that no killed run leaves for good.

A run holds a lock (flock) on each folder that it uses; the kernel releases it however the process
ends. So a folder whose lock is free belongs to no living run.
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
"""Bytes that have to be free in memory; each worker of a judging takes about an eighth of them."""
TEMPORARY_VARIABLES = ("TMPDIR", "TEMP", "TMP")
"""Environment variables by which a user chooses the folder of temporary files."""
FALLBACK_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108  # only where `mkdtemp` makes a folder of a random name

Owner = tuple[int, int] | None
"""(uid, gid) of the user that owns files and runs PostgreSQL; None: the user of this process."""


def unprivileged_user() -> Owner:
    """Return `nobody` when the harness runs as root, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def try_lock(folder: Path) -> int | None:
    """Return a descriptor that holds the folder's lock; None: another process holds it.

    Raises `OSError` when there is no such folder, or no permission to read it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def make_temporary_folder(owner: Owner, *, in_memory: bool = False) -> tuple[Path, int]:
    """Make a locked folder for `owner`, and remove those of killed runs; return it and its lock.

    `in_memory` asks for a folder in memory; it is on disk all the same where memory is short or
    the user has chosen a folder.
    """
    parent = _parent_folder(owner)
    for swept in (parent, MEMORY_FOLDER):
        remove_abandoned_folders(swept)
    user_chose = any(map(os.environ.get, TEMPORARY_VARIABLES))
    if in_memory and not user_chose and fits_in_memory(MEMORY_FOLDER, owner):
        parent = MEMORY_FOLDER
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Before the lock is held, another run may remove the folder, or be about to.
        with contextlib.suppress(FileNotFoundError):
            descriptor = try_lock(folder)
            if descriptor is not None and folder.exists():
                change_owner(owner, folder)
                return folder, descriptor
            if descriptor is not None:
                os.close(descriptor)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a temporary folder that PostgreSQL's user can enter."""
    folder, descriptor = make_temporary_folder(unprivileged_user())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def make_permanent_folder(folder: Path, owner: Owner) -> None:
    """Make a folder to keep; `owner` can enter it and its new parents, whatever the umask is."""
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
        except OSError:  # of another user, or removed already
            continue
        if descriptor is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def fits_in_memory(memory: Path, owner: Owner) -> bool:
    """Return whether a PostgreSQL of `owner` fits into this folder in memory.

    Docker's /dev/shm, for example, has 64 MiB and does not allow to run programs.
    """
    try:
        system = os.statvfs(memory)
    except OSError:
        return False
    if system.f_bavail * system.f_frsize < REQUIRED_MEMORY_BYTES or system.f_flag & os.ST_NOEXEC:
        return False
    return os.access(memory, os.W_OK) and (owner is None or accessible_to_all_users(memory))


def change_owner(owner: Owner, *paths: Path) -> None:
    """Make `owner` the owner of the paths; None changes nothing."""
    if owner is not None:
        for path in paths:
            os.chown(path, *owner)


def accessible_to_all_users(path: Path) -> bool:
    """Return whether every user can enter a folder and all its parents."""
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
