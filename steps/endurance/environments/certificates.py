"""A certificate authority that lives for one run, and certificates for servers of 127.0.0.1."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from steps.postgres.data_folder import Owner, change_owner

HOSTS = ("localhost", "127.0.0.1")
VALID = timedelta(days=2)


class Authority:
    """A certificate authority: its certificate is in `root`, its key in memory only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(f"authority of {root.stem}")
        certificate = (
            _builder(self._name, self._name, self._key.public_key(), datetime.now(UTC) + VALID)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        root.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        root.chmod(0o644)

    def issue(
        self,
        folder: Path,
        owner: Owner = None,
        hosts: tuple[str, ...] = HOSTS,
        expires: timedelta = VALID,
    ) -> int:
        """Write `server.crt` and `server.key` for these hosts into `folder`; return the serial.

        `expires` counts from now; a negative one makes an expired certificate. Files that exist are
        replaced in one step each, as a running server may read them at any time.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        until = datetime.now(UTC) + expires
        certificate = (
            _builder(_name(hosts[0]), self._name, key.public_key(), until)
            .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), False)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = certificate.public_bytes(serialization.Encoding.PEM)
        for name, content in (("server.crt", public), ("server.key", private)):
            new = folder / f"{name}.new"
            new.touch(mode=0o600)
            new.write_bytes(content)
            change_owner(owner, new)
            new.rename(folder / name)
        return certificate.serial_number


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 2 * VALID)
        .not_valid_after(until)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
