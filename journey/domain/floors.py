"""What the law grants owners at least: a pack may promise more, never less (domain rows C1, C4 and C9).

One table, with the article of every line: L✔ statute read, L○ read at second hand, L◇ to be verified. Local law that
allows less is named by the overlay that uses it, path by path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, Final

from journey.domain.overlays import OverlayError, locate
from journey.domain.periods import Period

WORKING_WEEK = 5
LONGEST_BREAK = 12  # days that a public holiday with its weekends can add to a count of working days
Windows = tuple[tuple[str, str], ...]  # hours of a day, as packs write them: ("08:00", "12:00"), …


class Bound(StrEnum):
    """How a number may differ from the law's."""

    LEAST = "at-least"
    MOST = "at-most"
    EXACTLY = "exactly"
    WITHIN = "within"  # hours that lie inside those of the law


@dataclass(frozen=True, slots=True)
class Floor:
    """One number of the law: where it stands in a pack, on which side of it the pack stays, and the article."""

    path: str
    bound: Bound
    limit: str | int | Windows
    article: str

    def kept_by(self, value: Any) -> bool:
        """Whether a value, as a pack writes it, gives the owner what the law does."""
        if self.bound is Bound.EXACTLY:
            return bool(value == self.limit)
        if isinstance(self.limit, tuple):
            return _inside(value, self.limit)
        if isinstance(self.limit, int):
            return isinstance(value, int) and _within(self.bound, (value, value), (self.limit, self.limit))
        try:
            given, limit = Period.parse(str(value)), Period.parse(self.limit)
        except ValueError:
            return False
        if months := _months(given, limit):
            return _within(self.bound, (months[0], months[0]), (months[1], months[1]))
        return _within(self.bound, _days(given), _days(limit))

    def text(self, value: Any, lang: str) -> str:
        """What is wrong with a value that does not keep it."""
        given = "null" if value is None else value
        if isinstance(self.limit, tuple):
            given, limit = _spelled(value), _spelled(self.limit)
            zh, en = f"{given} 超出 {limit}", f"{given} reaches beyond {limit}"
        elif self.bound is Bound.EXACTLY:
            zh, en = f"须为 {self.limit},此处为 {given}", f"must be {self.limit}, not {given}"
        elif self.bound is Bound.LEAST:
            zh, en = f"{given} 短于法定 {self.limit}", f"{given} is less than the {self.limit} of the law"
        else:
            zh, en = f"{given} 晚于法定 {self.limit}", f"{given} is later than the {self.limit} of the law"
        return f"{zh}({self.article})" if lang == "zh" else f"{en} ({self.article})"

    def words(self, value: Any) -> str:
        """The same in both languages."""
        return f"{self.text(value, 'zh')} / {self.text(value, 'en')}"


@dataclass(frozen=True, slots=True)
class Breach:
    """A number of a pack that gives owners less than the law does."""

    floor: Floor
    value: Any


def breaches(document: Mapping[str, Any], allowed: Mapping[str, str]) -> Iterator[Breach]:
    """Numbers of a pack below the law of its country; `allowed` names the local article by path."""
    for floor in FLOORS.get(str(document.get("country")), ()):
        try:
            location = locate(document, floor.path)
        except OverlayError:
            continue  # a section or number that this pack does not have
        value: Any = document
        for step in location:
            value = value[step]
        if floor.path not in allowed and not floor.kept_by(value):
            yield Breach(floor, value)


def _inside(value: Any, limit: Windows) -> bool:
    """Whether each window of a value lies in one of the law's."""
    try:
        given = [tuple(time.fromisoformat(str(end)) for end in window) for window in value]
    except (TypeError, ValueError):
        return False
    allowed = [tuple(time.fromisoformat(end) for end in window) for window in limit]
    return all(any(each[0] <= first and last <= each[1] for each in allowed) for first, last in given)


def _spelled(windows: Any) -> str:
    """08:00-12:00, 14:00-18:00; what is no hours reads as it stands."""
    try:
        return ", ".join(f"{first}-{last}" for first, last in windows)
    except (TypeError, ValueError):
        return str(windows)


def _within(bound: Bound, given: tuple[int, int], limit: tuple[int, int]) -> bool:
    """Lengths as (shortest, longest): what may be too little in some year is too little."""
    return given[0] >= limit[1] if bound is Bound.LEAST else given[1] <= limit[0]


