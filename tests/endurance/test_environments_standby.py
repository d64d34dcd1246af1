"""The server on a primary with a hot standby: it follows its address to the new primary."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steps.endurance.environments.standby import HotStandby
from steps.endurance.fault import run_sql
from tests.endurance.reference_server import USERS, WELL_SECONDS, opened, serving
from tests.server.databases import alembic

pytestmark = pytest.mark.postgresql

TITLES = "SELECT title FROM tasks"
HANGING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


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


def test_the_migrations_say_that_a_standby_takes_no_writes(tmp_path: Path) -> None:
    with opened(HotStandby(), tmp_path) as place:
        url = place.pair.standby.admin_url
        with pytest.raises(SystemExit) as stopped:
            alembic(url, "upgrade", "head")
    said = str(stopped.value)
    assert said.startswith("Nothing was migrated (")
    assert said.endswith("): set MIGRATION_DATABASE_URL to the server that takes writes.")


def test_a_standby_that_hangs_lets_no_write_be_acknowledged(tmp_path: Path) -> None:
    """PostgreSQL sets no limit to that waiting; the server does. Nobody sees the rows meanwhile."""
    with (
        opened(HotStandby(), tmp_path) as place,
        serving(place, tmp_path, DATABASE_STATEMENT_SECONDS="1") as server,
    ):
        assert [one.write() for one in server.clients] == [201] * len(USERS)
        acknowledged = set(run_sql(place.owner_url, TITLES))
        with place.pair.paused_standby():
            with ThreadPoolExecutor(3) as threads:
                hanging = list(threads.map(lambda one: one.write(), server.clients[:3]))
            assert hanging == [500] * 3
            assert [one.read() for one in server.clients] == [200] * len(USERS)
            assert run_sql(place.owner_url, HANGING) == [(3,)]
            assert set(run_sql(place.owner_url, TITLES)) == acknowledged
        client = server.client
        assert client.seconds_until_well(client.write, 201) <= WELL_SECONDS
        assert run_sql(place.owner_url, HANGING) == [(0,)]
        # A write that was not acknowledged may be stored: these three are, now that they may.
        assert len(run_sql(place.owner_url, TITLES)) == len(USERS) + 3 + 20
        server.assert_everything_acknowledged_is_there()


def test_an_asynchronous_failover_loses_what_the_standby_had_not_received(tmp_path: Path) -> None:
    """Of acknowledged writes the last ones are lost, and none before them; none is half."""
    environment = HotStandby(synchronous=False)
    with opened(environment, tmp_path) as place, serving(place, tmp_path) as server:
        client, pair = server.client, place.pair
        assert [client.write() for _ in range(10)] == [201] * 10
        pair.wait_for_standby()
        received = set(client.acknowledged)
        with pair.paused_standby():
            # What was sent already would still arrive: from now on, nothing is.
            run_sql(place.owner_url, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
            assert [client.write() for _ in range(5)] == [201] * 5
            pair.lose_primary()
        pair.promote()
        client.acknowledged = received
        assert client.seconds_until_well(client.write, 201) <= WELL_SECONDS
        server.assert_everything_acknowledged_is_there()
        assert len(run_sql(place.owner_url, TITLES)) == 10 + 20


def test_a_server_that_starts_on_a_standby_says_so(tmp_path: Path) -> None:
    with (
        opened(HotStandby(), tmp_path) as place,
        serving(place, tmp_path, prepare=place.pair.lose_primary) as server,
    ):
        assert "takes no writes now: it is a standby." in server.log
        assert (server.client.write(), server.client.read()) == (500, 200)
        place.pair.promote()
        assert server.client.seconds_until_well(server.client.write, 201) <= WELL_SECONDS
