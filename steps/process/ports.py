"""TCP ports of 127.0.0.1 for servers that the harness starts."""

from __future__ import annotations

import errno
import random
import socket

from steps.errors import TargetError

# Below the ports that Linux, macOS and Windows use for outgoing connections: none of these takes
# the port of a server that is stopped for a moment.
PORTS = range(20_000, 32_000)
PORT_ATTEMPTS = 5
"""How many ports are tried when other programs take the chosen ones."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which a server can listen right now.

    Raises `TargetError` when 100 ports are taken.
    """
    for port in random.sample(PORTS, 100):
        if not port_in_use(port):
            return port
    raise TargetError(f"No free TCP port was found on 127.0.0.1 in {PORTS.start}-{PORTS.stop}.")


def port_in_use(port: int) -> bool:
    """Return whether a server could not listen on this port of 127.0.0.1 right now."""
    with socket.socket() as candidate:
        # As servers do: connections in TIME_WAIT do not block the port.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
