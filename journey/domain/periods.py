"""Lengths of time as packs write them: ``7d``, ``2mo``, ``5y``, ``3wd``, ``48h``, ``30min``, ``20s``."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_PATTERN = r"^-?[0-9]+(y|mo|d|wd|h|min|s)$"
_TEXT = re.compile(r"(-?[0-9]+)(y|mo|d|wd|h|min|s)")
_FIELD_OF = {"y": "years", "mo": "months", "d": "days", "wd": "working_days"}
_SECONDS_OF = {"h": 3600, "min": 60, "s": 1}
_LABEL_OF = {"y": "y", "mo": "m", "d": "d", "wd": "wd", "h": "h", "min": "min", "s": "s"}
_UNITS = "y (years), mo (months), d (days), wd (working days), h (hours), min (minutes) or s (seconds)"


@dataclass(frozen=True, slots=True)
class Period:
    """A signed amount of exactly one unit; hours, minutes and seconds are kept as ``seconds``.

    A period has no fixed length: how long ``1mo`` or ``3wd`` lasts depends on where it starts and on the calendar
    (``calendar.add``). Two units at once raise ``ValueError``. As a field of a pydantic model it is read from its text
    and dumped as its text.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    working_days: int = 0
    seconds: int = 0
    _hash: int = field(init=False, repr=False, compare=False)  # kept, as periods are looked up by the hundred

    def __post_init__(self) -> None:
        amounts = (self.years, self.months, self.days, self.working_days, self.seconds)
        if sum(1 for amount in amounts if amount) > 1:
            raise ValueError("a period has one unit only; state two rules to combine two units")
        object.__setattr__(self, "_hash", hash(amounts))

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period that ``text`` names, such as ``7d`` or ``-2mo``; ``ValueError`` names the allowed units."""
        return _parsed(text)

    @property
    def is_subday(self) -> bool:
        """Whether it is counted in hours, minutes or seconds, so that a date alone cannot carry it."""
        return self.seconds != 0

    @property
    def label(self) -> str:
        """The offset as an occurrence of an item key: ``m-2``, ``d-30``, ``y1`` (unit first, months as ``m``)."""
        amount, unit = self._amount_and_unit()
        return f"{_LABEL_OF[unit]}{amount}"

    def as_timedelta(self) -> timedelta:
        """Its fixed length when it is counted in days or less; ``ValueError`` for months, years, working days."""
        if self.years or self.months or self.working_days:
            raise ValueError(f"{self} has no fixed length: it depends on its start and on the calendar")
        return timedelta(days=self.days, seconds=self.seconds)

    def _amount_and_unit(self) -> tuple[int, str]:
        if self.seconds:
            # The largest unit that fits keeps one spelling for one length: 60min is 1h.
            unit = next(unit for unit, size in _SECONDS_OF.items() if self.seconds % size == 0)
            return self.seconds // _SECONDS_OF[unit], unit
        for unit, name in _FIELD_OF.items():
            amount: int = getattr(self, name)
            if amount:
                return amount, unit
        return 0, "d"

    def __str__(self) -> str:
        amount, unit = self._amount_and_unit()
        return f"{amount}{unit}"

    def __bool__(self) -> bool:
        return bool(self.years or self.months or self.days or self.working_days or self.seconds)

    def __hash__(self) -> int:
        return self._hash

    def __neg__(self) -> "Period":
        return _negative(self)

    def times(self, count: int) -> Self:
        """So many of it one after the other, counted from one start: three times ``1mo`` is ``3mo``."""
        return type(self)(
            self.years * count, self.months * count, self.days * count, self.working_days * count, self.seconds * count
        )

    @classmethod
    def _validate(cls, value: object) -> "Period":
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        raise ValueError(f"a period is a text of a whole number and one unit, {_UNITS}; got {value!r}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": _PATTERN, "examples": ["7d", "-2mo", "3wd", "48h"]}


@lru_cache(maxsize=4096)  # every version of every pack names the same few
def _parsed(text: str) -> Period:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no period: write a whole number and one unit, {_UNITS}, as in '7d' or '-2mo'")
    amount, unit = int(match[1]), match[2]
    if unit in _SECONDS_OF:
        return Period(seconds=amount * _SECONDS_OF[unit])
    return Period(**{_FIELD_OF[unit]: amount})


@lru_cache(maxsize=4096)
def _negative(period: Period) -> Period:
    return period.times(-1)
