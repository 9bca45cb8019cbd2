"""What is left of a stored event when a person is forgotten: dates, codes, numbers and refs, so that it still plans."""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from journey.domain.event_types import EVENT_TYPES
from journey.domain.event_types.base import is_personal
from journey.domain.event_types.fields import Data
from journey.domain.receipts import marks_of

_DATE_OR_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9:]+)?)?")


def erase_personal(type: str, data: Mapping[str, Any], *, corrects: str | None = None) -> dict[str, Any]:
    """Return `data` without personal fields, and without fields that no model declares: nobody knows what those hold.

    `corrects` is the type of the event that an `event.corrected` changes; without it only dates, numbers and
    booleans of the change are kept. The same holds for all of a type that this build does not know. What the store
    wrote beside a receipt stays: without it what is settled would be planned anew.
    """
    known = EVENT_TYPES.get(type)
    if known is None:
        return _impersonal(data)
    left = _erased(known.data, data)
    if type == "event.corrected" and isinstance(change := data.get("data"), Mapping):
        left["data"] = erase_personal(corrects, change) if corrects else _impersonal(change)
    return left | marks_of(data) if type == "message.receipt" else left


def _erased(model: type[Data], data: Mapping[str, Any]) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in data and not is_personal(field):
            nested = _model_in(field.annotation)
            left[key] = _nested(nested, data[key]) if nested else data[key]
    return left


def _nested(model: type[Data], value: Any) -> Any:
    if isinstance(value, Mapping):
        return _erased(model, value)
    if isinstance(value, list):
        return [_erased(model, each) for each in value if isinstance(each, Mapping)]
    return None


def _model_in(annotation: Any) -> type[Data] | None:
    if isinstance(annotation, type) and issubclass(annotation, Data):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _impersonal(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if _says_nothing_of_a_person(value)}


def _says_nothing_of_a_person(value: Any) -> bool:
    if isinstance(value, str):
        return _DATE_OR_INSTANT.fullmatch(value) is not None
    # Whole numbers may be telephone or identity numbers.
    return value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1_000_000)
