"""Feasts on which owners are greeted (C7): their days by table, lunar ones until 2050, and the hours of a greeting."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from journey.domain.clocks import at
from journey.domain.values import Labelled

FIRST_YEAR = 2025


class Feast(Labelled):
    """A feast of the calendar, in the order of the year."""

    NEW_YEAR = "new-year", "元旦", "New Year"
    SPRING_FESTIVAL = "spring-festival", "春节", "Spring Festival"
    LANTERN = "lantern", "元宵节", "Lantern Festival"
    TOMB_SWEEPING = "tomb-sweeping", "清明节", "Tomb-Sweeping Day"
    LABOUR_DAY = "labour-day", "劳动节", "Labour Day"
    DRAGON_BOAT = "dragon-boat", "端午节", "Dragon Boat Festival"
    MID_AUTUMN = "mid-autumn", "中秋节", "Mid-Autumn Festival"
    NATIONAL_DAY = "national-day", "国庆节", "National Day"
    DOUBLE_NINTH = "double-ninth", "重阳节", "Double Ninth Festival"


def _table(*lines: str) -> Mapping[int, date]:
    """Month and day of each year from 2025 on."""
    days = " ".join(lines).split()
    return {year: date(year, int(day[:2]), int(day[2:])) for year, day in enumerate(days, FIRST_YEAR)}


_LUNAR_NEW_YEAR = _table(
    "0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208 0128 0215",
    "0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123",
)
_DRAGON_BOAT = _table(
    "0531 0619 0609 0528 0616 0605 0624 0612 0601 0620 0610 0530 0618",
    "0607 0527 0614 0603 0622 0611 0531 0619 0608 0529 0615 0604 0623",
)
_MID_AUTUMN = _table(
    "1006 0925 0915 1003 0922 0912 1001 0919 0908 0927 0916 1004 0924",
    "0913 1002 0920 0910 0928 0917 1005 0925 0915 1004 0922 0911 0930",
)
_DOUBLE_NINTH = _table(
    "1029 1018 1008 1026 1016 1005 1024 1012 1001 1020 1009 1027 1017",
    "1007 1026 1014 1003 1022 1011 1029 1018 1008 1027 1016 1005 1024",
)
_FIXED = {Feast.NEW_YEAR: (1, 1), Feast.LABOUR_DAY: (5, 1), Feast.NATIONAL_DAY: (10, 1)}
_LUNAR = {Feast.DRAGON_BOAT: _DRAGON_BOAT, Feast.MID_AUTUMN: _MID_AUTUMN, Feast.DOUBLE_NINTH: _DOUBLE_NINTH}


def feast_day(feast: Feast, year: int) -> date | None:
    """The day on which a feast is greeted: 春节 on its eve. None for a year that the tables do not reach."""
    if feast in _FIXED:
        return date(year, *_FIXED[feast])
    if feast in _LUNAR:
        return _LUNAR[feast].get(year)
    if feast is Feast.TOMB_SWEEPING:
        return _tomb_sweeping(year)
    first = _LUNAR_NEW_YEAR.get(year)
    if first is None:
        return None
    return first - timedelta(days=1) if feast is Feast.SPRING_FESTIVAL else first + timedelta(days=14)


def _tomb_sweeping(year: int) -> date | None:
    """清明: the sun stands at 15°; until 2050 on the 4th or 5th of April."""
    if year not in _LUNAR_NEW_YEAR:
        return None
    of_century = year - 2000
    return date(year, 4, int(of_century * 0.2422 + 4.81) - of_century // 4)


def feasts_of(year: int, greeted: Mapping[Feast, Sequence[str]]) -> list[tuple[Feast, date]]:
    """The feasts of a year that are greeted (feast: tags, none = everybody), by day.

    Of two on one day the one that more people are greeted on stands, else the first: nobody gets two.
    """
    by_day: dict[date, Feast] = {}
    for feast in Feast:
        day = feast_day(feast, year) if feast in greeted else None
        if day is not None and (day not in by_day or (greeted[by_day[day]] and not greeted[feast])):
            by_day[day] = feast
    return [(feast, day) for day, feast in sorted(by_day.items())]


def greeting_hours(day: date, hours: tuple[time, time], zone: str, due: datetime) -> tuple[datetime, datetime]:
    """When a person who lives in `zone` is greeted: in the hours of his own day.

    Where that day began before the greeting was due, he has as long from its due instant.
    """
    opens, closes = (at(day, clock, zone) for clock in hours)
    return max(opens, due), max(closes, due + (closes - opens))
