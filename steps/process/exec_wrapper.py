"""Change to an unprivileged user if told to, request a death signal, then exec the command.

Run by path, before the real program::

    python exec_wrapper.py PARENT_PID SIGNAL UID GID COMMAND [ARGUMENT ...]

`UID` and `GID` are -1 to keep the user. The order matters: Linux forgets the death signal when the
credentials change, and keeps it over `exec`. Where there is no such signal (macOS, Windows), the
child outlives a parent that is killed.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Replace this process by the command in its arguments."""
    parent, signal, uid, gid = map(int, sys.argv[1:5])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:  # it died before the signal was requested
            sys.exit(1)
    command = sys.argv[5:]
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
