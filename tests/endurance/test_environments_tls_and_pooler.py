"""The server with TLS and channel binding, behind a pooler, and on a disk that is full."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steps.endurance.environments.pooler import Pooled
from steps.endurance.environments.small_disk import SmallDisk
from steps.endurance.environments.tls import Tls
from steps.endurance.fault import run_sql
from tests.endurance.reference_server import WELL_SECONDS, opened, serving

pytestmark = pytest.mark.postgresql

ENCRYPTED = """
SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = %(role)s
"""
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s"


def test_every_connection_is_encrypted_and_a_new_certificate_keeps_serving(tmp_path: Path) -> None:
    with opened(Tls(), tmp_path) as place, serving(place, tmp_path) as server:
        assert "channel_binding=require" in place.server_url
        assert server.client.write() == 201
        assert run_sql(place.owner_url, ENCRYPTED, {"role": place.role}) == [(True,)]
        place.tls.issue()
        run_sql(place.owner_url, "SELECT pg_reload_conf()")
        run_sql(place.owner_url, TERMINATE, {"role": place.role})
        assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
        server.assert_everything_acknowledged_is_there()


@pytest.mark.parametrize("pool", [1, 20])
def test_a_pooler_keeps_users_apart_and_survives_a_restart(pool: int, tmp_path: Path) -> None:
    with opened(Pooled(pool), tmp_path) as place, serving(place, tmp_path) as server:
        with ThreadPoolExecutor(8) as threads:
            statuses = list(
                threads.map(lambda one: [one.write() for _ in range(5)], server.clients)
            )
        assert statuses == [[201] * 5] * 8
        run_sql(place.owner_url, TERMINATE, {"role": place.role})
        assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
        place.pooler.kill()
        assert server.client.write() == 500
        place.pooler.start()
        assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
        server.assert_everything_acknowledged_is_there()


def test_a_full_disk_refuses_writes_and_serves_reads(tmp_path: Path) -> None:
    with opened(SmallDisk(), tmp_path) as place, serving(place, tmp_path) as server:
        client = server.client
        assert client.write() == 201
        place.postgres.fill()
        statuses = [client.write(secrets.token_hex(1000)) for _ in range(30)]
        assert statuses[-10:] == [500] * 10
        assert client.read() == 200
        place.postgres.free()
        assert client.seconds_until_well(client.write, 201) <= WELL_SECONDS
        server.assert_everything_acknowledged_is_there()
