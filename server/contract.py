"""The contract: OpenAPI 3.1, and `python -m server.contract [--check FILE]`."""

from typing import Any

from fastapi.openapi.utils import get_openapi

from server.routes import router


def document() -> dict[str, Any]:
    """Build the OpenAPI document."""
    # Implements: SC-011, SC-012
    return get_openapi(title="Tasks", version="1.0.0", routes=router.routes)
