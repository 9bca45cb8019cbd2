"""Parameters that several lists share."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Final

from fastapi import Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from journey.domain.clocks import at
from journey.domain.event_types.fields import MAX_ID, read_date, read_instant
from journey.store.paging import DEFAULT_LIMIT, MAX_LIMIT
from starter.api.errors import BadParameter

# Whoever names a day rather than an instant is in China, as are the packs.
_ZONE: Final = "Asia/Shanghai"


def _storable(value: str) -> str:
    if "\x00" in value:
        raise PydanticCustomError("bad-text", "bad text")
    return value


_Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[_Text, Path(max_length=MAX_ID)]
JourneyName = Annotated[_Text, Path(max_length=MAX_ID, description="Its id, or PROJECT/UNIT with the slash as it is.")]
ProjectCode = Annotated[_Text, Path(max_length=60)]
InProject = Annotated[_Text, Query(max_length=60)]
Filter = Annotated[_Text | None, Query(max_length=MAX_ID)]
ItemName = Annotated[_Text, Query(min_length=1, max_length=360, description="A key, or a rule's id.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[_Text | None, Query(max_length=1000, description="`next_cursor` of the page before.")]
DueBefore = Annotated[
    _Text | None, Query(max_length=40, description="RFC 3339, or a date: the start of that day in China.")
]

__all__ = [
    "DEFAULT_LIMIT",
    "Cursor",
    "DueBefore",
    "Filter",
    "Id",
    "InProject",
    "ItemName",
    "JourneyName",
    "Limit",
    "ProjectCode",
    "due_instant",
    "known_only",
    "one_of",
]


async def known_only(request: Request) -> None:
    """BadParameter for a query parameter that the operation does not have: a misspelt filter would find everything."""
    route = request.scope.get("route")
    known = {"lang"} | (_named(route.dependant) if isinstance(route, APIRoute) else set())
    for name in request.query_params:
        if name not in known:
            raise BadParameter(name, "unknown-field")


def one_of(name: str, value: str | None, allowed: Iterable[str]) -> str | None:
    """A filter that is left out, or one of those there are; BadParameter: a misspelt one would find nothing."""
    known = list(allowed)
    if value is not None and value not in known:
        raise BadParameter(name, "unknown-value", allowed=", ".join(known))
    return value


def _named(dependant: Dependant) -> set[str]:
    """The query parameters of an operation, with those that what it depends on reads."""
    below = (_named(each) for each in dependant.dependencies)
    return {parameter.alias for parameter in dependant.query_params}.union(*below)


def due_instant(text: str | None) -> datetime | None:
    """The instant of `due_before`; BadParameter when it cannot be read."""
    if text is None:
        return None
    try:
        # An unescaped + of an offset arrives as a blank.
        instant = read_instant(text.replace(" ", "+")) if "T" in text.upper() else _start_of(read_date(text))
    except PydanticCustomError as error:
        raise BadParameter("due_before", "not-an-instant") from error
    if not 1900 < instant.year < 2200:
        raise BadParameter("due_before", "out-of-range", range="1901..2199")
    return instant


def _start_of(day: date) -> datetime:
    if not 1900 < day.year < 2200:
        raise BadParameter("due_before", "out-of-range", range="1901..2199")
    return at(day, time(0), _ZONE)
