"""The owners of one row: several names in one cell, co-owners in columns of their own, what reaches each of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic_core import PydanticCustomError

from journey.domain.event_types.fields import (
    EARLIEST_BIRTHDAY,
    LATEST,
    read_email,
    read_phone,
    read_postal_address,
)
from starter.importing.reading import read_day

Refuse = Callable[[str, str], None]  # column, rule
MOST_OWNERS: Final = 9
_BESIDE: Final = ("second_name", "second_phone", "second_ref", "second_address")
# The full-width marks are written as escapes: they look too much like the others.
_MARKS: Final = re.compile("[、;\uff1b/\uff0f&\uff06\n]+")
_MARKS_OR_COMMAS: Final = re.compile("[、;\uff1b/\uff0f&\uff06,\uff0c\n]+")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_AND: Final = re.compile(r"([\u4e00-\u9fff·]{2,4})(?:和|与|及)([\u4e00-\u9fff·]{2,4})")  # 谢和平 stays one person
_SHARE: Final = re.compile("[(\uff08][^()\uff08\uff09]*[%\uff050-9][^()\uff08\uff09]*[)\uff09]")
_COMPANY: Final = re.compile(r"公司|集团|事务所|中心|company|ltd|inc\b|co\.", re.IGNORECASE)


def split_names(text: str) -> list[str]:
    """The names in one cell: 张伟、李娜 · 张伟/李娜 · 张伟和李娜; shares such as (50%) are left out."""
    plain = _SHARE.sub("", text)
    if _COMPANY.search(plain):  # the name of a company may hold any of these marks
        return [plain.strip()]
    # A comma between Latin words belongs to one name: Smith, John.
    parts = _parts(plain, _MARKS_OR_COMMAS if _HAN.search(plain) else _MARKS)
    if len(parts) == 1 and (two := _AND.fullmatch(parts[0])):
        parts = [two[1], two[2]]
    return parts


class OwnersOf:
    """Reads the owners of one row; what is wrong goes to `refuse`, what only looks odd to `warn`."""

    def __init__(self, cells: Mapping[str, str], refuse: Refuse, warn: Refuse) -> None:
        self._cells = cells
        self._refuse = refuse
        self._warn = warn

    def read(self, ref: str) -> tuple[dict[str, Any], ...]:
        """Every owner, the primary one first; without a number of their own co-owners are REF-2, REF-3 …"""
        owners = self._group("name", "phone", "ref", "address")
        first = owners[:1]
        if not first:
            self._refuse("name", "required")
            return ()
        for number in range(1, MOST_OWNERS):
            suffix = "" if number == 1 else f".{number}"
            beside = self._group(*(f"{column}{suffix}" for column in _BESIDE))
            known = {owner["name"] for owner in owners}
            owners += [owner for owner in beside if owner["name"] not in known]
        first[0] |= {name: value for name, value in self._own().items() if value}
        first[0]["ref"] = first[0].get("ref") or ref
        for position, owner in enumerate(owners[1:], start=2):
            owner["ref"] = owner.get("ref") or f"{first[0]['ref']}-{position}"
        return tuple({"ref": owner["ref"], **owner} for owner in owners)

    def _group(self, name: str, phone: str, ref: str, address: str) -> list[dict[str, Any]]:
        """The owners of one set of columns: the first phone belongs to the first name, and so on."""
        names = split_names(self._cells.get(name, ""))
        refs = _parts(self._cells.get(ref, "")) if len(names) > 1 else [self._cells.get(ref, "")]
        phones, home = self._phones(phone, len(names)), self._address(address)
        owners = []
        for position, each in enumerate(names):
            read = {"ref": _at(refs, position), "name": each, "phone": _at(phones, position), "address": home}
            owners.append({key: value for key, value in read.items() if value})
        return owners

    def _phones(self, column: str, names: int) -> list[str]:
        text = self._cells.get(column)
        if not text:
            return []
        parts = _parts(text)
        if len(parts) > max(names, 1):
            self._warn(column, "more-phones")
        return [phone for part in parts[: max(names, 1)] if (phone := self._phone(part, column))]

    def _phone(self, text: str, column: str) -> str | None:
        try:
            return read_phone(text)
        except PydanticCustomError as error:
            self._refuse(column, error.type)
            return None

    def _own(self) -> dict[str, Any]:
        """What a row says of its primary owner beside name and phone."""
        return {"email": self._email(), "wechat": self._cells.get("wechat"), "birthday": self._birthday()}

    def _address(self, column: str) -> str | None:
        text = self._cells.get(column)
        if not text:
            return None
        postcode = self._cells.get("postcode", "") if column == "address" else ""
        try:
            return read_postal_address(f"{postcode} {text}" if postcode and postcode not in text else text)
        except PydanticCustomError as error:
            self._warn(column, error.type)  # a letter that cannot be posted is listed; no reason to keep a home out
            return None

    def _email(self) -> str | None:
        if text := self._cells.get("email"):
            try:
                return read_email(text)
            except PydanticCustomError as error:
                self._refuse("email", error.type)
        return None

    def _birthday(self) -> str | None:
        text = self._cells.get("birthday")
        if not text:
            return None
        day = read_day(text)
        if day is None or not EARLIEST_BIRTHDAY <= day <= LATEST:
            self._warn("birthday", "not-a-date")  # a greeting less, no reason to keep a home out
            return None
        return day.isoformat()


def _parts(text: str, marks: re.Pattern[str] = _MARKS_OR_COMMAS) -> list[str]:
    return [part.strip() for part in marks.split(text) if part.strip()]


def _at(values: Sequence[str], position: int) -> str | None:
    return values[position] if position < len(values) else None
