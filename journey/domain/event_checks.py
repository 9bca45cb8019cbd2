"""The door: what is told is checked here once, completely, and normalised; whoever reads it later is tolerant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import PydanticCustomError

from journey.domain.errors import FieldError, InvalidInput, field_error
from journey.domain.event_types import EVENT_TYPES, EventType, Target
from journey.domain.event_types.fields import MAX_ID, read_instant
from journey.domain.json_checks import json_errors
from journey.domain.model_checks import as_json, validated

SCOPES: Final = ("building", "batch", "phase")
ABOUT: Final = ("item", "case", "task", "message")
_TELL: Final = {"journey": "POST /v1/journeys/{id}/events", "project": "POST /v1/projects/{code}/events"}
_MAX_DAYS_AWAY: Final = 36_525


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as told, checked and normalised, before it has an id of ours; `data` is JSON, instants are UTC."""

    source_id: str
    type: str
    occurred_at: datetime
    data: dict[str, Any]
    source: str = "api"
    person: str | None = None
    about: dict[str, Any] | None = None
    scope: dict[str, str] | None = None


def check_event(body: Any, *, target: Target, now: datetime, region: str = "CN") -> NewEvent:
    """Return the event in a body told to a journey or a project; raises `InvalidInput` with every field at fault.

    Phones without a country code belong to `region`. Unknown fields of `data` and `about` are kept.
    """
    reading = _Reading(_json_object(body))
    known = _known_type(reading, target)
    occurred_at = _occurred_at(reading, now)
    source_id = reading.identifier("id", required=True)
    source = reading.identifier("source") or "api"
    person = reading.identifier("person", required=known is not None and known.needs_person)
    about = _about(reading)
    scope = _scope(reading) if target == "project" else None
    data = _data(reading, known, scope, region)
    if reading.errors or known is None or occurred_at is None:
        raise InvalidInput(tuple(reading.errors))
    return NewEvent(source_id, known.name, occurred_at, data, source, person or None, about, scope)


def check_data(type: str, data: Any, *, region: str = "CN") -> dict[str, Any]:
    """Return the normalised `data` of a type, such as the outcome of a correction; raises `InvalidInput`."""
    known = EVENT_TYPES.get(type)
    if known is None:
        raise InvalidInput((_unknown_type(type),))
    if errors := json_errors({"data": data}):
        raise InvalidInput(errors)
    return as_json(validated(known.data, data, at="data", region=region))


def merge_correction(original: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as if told right: the change laid over the original (RFC 7396), null removes a field."""
    merged = dict(original)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge_correction(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


class _Reading:
    """A body being read; collects the errors of its fields."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.errors: list[FieldError] = []

    def refuse(self, field: str, rule: str, **params: object) -> None:
        self.errors.append(field_error(field, rule, **params))

    def identifier(self, field: str, *, required: bool = False) -> str:
        """Return the id under a key, empty when there is none."""
        value = self.body.get(field)
        if value is None or value == "":
            if required:
                self.refuse(field, "required")
            return ""
        rule = identifier_rule(value)
        if rule:
            self.refuse(field, rule, limit=MAX_ID)
            return ""
        return str(value)

    def mapping(self, field: str) -> dict[str, Any] | None:
        """Return the object under a key, None when there is none."""
        value = self.body.get(field)
        if value is not None and not isinstance(value, dict):
            self.refuse(field, "not-an-object")
            return None
        return value


def identifier_rule(value: Any) -> str | None:
    """Return the rule that a value breaks as an id of 1 to 200 characters, None when it is one."""
    if not isinstance(value, str):
        return "not-text"
    if not value.strip():
        return "required"
    return "too-long" if len(value) > MAX_ID else None


def _json_object(body: Any) -> dict[str, Any]:
    errors = json_errors(body)
    if not errors and not isinstance(body, dict):
        errors = (field_error("", "not-an-object"),)
    if errors:
        raise InvalidInput(errors)
    read: dict[str, Any] = body
    return read


def _unknown_type(name: str) -> FieldError:
    near = get_close_matches(name[:MAX_ID].lower(), EVENT_TYPES, n=1)
    hint, hint_zh = (f"; did you mean {near[0]}?", f",是否为 {near[0]}") if near else ("", "")
    return field_error("type", "unknown-type", hint=hint, hint_zh=hint_zh)


def _known_type(reading: _Reading, target: Target) -> EventType | None:
    name = reading.identifier("type", required=True)
    if not name:
        return None
    known = EVENT_TYPES.get(name)
    if known is None:
        reading.errors.append(_unknown_type(name))
    elif target not in known.targets:
        reading.refuse("type", "wrong-target", tell=" / ".join(_TELL[each] for each in sorted(known.targets)))
    return known


def _occurred_at(reading: _Reading, now: datetime) -> datetime | None:
    try:
        instant = read_instant(reading.body.get("occurred_at"))
    except PydanticCustomError as error:
        reading.refuse("occurred_at", error.type)
        return None
    if abs((instant - now).days) > _MAX_DAYS_AWAY:
        reading.refuse("occurred_at", "out-of-range", range="±100 years")
        return None
    return instant


def _about(reading: _Reading) -> dict[str, Any] | None:
    about = reading.mapping("about")
    if not about:
        return None
    named = [key for key in ABOUT if about.get(key) is not None]
    if not named:
        reading.refuse(f"about/{ABOUT[0]}", "required")
    for key in (*named, *(["occurrence"] if about.get("occurrence") is not None else [])):
        if rule := identifier_rule(about[key]):
            reading.refuse(f"about/{key}", rule, limit=MAX_ID)
    return about


def _scope(reading: _Reading) -> dict[str, str] | None:
    """Read `scope`, else `data.scope`, else the narrowest place that `data` names; None is the whole project."""
    scope, field = reading.mapping("scope"), "scope"
    data = reading.body.get("data")
    if scope is None and isinstance(data, dict):
        inner = data.get("scope")
        scope, field = (inner, "data/scope") if isinstance(inner, dict) else (_place_in(data), "data")
    if not scope:
        return None
    named = [key for key in SCOPES if scope.get(key) is not None]
    if len(named) != 1:
        reading.refuse(field, "unknown-value", allowed="phase, batch, building")
        return None
    code = scope[named[0]]
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if rule := identifier_rule(code):
        reading.refuse(f"{field}/{named[0]}", rule, limit=MAX_ID)
        return None
    return {named[0]: code.strip()}


def _place_in(data: dict[str, Any]) -> dict[str, Any]:
    return next(({key: data[key]} for key in SCOPES if data.get(key) is not None), {})


def _data(reading: _Reading, known: EventType | None, scope: dict[str, str] | None, region: str) -> dict[str, Any]:
    data = reading.mapping("data")
    if known is None or (data is None and reading.body.get("data") is not None):
        return {}
    told = data or {}
    if known.name == "emergency.declared" and scope and "scope" not in told:
        told = {**told, "scope": scope}
    try:
        return as_json(validated(known.data, told, at="data", region=region))
    except InvalidInput as error:
        reading.errors.extend(error.errors)
        return {}
