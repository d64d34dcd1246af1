"""A key set is published where the server looks for it, under both addresses of a name."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request

import pytest

from steps.errors import TargetError
from steps.process.ports import free_port
from steps.target.keys import KeySet, PrivateKey, _has_ipv6


def published_at(url: str) -> list[str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [key["kid"] for key in json.load(answer)["keys"]]


def test_a_name_is_served_under_each_of_its_addresses() -> None:
    port = free_port()
    hosts = ["localhost", "127.0.0.1", *(["[::1]"] if _has_ipv6() else [])]
    keys = KeySet(PrivateKey("EdDSA", "one"), url=f"http://localhost:{port}/api/auth/jwks")
    try:
        assert (keys.url, keys.issuer) == (
            f"http://localhost:{port}/api/auth/jwks",
            f"http://localhost:{port}",
        )
        for host in hosts:
            assert published_at(f"http://{host}:{port}/api/auth/jwks") == ["one"]
    finally:
        keys.close()
    for host in hosts:
        with pytest.raises(urllib.error.URLError, match="refused"):
            published_at(f"http://{host}:{port}/api/auth/jwks")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_another_program_has_is_named(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if family == socket.AF_INET6 and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.socket(family, socket.SOCK_STREAM) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TargetError, match=f"stop the program that listens on port {port}"):
            KeySet(PrivateKey("EdDSA"), url=f"http://localhost:{port}/jwks")
