"""Homes of a scenario: one row may stand for many, and an owner may come without a `ref`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_PLACE = re.compile(r"\{[^{}:]*(?::0?(\d+)d?)?\}|%0?(\d*)d|(#+)")


class HomeRow(Protocol):
    """What a row says of its homes."""

    @property
    def unit(self) -> str | None: ...
    @property
    def owners(self) -> list[dict[str, Any]]: ...
    @property
    def tags(self) -> list[str]: ...
    @property
    def building(self) -> str | None: ...
    @property
    def pack(self) -> str | None: ...
    @property
    def overlays(self) -> list[str] | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def facts(self) -> list[dict[str, Any]]: ...
    @property
    def count(self) -> int | None: ...
    @property
    def pattern(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Home:
    """One journey to start, as the door takes it, but for its project and the facts of its tags."""

    unit: str | None
    owners: list[dict[str, Any]]
    tags: list[str]
    more: Mapping[str, Any]

    @property
    def refs(self) -> list[str]:
        """The owners' refs, the primary contact first."""
        return [owner["ref"] for owner in self.owners]


def homes_of(row: HomeRow) -> list[Home]:
    """The homes of one row; with `count`, numbered from 1 by `pattern`, else by the unit with `-N` behind it."""
    if row.count is None:
        return [_home(row, row.unit or row.pattern, None)]
    pattern = row.pattern or row.unit or "home"
    return [_home(row, numbered(pattern, number), number) for number in range(1, row.count + 1)]


def numbered(pattern: str, number: int) -> str:
    """A pattern with its number: `3-1-{n:04}`, `3-1-%04d` or `3-1-####`; without a place it is hung on behind."""

    def put(match: re.Match[str]) -> str:
        width = int(match[1] or match[2] or 0) or len(match[3] or "")
        return str(number).zfill(width)

    text, places = _PLACE.subn(put, pattern)
    return text if places else f"{pattern}-{number}"


def _home(row: HomeRow, unit: str | None, number: int | None) -> Home:
    given = row.owners or [{"name": "业主"}]
    owners = [_owner(owner, unit or row.external_id or "lead", place, number) for place, owner in enumerate(given)]
    more = {"building": row.building, "pack": row.pack, "overlays": row.overlays, "external_id": row.external_id}
    if number is not None and row.external_id is not None:
        more["external_id"] = numbered(row.external_id, number)
    kept = {name: value for name, value in more.items() if value is not None}
    return Home(unit, owners, list(row.tags), {**kept, "facts": list(row.facts)})


def _owner(owner: Mapping[str, Any], home: str, place: int, number: int | None) -> dict[str, Any]:
    """An owner with a ref of his own in every home of the row; phones stay as they are, nobody is merged by them."""
    ref = owner.get("ref")
    if ref is None:
        ref = f"{home}:{place + 1}"
    elif number is not None:
        ref = numbered(str(ref), number)
    phone = owner.get("phone")
    return {**owner, "ref": str(ref), **({"phone": str(phone)} if phone is not None else {})}
