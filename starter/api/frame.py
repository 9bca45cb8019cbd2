"""Around every request: an id, a log line without personal data, counts, and a plain answer to what nobody expected."""

import re
import secrets
import traceback
from time import perf_counter
from typing import Final

import structlog
from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journey.observability import about
from starter.api.errors import internal_error
from starter.api.language import language_of

_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_log = structlog.get_logger(__name__)


class HttpMetrics:
    """Counts of answers and how long they took, by route; a registry of its own for each app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self._answers = Counter("journey_http_answers", "HTTP answers", labels, registry=self.registry)
        self._seconds = Histogram("journey_http_seconds", "Time to answer", ["route"], registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Frame:
    """ASGI middleware: takes or makes X-Request-Id, logs and counts answers, turns a crash into a problem."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"
        request.state.request_id = request_id
        status = 0
        begun = perf_counter()

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            with about(request_id=request_id):
                await self._app(scope, receive, with_id)
        except Exception as error:
            _log.error("http.failed", request_id=request_id, error=type(error).__name__, where=_where(error))
            if status:
                raise
            await internal_error(language_of(request)).response(request_id)(scope, receive, with_id)
        finally:
            self._note(scope, request_id, status, perf_counter() - begun)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        # The path as it is declared: what stands in its place may say something about a person.
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(method, route, status, seconds)
        milliseconds = round(seconds * 1000, 1)
        _log.info("http.answered", method=method, route=route, status=status, ms=milliseconds, request_id=request_id)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _where(error: Exception) -> list[str]:
    # Frames only: the message of an unexpected error may repeat what somebody told us.
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-5:]]