def _months(given: Period, limit: Period) -> tuple[int, int] | None:
    """Both in months, where both are counted so: two years are 24 months whatever the calendar says."""
    counted = [period.years * 12 + period.months for period in (given, limit)]
    return (counted[0], counted[1]) if all(counted) else None


def _days(period: Period) -> tuple[int, int]:
    if period.working_days:
        count = abs(period.working_days)
        longest = count * 7 // WORKING_WEEK + LONGEST_BREAK
        return (count, longest) if period.working_days > 0 else (-longest, -count)
    months = period.years * 12 + period.months
    if months:
        # 28 to 31 days, and 365 to 366 a year.
        years, rest = divmod(abs(months), 12)
        ends = years * 365 + rest * 28, years * 366 + rest * 31
        return ends if months > 0 else (-ends[1], -ends[0])
    days = period.days + period.seconds // 86_400
    return days, days + (1 if period.seconds % 86_400 else 0)


def _term(component: str, owner: str, article: str, contractor: str | None = None) -> Iterator[Floor]:
    at = f"warranty.components.{component}"
    yield Floor(f"{at}.owner", Bound.LEAST, owner, article)
    if component != "structure":
        yield Floor(f"{at}.owner_from", Bound.EXACTLY, "handover", "L○ 商品房销售管理办法33")
    if contractor is not None:
        yield Floor(f"{at}.contractor", Bound.LEAST, contractor, article)


_QUALITY: Final = "L✔ 质量条例40"
_TWO_BOOKS: Final = "L○ 1998两书规定"
# The owner's term counts from a later day than the contractor's and must cover what is left of it (销售管理办法33).
FLOORS: Final[Mapping[str, tuple[Floor, ...]]] = {
    "cn": (
        Floor("signing.filing.within", Bound.MOST, "30d", "L✔ 开发条例26"),
        Floor("handover.formal_notice.within", Bound.MOST, "-10d", "L◇ GF-2014-0171"),
        Floor("handover.formal_notice_latest", Bound.MOST, "-10d", "L◇ GF-2014-0171"),
        Floor("handover.fund.within", Bound.MOST, "0d", "L○ 165号令12"),
        Floor("handover.fund_check.within", Bound.MOST, "0d", "L○ 165号令12"),
        Floor("handover.title.within", Bound.MOST, "90d", "L✔ 开发条例32"),
        Floor("handover.title_overdue.within", Bound.MOST, "1y", "L✔ 解释14–15"),
        Floor("handover.late.rescission.within", Bound.MOST, "3mo", "L✔ 解释11"),
        Floor("handover.late.lapses", Bound.LEAST, "1y", "L✔ 解释11"),
        Floor("handover.late.lapses_demanded", Bound.LEAST, "3mo", "L✔ 解释11"),
        Floor("handover.cancellation.refund.within", Bound.MOST, "15d", "L◇ GF-2014-0171"),
        Floor("project.completion_filing.within", Bound.MOST, "15d", "L✔ 质量条例49"),
        *_term("structure", "50y", _QUALITY, "50y"),
        *_term("roof-waterproof", "5y", _QUALITY, "5y"),
        *_term("wet-room", "5y", _QUALITY, "5y"),
        *_term("exterior-seepage", "5y", _QUALITY, "5y"),
        Floor("warranty.components.heating-cooling.seasons", Bound.LEAST, 2, _QUALITY),
        *_term("electrical", "2y", _QUALITY, "2y"),
        *_term("plumbing", "2y", _QUALITY, "2y"),
        *_term("equipment", "2y", _QUALITY, "2y"),
        *_term("decoration", "2y", _QUALITY, "2y"),
        *_term("lift", "2y", _QUALITY, "2y"),
        *_term("door-window", "1y", _TWO_BOOKS),
        *_term("pipe-blockage", "2mo", _TWO_BOOKS),
        *_term("sanitary-ware", "1y", _TWO_BOOKS),
        *_term("lamps-switches", "6mo", _TWO_BOOKS),
        # Hours and the day's notice stand in local rules; a place with others names its own (C9).
        Floor("fit_out.work_hours", Bound.WITHIN, (("08:00", "12:00"), ("14:00", "18:00")), "L✔ 噪声法66"),
        Floor("fit_out.report_breach.within", Bound.MOST, "24h", "L✔ 沪物59"),
    ),
}  # fmt: skip
