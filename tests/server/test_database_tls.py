"""PostgreSQL that demands TLS: what does not fit is named at the start, what may be over is not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate
from sqlalchemy.engine import make_url

from steps.endurance.environments.certificates import Authority
from steps.endurance.environments.tls import Tls, TlsPlace
from steps.endurance.fault import run_sql
from tests.endurance.reference_server import PATIENCE_SECONDS, WELL_SECONDS, opened, serving
from tests.server.databases import render
from tests.server.test_database_url import start

pytestmark = pytest.mark.postgresql

WRONG_WORD = "a-wrong-word"
HOUR = timedelta(hours=1)
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s"
Prepare = Callable[[TlsPlace], str]
"""Prepares server or client, and returns the URL with which the server is to be started."""


@pytest.fixture(scope="module")
def tls_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsPlace]:
    with opened(Tls(), tmp_path_factory.mktemp("tls")) as found:
        yield found


@pytest.fixture
def place(tls_place: TlsPlace) -> Iterator[TlsPlace]:
    """PostgreSQL with a certificate that is right, before and after the test."""
    yield tls_place
    present(tls_place)


def with_options(place: TlsPlace, *taken: str, **given: str) -> str:
    """Return the server's URL without some of libpq's options, and with others."""
    url = make_url(place.server_url).difference_update_query(taken).update_query_dict(given)
    return url.render_as_string(hide_password=False)


def present(
    place: TlsPlace, hosts: tuple[str, ...] = ("127.0.0.1",), expires: timedelta = HOUR
) -> str:
    """Let PostgreSQL present a new certificate to new connections; return the usual URL."""
    assert place.tls is not None
    place.tls.issue(hosts, expires)
    reload_settings(place)
    end = time.monotonic() + PATIENCE_SECONDS
    while presented_serial(place.tls.address) != place.tls.serial:
        assert time.monotonic() < end, "PostgreSQL kept its old certificate"
        time.sleep(0.01)
    return place.server_url


def reload_settings(place: TlsPlace) -> None:
    """Send the signal: a connection of our own would not trust each certificate."""
    assert place.tls is not None
    pid = (place.tls.folder / "data" / "postmaster.pid").read_text("ascii").split()[0]
    os.kill(int(pid), signal.SIGHUP)


def presented_serial(address: tuple[str, int]) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(address, PATIENCE_SECONDS) as plain:
        plain.sendall(struct.pack("!II", 8, 80877103))  # SSLRequest of the protocol
        assert plain.recv(1) == b"S"
        with context.wrap_socket(plain) as encrypted:
            shown = encrypted.getpeercert(binary_form=True)
    assert shown is not None
    return load_der_x509_certificate(shown).serial_number


def another_authority(place: TlsPlace) -> str:
    assert place.tls is not None
    return with_options(place, sslrootcert=str(Authority(place.tls.folder / "other.crt").root))


def no_certificate(place: TlsPlace) -> str:
    assert place.tls is not None
    (place.tls.folder / "words.crt").write_text("words, and no certificate\n", "utf-8")
    return with_options(place, sslrootcert=str(place.tls.folder / "words.crt"))


def no_client_certificate(place: TlsPlace) -> str:
    """Demand a certificate of clients of this role; they have none."""
    assert place.tls is not None
    data = place.tls.folder / "data"
    shutil.copy(place.tls.authority.root, data / "clients.crt")
    rules = data / "pg_hba.conf"
    rules.write_text(
        f"hostssl all {place.role} 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n"
        + rules.read_text("utf-8"),
        "utf-8",
    )
    run_sql(place.tls.admin_url, f"ALTER SYSTEM SET ssl_ca_file = '{data / 'clients.crt'}'")
    return present(place)


def older_protocol(place: TlsPlace) -> str:
    """Let PostgreSQL speak older versions of TLS alone than the client wants."""
    assert place.tls is not None
    run_sql(place.tls.admin_url, "ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'")
    present(place)
    return with_options(place, ssl_min_protocol_version="TLSv1.3")


REFUSED: dict[str, tuple[Prepare, str]] = {
    "an authority that did not sign": (another_authority, "certificate verify failed"),
    "a file without a certificate": (no_certificate, "root certificate"),
    "no file of an authority": (
        lambda place: with_options(place, sslrootcert="/nonexistent/none.crt"),
        "none.crt",
    ),
    "another host": (
        lambda place: present(place, hosts=("db.example",)),
        'does not match host name "127.0.0.1"',
    ),
    "an expired certificate": (
        lambda place: present(place, expires=-HOUR),
        "certificate verify failed",
    ),
    "no TLS": (
        lambda place: with_options(place, "sslrootcert", "channel_binding", sslmode="disable"),
        "no encryption",
    ),
    "a wrong password": (
        lambda place: render(place.server_url, password=WRONG_WORD),
        "authentication failed",
    ),
    "no certificate of the client": (no_client_certificate, "certificate"),
    "an older protocol": (older_protocol, "protocol version"),
}


@pytest.fixture
def restored(place: TlsPlace) -> Iterator[None]:
    """Take back what a test changes in PostgreSQL's settings."""
    assert place.tls is not None
    rules = place.tls.folder / "data" / "pg_hba.conf"
    before = rules.read_text("utf-8")
    yield
    rules.write_text(before, "utf-8")
    (place.tls.folder / "data" / "postgresql.auto.conf").write_text("", "utf-8")


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_stops_the_start_with_one_sentence(place: TlsPlace, what: str) -> None:
    prepare, said = REFUSED[what]
    status, sentence = start(prepare(place))
    assert sentence.startswith("DATABASE_URL leads to no connection: ")
    assert sentence.endswith(".")
    assert said in sentence
    assert status == 2
    for word in (str(make_url(place.server_url).password), WRONG_WORD):
        assert word not in sentence


def test_a_server_that_is_down_is_waited_for(place: TlsPlace, tmp_path: Path) -> None:
    assert place.tls is not None
    try:
        with serving(place, tmp_path, prepare=place.tls.stop) as server:
            assert [server.client.write() for _ in range(3)] == [500] * 3
            (line,) = [one for one in server.log.splitlines() if "DATABASE_URL" in one]
            assert "Connection refused" in json.loads(line)["message"]
            place.tls.start()
            assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
            server.assert_everything_acknowledged_is_there()
    finally:
        place.tls.stop()
        place.tls.start()


@pytest.mark.parametrize("wrong", [{"hosts": ("db.example",)}, {"expires": -HOUR}], ids=str)
def test_a_certificate_that_becomes_wrong_and_right_again(
    place: TlsPlace, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """A server that runs trusts no other certificate, and needs no new start for a right one."""
    unverified = make_url(place.owner_url).difference_update_query(["sslrootcert"])
    operator = unverified.update_query_dict({"sslmode": "require"})
    with serving(place, tmp_path) as server:
        assert server.client.write() == 201
        present(place, **wrong)
        run_sql(operator.render_as_string(hide_password=False), TERMINATE, {"role": place.role})
        assert [server.client.write() for _ in range(3)] == [500] * 3
        present(place)
        assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
        server.assert_everything_acknowledged_is_there()
        assert str(make_url(place.server_url).password) not in server.log
