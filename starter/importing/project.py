"""The project that an import enters, and projects that nobody has made."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starter.importing.checking import Checked
from starter.importing.headings import HEADINGS
from starter.importing.remarks import Place, remark

DEFAULT_PACK: Final = "cn-residential"


@dataclass(frozen=True, slots=True)
class Project:
    """The project of the rows that name none; with a name and a city it is made when it is missing."""

    code: str
    name: str | None = None
    city: str | None = None
    pack: str = DEFAULT_PACK
    go_live_at: datetime | None = None

    @property
    def is_made(self) -> bool:
        """Whether an import may make it."""
        return bool(self.name and self.city)


def leave_out(checked: Checked, unknown: Collection[str]) -> None:
    """Take the homes of projects that are not there out, with one remark a project instead of one a row."""
    counts = Counter(home.project for home in checked.homes if home.project in unknown)
    checked.homes = [home for home in checked.homes if home.project not in unknown]
    heading = HEADINGS["project"][0]
    checked.errors += [
        remark(Place(0), heading, "unknown-project", code=code, count=count) for code, count in sorted(counts.items())
    ]
