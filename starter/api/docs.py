"""OpenAPI at `/openapi.json` and, without any other server, its reader at `/docs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from starter import broadcast_orders
from starter.api.answers import EventAnswer
from starter.api.bodies import NewEvent, TaskResult
from starter.api.errors import MEDIA_TYPE, STATUS
from starter.batches import BatchBody
from starter.bodies import ClaimBody, JourneyBody, ProjectBody
from starter.broadcasts import BroadcastBody
from starter.erasing import EraseBody, RetentionBody
from starter.letters import RunBody
from starter.library import AnswerBody, RetireBody, SignBody
from starter.orders import BODIES, AssignBody, BreakerBody, GoLiveBody
from starter.people import ConsentBody, ContactBody, MergeBody
from starter.policies import CalendarBody, CalendarPreviewBody, PackBody, PackPreviewBody
from starter.templates import TestBody, WordBody

STATIC: Final = Path(__file__).parent / "static"
_ACTIONS: Final[Sequence[type[BaseModel]]] = tuple(dict.fromkeys([*BODIES.values(), *broadcast_orders.BODIES.values()]))
_BODIES: Final[Sequence[type[BaseModel]]] = (
    ProjectBody, BatchBody, JourneyBody, NewEvent, ClaimBody, TaskResult, AssignBody, GoLiveBody, PackBody,
    PackPreviewBody, CalendarBody, CalendarPreviewBody, ConsentBody, ContactBody, MergeBody, BroadcastBody,
    RunBody,
    WordBody, TestBody, AnswerBody, SignBody, RetireBody,
    BreakerBody, EraseBody, RetentionBody,
    *_ACTIONS,
)  # fmt: skip
_READER: Final = "vendor/swagger-ui/swagger-ui-bundle.js"
_POLICY: Final = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>接口文档 · API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/static/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/docs/static/docs.js"></script>
</body>
</html>
"""
_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457; `code` is stable.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": sorted({code for _, code in STATUS.values()})},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "existing": {"type": "string", "description": "The id of what stands in the way."},
        "reason": {
            "type": "object",
            "description": "Why, as a code with its parameters and in words.",
            "properties": {"code": {"type": "string"}, "params": {"type": "object"}, "text": {"type": "string"}},
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "text"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body"},
                    "field": {"type": "string"},
                    "parameter": {"type": "string", "description": "name of a query parameter or header"},
                    "rule": {"type": "string"},
                    "text": {"type": "string"},
                },
            },
        },
    },
}


def install(app: FastAPI) -> None:
    """Serve both, and let the app describe its refusals as the problems that they are."""

    @app.get(f"/docs/static/{_READER}", include_in_schema=False)
    async def reader() -> FileResponse:
        """Kept as it is sent: packed, a third of its size."""
        return FileResponse(
            STATIC / f"{_READER}.gz", media_type="text/javascript", headers={"Content-Encoding": "gzip"}
        )

    app.mount("/docs/static", StaticFiles(directory=STATIC), name="docs-static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _, told = models_json_schema(
        [(model, "validation") for model in _BODIES], ref_template="#/components/schemas/{model}"
    )
    schemas |= told.get("$defs", {}) | {"Problem": _PROBLEM}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/v1/"):
                _refusals(operation, method)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


def _refusals(operation: dict[str, Any], method: str) -> None:
    """Declared by `content` and `$ref`, as a model would document application/json too."""
    statuses = {401, 403, 404, 422, 503} | ({202, 400, 409, 413, 415} if method == "post" else set())
    for status in sorted(statuses):
        if status == 202:
            _taken(operation)
            continue
        operation["responses"][str(status)] = {
            "description": "Refused" if status < 500 else "Try again later",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _taken(operation: dict[str, Any]) -> None:
    """What answers with the verdict of a fact may answer before there is one."""
    if any(f"/{name}'" in str(operation["responses"].get("200")) for name in _names(EventAnswer)):
        operation["responses"]["202"] = {**operation["responses"]["200"], "description": "Taken, judged later"}


def _names(model: type[BaseModel]) -> list[str]:
    return [model.__name__, *(name for each in model.__subclasses__() for name in _names(each))]
