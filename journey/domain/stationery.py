"""What stands on paper: a letter to one owner, the cover of a print run, a notice for a building."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

_POSTCODE: Final = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_EDGES: Final = re.compile("^[ ,\uff0c]+|[ ,\uff0c]+$")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the sender as configured, and the project."""

    project: str
    city: str
    sender: str | None = None
    address: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """Who signs."""
        return self.sender or self.project


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter goes; the postcode apart from the rest, as a list for the post has it."""

    name: str
    address: str
    postcode: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it is printed. `unit` and `item` are for the cover sheet and the list, not for the paper."""

    reference: str
    language: str
    on: date
    head: Letterhead
    to: Recipient
    title: str
    paragraphs: Sequence[str]
    unit: str
    item: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A letter that was not printed, and why: `no-address`, `no-words`, `no-glyphs`."""

    unit: str
    name: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first sheets of a run say of it."""

    run: str
    head: Letterhead
    scope: str
    printed_at: str
    language: str
    missing: Sequence[Missing] = ()


@dataclass(frozen=True, slots=True)
class Poster:
    """A notice for the wall of a building; `reference` names its task in the QR code."""

    reference: str
    language: str
    on: date
    head: Letterhead
    building: str
    title: str
    paragraphs: Sequence[str]


def read_text(text: str) -> tuple[str, Sequence[str]]:
    """The title and the paragraphs of a rendered template: its first line, then what empty lines part."""
    title, _, rest = text.strip().partition("\n")
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", rest))
    return title.strip(), [block for block in blocks if block]


def split_postcode(address: str) -> tuple[str | None, str]:
    """The postcode of an address, where it begins or ends with one, and the address without it."""
    for found in _POSTCODE.finditer(address):
        before, after = _EDGES.sub("", address[: found.start()]), _EDGES.sub("", address[found.end() :])
        if not before or not after:
            return found[1], before or after
    return None, address


def dialled(phone: str | None) -> str | None:
    """A number as the post dials it: 13800138000 at home, 0044… abroad; no cell begins with a plus sign."""
    if phone is None or not phone.startswith("+"):
        return phone
    return phone.removeprefix("+86") if phone.startswith("+86") else "00" + phone[1:]
