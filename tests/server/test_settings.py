"""A setting that is missing or weak stops the start with one sentence."""

import base64
import json
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from server.database_url import connection_parameters
from server.secret import check_secret
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


def public_keys() -> dict[str, str]:
    """Return what an issuer publishes, in the forms in which it may get into a variable."""
    ed, pair = Ed25519PrivateKey.generate().public_key(), rsa.generate_private_key(65537, 2048)
    pem = ed.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    der = ed.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(pair.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(pair, SHA256())
    )
    jwk = json.dumps(RSAAlgorithm.to_jwk(pair.public_key(), as_dict=True))
    return {
        "PEM": pem,
        "PEM in one line": pem.replace("\n", "\\n"),
        "PEM without line breaks": pem.replace("\n", " "),
        "PEM behind white space": "  \n" + pem,
        "PEM in base64": base64.b64encode(pem.encode()).decode(),
        "DER in base64": base64.b64encode(der).decode(),
        "DER in base64url": base64.urlsafe_b64encode(der).rstrip(b"=").decode(),
        "body of RSA's PEM": "\n".join(
            pair.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
            .splitlines()[1:-1]
        ),
        "PKCS 1": pair.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(),
        "certificate": certificate.public_bytes(Encoding.PEM).decode(),
        "certificate in base64": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
        "OpenSSH": ed.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " a@b",
        "OpenSSH, RSA": pair.public_key()
        .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        .decode(),
        "SSH2": "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAC3NzaC1lZDI1NTE5AAAA\n",
        "JWK": jwk,
        "JWK set": '{"keys": [' + jwk + "]}",
        "list of JWKs": f"[{jwk}]",
        "JWK as a JSON text": json.dumps(jwk),
        "JWK in base64": base64.b64encode(jwk.encode()).decode(),
        **others(pem, der, pair, certificate, jwk),
    }


def others(
    pem: str, der: bytes, pair: rsa.RSAPrivateKey, certificate: x509.Certificate, jwk: str
) -> dict[str, str]:
    """Return forms into which tools and programs put what an issuer publishes."""
    rsa_key, text = pair.public_key(), base64.b64encode(certificate.public_bytes(Encoding.DER))
    blobs = {
        "RSA": rsa_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "Ed25519": Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "P-256": ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    }
    request = x509.CertificateSigningRequestBuilder().subject_name(certificate.subject)
    numbers = json.loads(jwk)
    return {
        **{f"OpenSSH's blob, {name}": blob.split()[1].decode() for name, blob in blobs.items()},
        "DER in hexadecimal": der.hex(),
        "DER in hexadecimal with colons": der.hex(":").upper(),
        "PKCS 1 in base64": base64.b64encode(
            rsa_key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        ).decode(),
        "PEM, percent-encoded": quote(pem),
        "JWK, percent-encoded": quote(jwk),
        "PEM in base64 twice": base64.b64encode(base64.b64encode(pem.encode())).decode(),
        "PKCS 7": base64.b64encode(serialize_certificates([certificate], Encoding.DER)).decode(),
        "certificate request": base64.b64encode(
            request.sign(pair, SHA256()).public_bytes(Encoding.DER)
        ).decode(),
        "x5c": json.dumps({"x5c": [text.decode()]}),
        "list of x5c": json.dumps([text.decode()]),
        "JWK in YAML": f"kty: RSA\ne: AQAB\nn: {numbers['n']}",
        "JWK in YAML in braces": f"{{kty: RSA, e: AQAB, n: {numbers['n']}}}",
        "JWK with an escaped name": jwk.replace('"kty"', '"\\u006bty"'),
        "modulus and exponent": json.dumps({"n": numbers["n"], "e": "AQAB"}),
        "curve and point": json.dumps({"crv": "Ed25519", "x": "a" * 43}),
        "XML": f"<RSAKeyValue><Modulus>{numbers['n']}</Modulus></RSAKeyValue>",
        "XML with a name space": f"<ds:Modulus>{numbers['n']}</ds:Modulus>",
    }


PUBLIC_KEYS = public_keys()


@pytest.mark.parametrize("form", PUBLIC_KEYS)
def test_a_public_key_is_no_secret(environment: pytest.MonkeyPatch, form: str) -> None:
    environment.setenv("JWT_SECRET", PUBLIC_KEYS[form])
    with pytest.raises(SettingsError, match=r"^JWT_SECRET is a key or certificate") as raised:
        load_settings()
    assert PUBLIC_KEYS[form][:20] not in str(raised.value)


