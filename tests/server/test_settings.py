"""A setting that is missing or weak stops the start with one sentence."""

import os
import subprocess
import sys

import pytest

from server.database_url import connection_parameters
from server.settings import SettingsError, load_settings
from tests.server.databases import ROOT

GOOD = {
    "DATABASE_URL": "postgresql://api:secret-word@127.0.0.1:1/tasks",
    "JWT_SECRET": "s" * 32,
    "CORS_ORIGIN": "http://localhost:3000",
}
JWKS = {"JWT_SECRET": "", "JWKS_URL": "https://id.example/jwks", "JWT_ALGORITHM": "EdDSA"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in list(os.environ):
        if name.startswith(("JWT_", "JWKS_", "DATABASE_", "CORS_", "PORT", "HOST", "MAX_BODY")):
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *((name, "") for name in GOOD),
        ("DATABASE_URL", "tasks.db"),
        ("DATABASE_URL", "sqlite:///tasks.db"),
        ("DATABASE_URL", "postgresql://host:port/tasks"),
        ("JWT_SECRET", "s" * 31),
        ("CORS_ORIGIN", "*"),
        ("CORS_ORIGIN", "http://localhost:3000,*"),
        ("CORS_ORIGIN", "localhost:3000"),
        ("CORS_ORIGIN", "http://localhost:3000/app"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "RS256"),
        ("JWKS_URL", "https://id.example/jwks"),
        ("JWKS_URL", "file:///etc/passwd"),
        ("JWT_LEEWAY_SECONDS", "-1"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_STATEMENT_SECONDS", "nan"),
        ("DATABASE_LOCK_SECONDS", "5"),
        ("DATABASE_CONNECTION_AGE_SECONDS", "0"),
        ("MAX_BODY_BYTES", "0"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    sentence = str(raised.value)
    assert sentence.startswith(variable)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "secret-word" not in sentence


@pytest.mark.usefixtures("environment")
def test_the_defaults() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.jwt_algorithm, settings.jwt_leeway_seconds) == ("HS256", 0)
    assert settings.max_body_bytes == 64 * 1024
    assert "secret-word" not in repr(settings)
    assert "s" * 32 not in repr(settings)


def test_several_origins(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CORS_ORIGIN", "http://localhost:3000/, https://todo.example")
    assert load_settings().cors_origin == ("http://localhost:3000", "https://todo.example")


def test_published_keys_instead_of_a_secret(environment: pytest.MonkeyPatch) -> None:
    for name, value in JWKS.items():
        environment.setenv(name, value)
    assert load_settings().jwks_url == JWKS["JWKS_URL"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "POSTGRESQL"])
def test_every_spelling_of_a_database_url(scheme: str) -> None:
    found = connection_parameters(f"{scheme}://api:p%40ss@db.example/tasks?sslmode=require")
    assert found["password"] == "p@ss"
    assert found["sslmode"] == "require"


@pytest.mark.parametrize("missing", GOOD)
def test_the_server_does_not_start(missing: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env={name: value for name, value in GOOD.items() if name != missing},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.startswith(f"{missing} is missing: set it to ")
    assert run.stderr.count("\n") == 1
