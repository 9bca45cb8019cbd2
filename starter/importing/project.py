"""The project that an import enters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

DEFAULT_PACK: Final = "cn-residential"


@dataclass(frozen=True, slots=True)
class Project:
    """The project of the rows that name none; with a name and a city it is made when it is missing."""

    code: str
    name: str | None = None
    city: str | None = None
    pack: str = DEFAULT_PACK
    go_live_at: datetime | None = None
