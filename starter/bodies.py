"""Bodies of the doors: closed models, so that a misspelt field is named instead of ignored."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from journey.domain.errors import RULE_TEXTS, FieldError, InvalidInput, bounds, choices, field_error
from journey.domain.event_types.fields import Zone
from journey.domain.go_live import FARTHEST
from journey.domain.reasons import Reason
from journey.domain.values import Role

CODE = re.compile(r"[^\s/\x00-\x1f]{1,60}")
Code = Annotated[str, StringConstraints(pattern=f"^{CODE.pattern}$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
RULES = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "string_too_long": "too-long",
    "string_too_short": "empty",
    "string_pattern_mismatch": "bad-text",
    "too_short": "empty",
    "too_long": "too-long",
    "list_type": "not-a-list",
    "dict_type": "not-an-object",
    "timezone_aware": "not-an-instant",
    "datetime_from_date_parsing": "not-an-instant",
    "datetime_parsing": "not-an-instant",
    "datetime_type": "not-an-instant",
    "string_type": "not-text",
    "bool_parsing": "not-a-boolean",
    "bool_type": "not-a-boolean",
    "enum": "unknown-value",
    "literal_error": "unknown-value",
    "int_parsing": "not-a-number",
    "int_type": "not-a-number",
    "int_from_float": "not-a-number",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
}


class Body(BaseModel):
    """Closed and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectBody(Body):
    """A new project. `posts` lists who fills each post; without it every post counts as filled."""

    code: Code
    name: Line
    city: Line
    pack: Line = "cn-residential"
    overlays: list[Line] = Field(default_factory=list)
    zone: Zone | None = None
    go_live_at: AwareDatetime | None = None
    posts: dict[Role, list[Line]] = Field(default_factory=dict)


class JourneyBody(Body):
    """A new journey. `owners` are checked one by one; `facts` are events that are told at once."""

    project: Code
    owners: list[dict[str, Any]] = Field(min_length=1, max_length=20)
    unit: Code | None = None
    building: Code | None = None
    pack: Line | None = None
    overlays: list[Line] | None = None
    external_id: Line | None = None
    facts: list[dict[str, Any]] = Field(default_factory=list, max_length=200)


class ClaimBody(Body):
    """Who takes a task."""

    by: Line


B = TypeVar("B", bound=Body)


def read_body(model: type[B], body: Any) -> B:
    """The body as its model; InvalidInput names every field at fault."""
    if not isinstance(body, Mapping):
        raise InvalidInput((field_error("", "not-an-object"),))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(tuple(_field(one) for one in error.errors(include_url=False))) from None


def go_live_ahead(at: datetime | None, now: datetime, field: str = "go_live_at") -> Reason | None:
    """What to say of a go-live that lies ahead: nothing is done until then. InvalidInput for a wrong year."""
    if at is None or at <= now:
        return None
    if at > now + FARTHEST:
        latest = (now + FARTHEST).date().isoformat()
        raise InvalidInput((field_error(field, "out-of-range", range=f"≤ {latest}"),))
    return Reason("go-live-ahead", {"when": at.isoformat()})


def of_settings(error: ValidationError, prefix: str) -> InvalidInput:
    """What is wrong with settings that are read from variables with a prefix, in the words of a body."""
    wrong = [one | {"loc": (prefix + str(one["loc"][0]).upper(),)} for one in error.errors(include_url=False)]
    return InvalidInput(tuple(_field(one) for one in wrong))


def _field(one: Any) -> FieldError:
    place = "/".join(str(part) for part in one["loc"])
    rule = RULES.get(one["type"], one["type"] if one["type"] in RULE_TEXTS else None)
    if rule == "bad-text" and one.get("input") == "":
        rule = "empty"  # a pattern that wants a character says no more of nothing than that
    if rule is None:
        return FieldError(place, "invalid", f"{place} {one['msg']}", f"{place}:{one['msg']}")
    context = one.get("ctx", {})
    params = {"allowed": choices(str(context.get("expected", ""))), "limit": context.get("max_length", "")}
    params["range"] = bounds(context)
    params |= {name: value for name, value in context.items() if name not in ("rule", "field")}
    return field_error(place, rule, **params)
