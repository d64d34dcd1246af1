"""The operations that a server lists in the OpenAPI document that it gives of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from steps.http.answer import Answer
from steps.http.operations import Operation
from steps.scenario.out_of_scope.names import shape_of
from steps.scenario.out_of_scope.samples import resolved
from steps.scenario.scene import Scene
from steps.target.target import Target

ADDRESSES = (
    "/openapi.json",
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
    "/docs/openapi.json",
    "/api/docs/openapi.json",
    "/swagger.json",
    "/api/swagger.json",
    "/swagger/v1/swagger.json",
    "/swagger/doc.json",
    "/swagger-json",
    "/api-docs",
    "/api-docs.json",
    "/api-docs/swagger.json",
    "/v2/api-docs",
    "/v3/api-docs",
    "/docs/json",
    "/docs-json",
    "/api-json",
    "/api/docs-json",
    "/api/docs.json",
    "/documentation/json",
    "/api/schema/?format=json",
    "/schema/?format=json",
    "/openapi",
    "/doc",
)
"""Where frameworks publish it by default; it is JSON at each of them."""
METHODS = {"get", "put", "post", "delete", "patch"}
MAXIMUM_OPERATIONS = 200


@dataclass(frozen=True)
class Listed:
    """One operation of the document."""

    method: str
    path: str
    """As the document has it, behind the path of its server."""
    names: str
    """Its own name, tags and summary."""
    parameters: tuple[dict[str, Any], ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    """Schema of its body; empty: it has none."""
    form: bool = False
    """Whether the body is a form instead of JSON."""

    def is_one_of(self, operations: Iterable[Operation]) -> bool:
        """Whether it is one of these operations, whatever it calls the ids in its path."""
        return (self.method, shape_of(self.path)) in {
            (one.method, shape_of(one.path)) for one in operations
        }


_READ: WeakKeyDictionary[Target, Answer] = WeakKeyDictionary()


def description_of(scene: Scene, token: str) -> dict[str, Any]:
    """Return the server's document, empty where it has none; each server is asked once.

    The answer is recorded in every scenario that asks.
    """
    if scene.target not in _READ:
        for path in ADDRESSES:
            answer = scene.client.send("GET", path, token=token, record=False)
            _READ.setdefault(scene.target, answer)
            if answer.status == 200 and isinstance(answer.json, dict) and answer.json.get("paths"):
                _READ[scene.target] = answer
                break
    answer = _READ[scene.target]
    scene.client.record(answer)
    return answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}


def listed_operations(document: dict[str, Any]) -> Iterator[Listed]:
    """Yield the operations of a document of OpenAPI 3 or 2, `MAXIMUM_OPERATIONS` at most.

    What is not as the format has it is left out.
    """
    paths, found = document.get("paths"), 0
    base = _base_path(document)
    for path, item in paths.items() if isinstance(paths, dict) else ():
        item = resolved(item, document)
        for method, operation in item.items():
            if method not in METHODS or not isinstance(operation, dict) or "{" in base:
                continue
            if (found := found + 1) > MAXIMUM_OPERATIONS:
                return
            yield _operation(document, method.upper(), base, str(path), item, operation)


def _operation(
    document: dict[str, Any],
    method: str,
    base: str,
    path: str,
    item: dict[str, Any],
    operation: dict[str, Any],
) -> Listed:
    given = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
    parameters = [resolved(one, document) for one in given]
    content = resolved(operation.get("requestBody"), document).get("content")
    content = content if isinstance(content, dict) else {}
    form = bool(content) and not any("json" in str(kind) for kind in content)
    chosen = next((v for k, v in content.items() if form or "json" in str(k)), None)
    body = resolved(resolved(chosen, document).get("schema"), document)
    for one in parameters:  # OpenAPI 2 has the body among the parameters
        if one.get("in") == "body":
            body = resolved(one.get("schema"), document)
        elif one.get("in") == "formData":
            form = True
            body = {"properties": {**body.get("properties", {}), str(one.get("name")): one}}
    names = [operation.get("operationId", ""), operation.get("summary", "")]
    whole = path if shape_of(path).startswith(base) else base + path
    return Listed(method, whole, " ".join(map(str, names)), tuple(parameters), body, form)


def _base_path(document: dict[str, Any]) -> str:
    """Return the path that stands before all others: of the first server, or of OpenAPI 2."""
    servers = _list(document.get("servers"))
    url = servers[0].get("url", "") if servers and isinstance(servers[0], dict) else ""
    text = str(url or document.get("basePath") or "")
    try:
        return urlsplit(text).path.rstrip("/")
    except ValueError:
        return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