RANDOM = st.one_of(
    st.binary(min_size=32, max_size=128),
    # Even what looks like DER from outside.
    st.binary(min_size=30, max_size=127).map(lambda rest: bytes([0x30, len(rest)]) + rest),
    st.integers(32, 128).map(lambda count: Random(count).randbytes(count)),
)


@settings(derandomize=True, database=None, deadline=None, max_examples=1000)
@given(RANDOM)
def test_a_random_secret_is_never_taken_for_a_key(secret: bytes) -> None:
    for text in (
        secret.hex(),
        secret.hex(":"),
        base64.b64encode(secret).decode(),
        base64.urlsafe_b64encode(secret).rstrip(b"=").decode(),
        base64.b32encode(secret).decode(),
        base64.b85encode(secret).decode(),
        base64.b64encode(secret.hex().encode()).decode(),
    ):
        check_secret(text)


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=32, max_size=80))
def test_a_random_word_is_never_taken_for_a_key(secret: str) -> None:
    check_secret(secret)


@pytest.mark.parametrize(
    "secret",
    [
        secrets.token_urlsafe(48),
        secrets.token_hex(32),
        base64.b64encode(b"\x30" + secrets.token_bytes(40)).decode(),
        "a pass phrase about ssh keys and certificates, long enough",
        "ü" * 16,
    ],
    ids=["base64url", "hexadecimal", "base64", "words", "not ASCII"],
)
def test_a_secret_is_one(environment: pytest.MonkeyPatch, secret: str) -> None:
    environment.setenv("JWT_SECRET", secret)
    assert load_settings().jwt_secret == secret


@pytest.mark.parametrize("variable", [*GOOD, "JWT_ISSUER", "JWT_ALGORITHM", "HOST", "PORT"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_a_line_break_at_the_end_is_taken_off_with_a_warning(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str, ending: str
) -> None:
    value = {**GOOD, "JWT_ALGORITHM": "HS256", "PORT": "80"}.get(variable, "localhost")
    environment.setenv(variable, value)
    expected = load_settings()
    environment.setenv(variable, value + ending)
    assert load_settings() == expected
    assert caplog.messages == [f"{variable} ends in a line break, which was taken off."]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("JWT_SECRET", os.fsdecode(bytes(range(200, 240))), "UTF-8"),
        ("JWT_ISSUER", os.fsdecode(b"\xff"), "UTF-8"),
        ("DATABASE_URL", os.fsdecode(b"postgresql://u:\xff@h/d"), "UTF-8"),
        ("JWT_SECRET", "\ufeff" + "s" * 32, "byte order mark"),
        ("DATABASE_URL", "\ufeff" + GOOD["DATABASE_URL"], "byte order mark"),
        ("JWT_SECRET", " " * 40, "too short"),
        ("JWT_SECRET", "\n" * 40, "missing"),
        ("JWT_SECRET", "s" * 31 + "\n", "too short"),
        ("DATABASE_URL", "\n", "missing"),
        ("DATABASE_URL", "postgresql://u:secret-word@h/d?sslmode=requir", "sslmode"),
        ("JWKS_URL", "https://", "https://"),
        ("JWKS_URL", "https://host:port/jwks", "https://"),
        ("JWKS_URL", "https://user:secret-word@host/jwks", "password"),
        ("JWKS_URL", "https://host/the keys", "percent-encoded"),
        ("JWKS_URL", "https://hö.example/", "percent-encoded"),
        ("JWKS_URL", "ftp://host/jwks", "https://"),
    ],
)
def test_what_a_variable_cannot_hold_is_named(
    environment: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    if variable == "JWKS_URL":
        environment.setenv("JWT_SECRET", "")
        environment.setenv("JWT_ALGORITHM", "EdDSA")
    environment.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"^{variable} [^\n]*\.$") as raised:
        load_settings()
    assert said in str(raised.value)
    assert "secret-word" not in str(raised.value)


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


@pytest.mark.parametrize("name", ["port", "Port", "PORt"])
def test_names_of_variables_are_capitals(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv("PORT", "1")
    environment.setenv(name, "2")
    assert load_settings().port == 1
    environment.delenv("PORT")
    assert load_settings().port == 8000
