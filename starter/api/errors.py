"""Every refusal as `application/problem+json` (RFC 9457) with a stable `code`; one table gives errors their status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from journey.domain.errors import (
    RULE_TEXTS,
    Conflict,
    FieldError,
    InvalidInput,
    JourneyError,
    NotAllowed,
    NotFound,
    Refusal,
    bounds,
    choices,
    field_error,
)
from journey.store.failures import StoreDown, StoreFull
from journey.store.paging import BadCursor
from starter.api.language import language_of
from starter.hooks.signatures import BadSignature
from starter.importing.reading import UnreadableExport

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 5  # seconds


class BadBody(Refusal):
    """The body is no JSON; the message says where."""

    code = "bad-json"


class BodyTooLarge(InvalidInput):
    """The body is larger than any that is taken there."""

    code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__((field_error("", "too-large", limit=limit),))


class Unauthenticated(Refusal):
    """No API key, or none that opens anything."""

    code = "unauthenticated"


class BadParameter(InvalidInput):
    """A parameter of the query or a header cannot be read."""

    def __init__(self, name: str, rule: str, **params: object) -> None:
        super().__init__((field_error(name, rule, **params),))


class NotJson(BadParameter):
    """The body says that it is something else than JSON.

    Without the header it is read as JSON. The types that a browser's form sends are refused although a key is needed:
    they alone may come from another site without its asking first.
    """

    code = "not-json"

    def __init__(self) -> None:
        super().__init__("Content-Type", "media-type", wanted="application/json")


# The nearest ancestor of an error counts.
STATUS: Final[Mapping[type[JourneyError], tuple[int, str]]] = {
    BadBody: (400, BadBody.code),
    Unauthenticated: (401, Unauthenticated.code),
    BadSignature: (401, BadSignature.code),
    NotAllowed: (403, NotAllowed.code),
    NotFound: (404, NotFound.code),
    Conflict: (409, Conflict.code),
    BodyTooLarge: (413, BodyTooLarge.code),
    NotJson: (415, NotJson.code),
    InvalidInput: (422, InvalidInput.code),
    UnreadableExport: (422, UnreadableExport.code),
    StoreFull: (503, "store-full"),
    StoreDown: (503, "store-down"),
    JourneyError: (500, "internal"),
}
_HTTP_CODES: Final = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 429: "too-many-requests"}
_PYDANTIC_RULES: Final = {
    "missing": "required",
    "int_parsing": "not-a-number",
    "literal_error": "unknown-value",
    "enum": "unknown-value",
    "string_too_long": "too-long",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}
# What went wrong inside is nobody else's business: (中文, English).
_OUR_FAULT: Final = {
    "internal": ("内部错误,已记录", "Something went wrong here; it is logged under the request_id"),
    "store-down": ("数据库暂不可用,未保存任何内容,请稍后重试", "The store is down; nothing was taken, try again later"),
    "store-full": ("数据库磁盘已满,未保存任何内容", "The store's disk is full; nothing was taken"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document before it is sent."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, Any]] = ()
    existing: str | None = None
    reason: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None

    def response(self, request_id: str | None) -> JSONResponse:
        """As it goes over the wire."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [dict(error) for error in self.errors]
        if self.existing:
            document["existing"] = self.existing
        if self.reason:
            document["reason"] = dict(self.reason)
        headers = dict(self.headers or {})
        if self.status in (429, 503):
            headers.setdefault("Retry-After", str(RETRY_AFTER))
        return JSONResponse(document, self.status, headers, MEDIA_TYPE)


def internal_error(lang: str) -> Problem:
    """What is said of an error that nobody expected."""
    return Problem(500, "internal", _OUR_FAULT["internal"][lang != "zh"])


def install(app: FastAPI) -> None:
    """Let the app answer every refusal as a problem."""
    app.add_exception_handler(JourneyError, _on_journey_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_bad_parameters)


def problem_of(error: JourneyError, lang: str) -> Problem:
    """The problem of an error of the business, in the reader's language where it has words in both."""
    status, code = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    detail = _OUR_FAULT[code][lang != "zh"] if code in _OUR_FAULT else str(error) or HTTPStatus(status).phrase
    fields: Sequence[Mapping[str, Any]] = ()
    if isinstance(error, InvalidInput):
        in_query = isinstance(error, BadParameter | BadCursor)
        fields = [_field(each, lang, in_query=in_query) for each in error.errors]
        detail = "; ".join(field["text"] for field in fields)
    existing = error.existing if isinstance(error, Conflict) else None
    if isinstance(error, Refusal):
        detail = error.words[lang != "zh"]
    reason = error.reason if isinstance(error, Conflict | NotFound) else None
    if reason is not None:
        detail = reason.text(lang)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    worded = {**reason.document(), "text": detail} if reason is not None else None
    return Problem(status, code, detail, fields, existing, worded, headers)


def _field(error: FieldError, lang: str, *, in_query: bool) -> dict[str, Any]:
    where = {"parameter": error.field} if in_query else {"field": error.field, "pointer": _pointer(error.field)}
    return {**where, "rule": error.rule, "text": error.text_zh if lang == "zh" else error.text}


def _pointer(field: str) -> str:
    return f"/{field}" if field else ""


async def _on_journey_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, JourneyError)  # registered for these only
    return problem_of(error, language_of(request)).response(request_id(request))


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # registered for these only
    code = _HTTP_CODES.get(error.status_code, f"http-{error.status_code}")
    problem = Problem(error.status_code, code, error.detail, headers=error.headers)
    return problem.response(request_id(request))


async def _on_bad_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # registered for these only
    lang = language_of(request)
    fields = [_parameter(each, lang) for each in error.errors()]
    detail = "; ".join(field["text"] for field in fields)
    return Problem(422, InvalidInput.code, detail, fields).response(request_id(request))


def _parameter(error: Mapping[str, Any], lang: str) -> dict[str, Any]:
    context = error.get("ctx") or {}
    kind = str(error["type"])
    rule = _PYDANTIC_RULES.get(kind, kind if kind in RULE_TEXTS else "invalid")
    params = {
        "allowed": choices(str(context.get("expected", ""))),
        "limit": context.get("max_length", ""),
        "range": bounds(context),
    }
    name = str(error["loc"][-1])
    return _field(field_error(name, rule, **params), lang, in_query=True)


def request_id(request: Request) -> str | None:
    """The id under which this request is logged."""
    found: str | None = getattr(request.state, "request_id", None)
    return found
