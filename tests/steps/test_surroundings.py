"""What a judging inherits from the shell neither ends it nor changes its verdict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from steps import surroundings
from steps.errors import TargetError
from steps.postgres.embedded import EmbeddedPostgres
from steps.postgres.existing_server import ExistingPostgres
from steps.target.database import Database
from steps.target.description.placeholders import fill
from steps.target.description.tables import DatabaseTable

ROOT = Path(__file__).parents[2]
START = """
from steps.postgres.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres()
try:
    postgres.start()
    print("starts")
finally:
    postgres.close()
"""
LIBPQ_VARIABLES = {
    "PGHOST": "10.9.9.9",
    "PGHOSTADDR": "10.9.9.9",
    "PGPORT": "1",
    "PGUSER": "nobody",
    "PGPASSWORD": "wrong",
    "PGPASSFILE": "/nonexistent",
    "PGDATABASE": "nowhere",
    "PGDATA": "/nonexistent",
    "PGSERVICE": "work",
    "PGSERVICEFILE": "/nonexistent",
    "PGSYSCONFDIR": "/nonexistent",
    "PGOPTIONS": "-c nonsense=1",
    "PGSSLMODE": "require",
    "PGSSLROOTCERT": "/nonexistent",
    "PGSSLCERT": "/nonexistent",
    "PGSSLNEGOTIATION": "direct",
    "PGCHANNELBINDING": "require",
    "PGREQUIREAUTH": "none",
    "PGREQUIREPEER": "nobody",
    "PGGSSENCMODE": "require",
    "PGTARGETSESSIONATTRS": "standby",
    "PGCLIENTENCODING": "nonsense",
    "PGTZ": "Nonsense",
    "PGDATESTYLE": "nonsense",
    "PGGEQO": "nonsense",
    "PGCONNECT_TIMEOUT": "nonsense",
    "PGMINPROTOCOLVERSION": "nonsense",
    "PGLOADBALANCEHOSTS": "nonsense",
    "PG_COLOR": "always",
}


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the other tests of this process the variables back that one of these removes."""
    before = dict(os.environ)
    monkeypatch.setattr(surroundings, "_removed", {})
    yield
    os.environ.update(before)


def python(code: str, **variables: str) -> str:
    """Run code as the harness runs: its output, in one line."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.postgresql
@pytest.mark.parametrize("name", LIBPQ_VARIABLES)
def test_the_embedded_postgresql_starts_whatever_libpq_is_told_by_the_shell(name: str) -> None:
    assert python(START, **{name: LIBPQ_VARIABLES[name]}) == "starts"


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "variables",
    [
        LIBPQ_VARIABLES,
        {"TZ": "Nonsense/Zone", "LC_ALL": "xx_YY.UTF-8", "LANG": "C", "PYTHONUTF8": "0"},
        {"TMPDIR": "/nonexistent"},
    ],
    ids=["all of libpq's", "locale", "TMPDIR"],
)
def test_the_embedded_postgresql_starts_with_all_of_them_at_once(
    variables: dict[str, str],
) -> None:
    assert python(START, **variables) == "starts"


@pytest.mark.postgresql
def test_it_starts_in_a_long_folder_and_under_a_strict_umask(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    assert python(f"import os; os.umask(0o077)\n{START}", TMPDIR=str(folder)) == "starts"


def test_every_variable_of_this_libpq_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    known = psycopg.pq.Conninfo.get_defaults()
    names = [one.envvar.decode() for one in known if one.envvar]
    assert len(names) > 20
    for name in names:
        monkeypatch.setenv(name, "x")
    surroundings.remove_variables(surroundings.LIBPQ)
    assert [name for name in names if name in os.environ] == []


def test_a_target_file_may_still_name_a_variable_that_was_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", "from the shell")
    surroundings.remove_variables(surroundings.LIBPQ)
    assert "PGPASSWORD" not in os.environ
    assert fill("{env:PGPASSWORD}") == "from the shell"


class TestExistingServer:
    """Where the user names a server, libpq's variables say how it is reached, and no more."""

    def test_a_url_goes_before_the_variables_that_lead_elsewhere(
        self, cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGTZ", "PGOPTIONS"):
            monkeypatch.setenv(name, LIBPQ_VARIABLES[name])
        self.judged_on(cluster.admin_url)

    def test_variables_complete_a_url(
        self, cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PGPASSWORD", cluster.password)
        monkeypatch.setenv("PGPORT", str(cluster.port))
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGSSLMODE", "allow")
        existing = self.judged_on("postgresql://postgres@/postgres")
        assert "sslmode=allow" in existing.admin_url
        # The server under test reaches it through a proxy with another name.
        assert existing.server_options == {}

    @staticmethod
    def judged_on(url: str) -> ExistingPostgres:
        """Make a database as a judging does, and connect as the server under test does."""
        existing = ExistingPostgres(url)
        existing.start()
        database = Database(existing, DatabaseTable(schema=[]))
        try:
            database.create()
            with psycopg.connect(database.server_url) as login:
                assert login.execute("SELECT current_user").fetchone() == (database.name,)
            assert [name for name in os.environ if re.match("PG", name)] == []
        finally:
            database.drop()
            existing.close()
        return existing

    @pytest.mark.parametrize("name", ["PGSSLMODE", "PGCHANNELBINDING", "PGREQUIREAUTH"])
    def test_a_variable_with_which_it_cannot_be_reached_is_named(
        self, cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, LIBPQ_VARIABLES[name])
        with pytest.raises(TargetError, match=rf"cannot connect: .*environment: {name}\)"):
            ExistingPostgres(cluster.admin_url).start()
