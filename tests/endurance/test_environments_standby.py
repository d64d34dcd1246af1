"""The server on a primary with a hot standby: it follows its address to the new primary."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.endurance.environments.standby import HotStandby
from steps.endurance.fault import run_sql
from tests.endurance.reference_server import WELL_SECONDS, opened, serving

pytestmark = pytest.mark.postgresql


def test_nothing_acknowledged_is_lost_by_a_failover_and_a_switchover(tmp_path: Path) -> None:
    with opened(HotStandby(), tmp_path) as place, serving(place, tmp_path) as server:
        client, pair = server.client, place.pair
        assert [client.write() for _ in range(20)] == [201] * 20

        pair.lose_primary()  # the address leads to the standby, which is read-only yet
        assert client.seconds_until_well(client.read, 200) <= WELL_SECONDS
        assert [client.write() for _ in range(5)] == [500] * 5
        pair.promote()
        assert client.seconds_until_well(client.write, 201) <= WELL_SECONDS
        assert client.read() == 200
        server.assert_everything_acknowledged_is_there()

        pair.add_standby()
        assert client.write() == 201
        pair.switch_over()  # the old primary comes back as a standby
        assert client.seconds_until_well(client.write, 201) <= WELL_SECONDS
        assert run_sql(pair.standby.admin_url, "SELECT pg_is_in_recovery()") == [(True,)]
        server.assert_everything_acknowledged_is_there()
        assert server.process.running


def test_an_acknowledged_write_is_on_the_synchronous_standby_already(tmp_path: Path) -> None:
    count = "SELECT count(*) FROM tasks"
    with opened(HotStandby(), tmp_path) as place, serving(place, tmp_path) as server:
        pair = place.pair
        standby = pair.standby.admin_url.removesuffix("postgres") + place.role
        run_sql(pair.primary.admin_url, "ALTER SYSTEM SET synchronous_commit = remote_apply")
        run_sql(pair.primary.admin_url, "SELECT pg_reload_conf()")
        for number in range(1, 11):
            assert server.client.write() == 201
            assert run_sql(standby, count) == [(number,)]
