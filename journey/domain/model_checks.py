"""Validates a value against a pydantic model and says every error in the words of `errors.RULE_TEXTS`."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journey.domain.errors import RULE_TEXTS, FieldError, InvalidInput, bounds, choices, field_error
from journey.domain.event_types.fields import Data

M = TypeVar("M", bound=Data)

# pydantic's own error types; those with a name of ours come from our validators
_RULES: Final = {
    "missing": "required",
    "string_type": "not-text",
    "string_too_long": "too-long",
    "string_too_short": "empty",
    "too_long": "too-long",
    "too_short": "empty",
    "bool_type": "not-a-boolean",
    "bool_parsing": "not-a-boolean",
    "int_type": "not-a-number",
    "int_parsing": "not-a-number",
    "int_parsing_size": "out-of-range",
    "int_from_float": "not-a-number",
    "greater_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "enum": "unknown-value",
    "list_type": "not-a-list",
    "dict_type": "not-an-object",
    "model_type": "not-an-object",
    "model_attributes_type": "not-an-object",
}


def validated(model: type[M], value: Any, *, at: str = "", region: str = "CN") -> M:
    """Return the model of a value; raises `InvalidInput` with every field at fault, named below `at`."""
    try:
        return model.model_validate(value, context={"region": region})
    except ValidationError as error:
        raise InvalidInput(_fields(error.errors(include_url=False), at)) from None


def as_json(model: Data) -> dict[str, Any]:
    """Return what was told, normalised: fields that were left out stay out, unknown ones are kept."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _fields(details: Iterable[ErrorDetails], at: str) -> tuple[FieldError, ...]:
    return tuple(_field(detail, at) for detail in details)


def _field(detail: ErrorDetails, at: str) -> FieldError:
    context = detail.get("ctx", {})
    parts = [*detail["loc"], context["field"]] if "field" in context else [*detail["loc"]]
    path = "/".join(str(part) for part in ((at, *parts) if at else parts))
    rule = _RULES.get(detail["type"], detail["type"] if detail["type"] in RULE_TEXTS else "invalid")
    if detail["input"] is None and rule.startswith(("not-", "unknown-")):
        rule = "required"
    return field_error(path, rule, **_params(context))


def _params(context: dict[str, Any]) -> dict[str, Any]:
    params = {name: value for name, value in context.items() if name not in ("field", "rule")}
    defaults = {
        "allowed": choices(str(context.get("expected", ""))),
        "limit": context.get("max_length", ""),
        "range": bounds(context),
    }
    return {**defaults, **params}
