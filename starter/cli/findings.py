"""What a check of the doctor answers."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check: ok, worth a note, or bad; `ids` are the first few of those that it is about."""

    check: str
    state: State
    zh: str
    en: str
    ids: tuple[str, ...] = ()
