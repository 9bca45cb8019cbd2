"""Checks of any JSON value before its meaning is looked at: size, depth, text, numbers; and its keyed hash."""

import hashlib
import hmac
import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from journey.domain.errors import FieldError, field_error

MAX_TEXT: Final = 10_000
MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 20
MAX_KEY: Final = 200
MAX_ERRORS: Final = 50
_BAD_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
# What PostgreSQL, SQLite and JavaScript readers all hold without loss is less; beyond this nothing does.
_MAX_INTEGER: Final = 2**63 - 1


def json_errors(body: Any) -> tuple[FieldError, ...]:
    """Return what is wrong with a value as JSON: depth over 20, text over 10,000, NUL, over 256 KiB in all …"""
    errors: list[FieldError] = []
    for error in _walk(body, "", 0):
        errors.append(error)
        if len(errors) == MAX_ERRORS:
            break
    if not errors and len(json.dumps(body, ensure_ascii=False).encode()) > MAX_BYTES:
        errors.append(field_error("", "too-large", limit=MAX_BYTES))
    return tuple(errors)


def _walk(value: Any, path: str, depth: int) -> Iterator[FieldError]:
    if isinstance(value, dict | list):
        if depth >= MAX_DEPTH:
            yield field_error(path, "too-deep", limit=MAX_DEPTH)
        elif isinstance(value, dict):
            yield from _walk_object(value, path, depth)
        else:
            for index, each in enumerate(value):
                yield from _walk(each, f"{path}/{index}" if path else str(index), depth + 1)
    elif (rule := _scalar_rule(value)) is not None:
        yield field_error(path, rule, limit=MAX_TEXT, range="±2^63")


def _walk_object(value: dict[Any, Any], path: str, depth: int) -> Iterator[FieldError]:
    for key, each in value.items():
        if not isinstance(key, str):
            yield field_error(path, "not-json")
        elif _BAD_TEXT.search(key):
            yield field_error(path, "bad-text")
        elif len(key) > MAX_KEY:
            yield field_error(path, "too-long", limit=MAX_KEY)
        else:
            yield from _walk(each, f"{path}/{key}" if path else key, depth + 1)


def _scalar_rule(value: Any) -> str | None:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return "too-long"
        return "bad-text" if _BAD_TEXT.search(value) else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if abs(value) <= _MAX_INTEGER else "out-of-range"
    if isinstance(value, float):
        return None if math.isfinite(value) else "not-a-number"
    return "not-json"


def body_digest(body: Any, key: bytes) -> str:
    """Return the HMAC-SHA256, in hex, of a JSON value whatever the order of its keys: equal bodies, equal digests."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
