"""What of a failed connection nobody but the operator can mend, so that the start ends with it.

All else may be over soon: a server that is down, starts, is full, or has another name tomorrow.
"""

import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from select import POLLIN, POLLOUT, poll

from psycopg import Error, NotSupportedError
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, PollingStatus

from server.connecting import NoConnectionError, given

# What libpq or a pooler says: TLS that is demanded and not offered, or not trusted; files that are
# not there; logins and options that are refused. PostgreSQL itself may speak another language, so
# that what it says is here only for systems where libpq has no trace.
REFUSALS = re.compile(
    r"does not support SSL|certificate verify failed|does not match host name|root certificate"
    r"|certificate file|private key file|could not load|channel binding"
    r"|requires a valid client certificate|certificate required|protocol version"
    r"|unsupported protocol"
    r"|authentication failed|no password supplied|authentication method|pg_hba\.conf"
    r"|no such (?:database|user)|unsupported startup parameter"
    r'|(role|database) "[^\n]*" does not exist|not permitted to (log in|connect)'
    r"|permission denied (for database|to set parameter)|unrecognized configuration parameter"
)
STATES = ("0A", "22", "28", "3D", "42", "55P02")
"""SQLSTATEs that come again: a feature, value, login, database, name or right, a fixed setting."""
CANCELLED = "57014"
STATE = re.compile(rb' C "([0-9A-Z]{5})"')
EVENTS = {PollingStatus.READING: POLLIN, PollingStatus.WRITING: POLLOUT}
ASK_SECONDS = 5.0
"""How long a server may take to say its SQLSTATE."""


def is_lasting(error: Error, where: Mapping[str, str]) -> bool:
    """Return whether a connection failed for what stays so, at each of several servers."""
    # Implements: SR-006
    causes = error.causes if isinstance(error, NoConnectionError) else [error]
    return all(_lasts(cause, where) for cause in causes)


def _lasts(error: Error, where: Mapping[str, str]) -> bool:
    # Implements: SR-006
    if REFUSALS.search(str(error)):
        return True
    if error.sqlstate == CANCELLED:
        return "statement_timeout" in given(where, "options")
    return (error.sqlstate or _state(error, where)).startswith(STATES)


def _state(error: Error, where: Mapping[str, str]) -> str:
    """Connect once more for the SQLSTATE, which libpq shows in its trace and nowhere else."""
    # Implements: SR-006
    if error.pgconn is None:
        return ""
    place = {name: getattr(error.pgconn, name).decode() for name in ("host", "hostaddr", "port")}
    named = {name: value for name, value in place.items() if value}
    until = time.monotonic() + ASK_SECONDS
    with tempfile.TemporaryFile() as trace:
        asking = PGconn.connect_start(make_conninfo(**{**where, **named}).encode())
        with suppress(NotSupportedError):  # other systems than Linux
            asking.trace(trace.fileno())
        while (left := until - time.monotonic()) > 0:
            event = EVENTS.get(PollingStatus(asking.connect_poll()), 0)
            if not event:
                break
            socket = poll()
            socket.register(asking.socket, event)
            socket.poll(left * 1000)
        with suppress(NotSupportedError):
            asking.untrace()
        asking.finish()
        trace.seek(0)
        found = [STATE.search(line) for line in trace if b"\tErrorResponse\t" in line]
    return found[-1][1].decode() if found and found[-1] else ""
