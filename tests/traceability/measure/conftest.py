"""Fixtures of the tests of measuring: a control socket, and a server under the launcher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.traceability.measure.servers import LaunchedServer, write_server
from traceability.measure.control_socket import ControlSocket


@pytest.fixture
def control() -> Iterator[ControlSocket]:
    control = ControlSocket(answer_timeout=0.5)
    yield control
    control.close()


@pytest.fixture
def server(control: ControlSocket, tmp_path: Path) -> Iterator[LaunchedServer]:
    server = LaunchedServer(control, write_server(tmp_path, "threads"))
    yield server
    server.kill()
