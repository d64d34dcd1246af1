"""When: requests to any path by any method, whether the spec has it or not."""

from __future__ import annotations

from pytest_bdd import when

from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@when(phrase("{path} is requested by every method without a token"))
def every_method(scene: Scene, path: str) -> None:
    url, layout = scene.fill_path(path), scene.client.layout
    if layout.place("GET", url).path == url:
        layout.require_api()
    methods = [method for method in METHODS if layout.reaches(method, url)]
    scene.answers = [scene.client.send(method, url) for method in methods]


@when(phrase("{who} asks for a WebSocket at {path}"))
def open_websocket(scene: Scene, who: str, path: str) -> None:
    """Send the opening handshake (RFC 6455, section 4.1)."""
    headers = {
        "Authorization": f"Bearer {scene.users.named(who).token}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    scene.answers = [scene.client.send_unfinished("GET", scene.fill_path(path), headers)]


@when(phrase("{who} sends {method:Method} to {path}"))
def send_to(scene: Scene, who: str, method: str, path: str) -> None:
    scene.answers = [
        scene.client.send(method, scene.fill_path(path), token=scene.users.named(who).token)
    ]
