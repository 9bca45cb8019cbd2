"""Work calendars from the yearly files of an installation and, for the years without a file, from libraries.

The day tables of ``holidays`` agree with the published notices of China from 2010 on; later years hold the days that
the law grants, without make-up days, and are provisional until a file for them is written.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import holidays
from lunar_python import Lunar
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from journey.domain.calendar import WorkCalendar

_DAY = timedelta(days=1)
_WEEKEND = (5, 6)
# England stands for the United Kingdom: without it the library leaves out Easter Monday and the August holiday.
_LIBRARY_NAMES: dict[str, tuple[str, str | None, str | None]] = {
    "cn": ("CN", None, "zh_CN"),
    "gb": ("GB", "ENG", "en_GB"),
    "us": ("US", None, "en_US"),
    "ae": ("AE", None, "en_US"),
    "sg": ("SG", None, "en_US"),
}


@dataclass(frozen=True)
class _Year:
    provisional: bool
    off: dict[date, str]
    work: frozenset[date]
    no_call: frozenset[date]


def load_calendar(country: str, folder: Path, first_year: int = 2010, last_year: int = 2050) -> WorkCalendar:
    """The calendar of ``country`` (``cn``, ``gb``, ``us``, ``ae``, ``sg``, or ``none``: no rest days at all).

    The files ``folder/COUNTRY-YEAR.yaml`` win over the library. A year of China is provisional when it lies after the
    last one with a file. ``ValueError`` for an unknown country, and for a bad file with its name and line.
    """
    if country == "none":
        return WorkCalendar.from_document({"country": country, "rest_weekdays": [], "years": {}, "no_call": []})
    files = {year: _read(path, country, year) for path, year in _files(country, folder)}
    years = dict(_library_years(country, first_year, last_year))
    if country == "cn":
        # With no file at all the library's own make-up days show how far the notices go.
        published = max(files, default=max(year for year, table in years.items() if table.work or year == first_year))
        years = {year: _Year(year > published, table.off, table.work, table.no_call) for year, table in years.items()}
    return _assemble(country, years | files)


def read_year(path: Path) -> dict[str, Any]:
    """One year's file as JSON: country, year, provisional, off, work, no_call; ``ValueError`` with file and line."""
    named = re.fullmatch(r"([a-z]+)-(\d{4})", path.stem)
    if named is None:
        raise ValueError(f"{path.name}:1: a calendar is named COUNTRY-YEAR.yaml, such as cn-2027.yaml")
    try:
        table = _read(path, named[1], int(named[2]))
    except OSError as error:
        raise ValueError(f"{path.name}:1: {error.strerror}") from error
    return {
        "country": named[1],
        "year": int(named[2]),
        "provisional": table.provisional,
        "off": {day.isoformat(): name for day, name in sorted(table.off.items())},
        "work": [day.isoformat() for day in sorted(table.work)],
        "no_call": [day.isoformat() for day in sorted(table.no_call)],
    }


def propose(country: str, year: int) -> str:
    """The text of a yearly file to start from when the notice is published, marked provisional."""
    table = _library_years(country, year, year)[year]
    lines = [
        "# Proposed from the law and the library: compare with the published notice, then set provisional to false.",
        f"country: {country}",
        f"year: {year}",
        "provisional: true",
        "off:" if table.off else "off: {}",
        *(f"  {day}: {_quoted(name)}" for day, name in sorted(table.off.items())),
        "work:" if table.work else "work: []",
        *(f"  - {day}" for day in sorted(table.work)),
        "no_call:" if table.no_call else "no_call: []",
        *(f"  - {day}" for day in sorted(table.no_call)),
    ]
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))


def _assemble(country: str, years: dict[int, _Year]) -> WorkCalendar:
    return WorkCalendar(
        country=country,
        rest_weekdays=frozenset(_WEEKEND),
        off={day: name for year in sorted(years) for day, name in sorted(years[year].off.items())},
        work=frozenset(day for table in years.values() for day in table.work),
        no_call=frozenset(day for table in years.values() for day in table.no_call),
        provisional_years={year: years[year].provisional for year in sorted(years)},
    )


@cache  # a fifth of a second for forty years, the new moons most of it
def _library_years(country: str, first: int, last: int) -> Mapping[int, _Year]:
    code, subdivision, language = _library_code(country)
    # The neighbours are read too: a notice can take a day of the year before.
    table = holidays.country_holidays(code, subdiv=subdivision, language=language, years=range(first - 1, last + 2))
    named = {day: _plain(table[day]) for day in table}
    work = frozenset(getattr(table, "weekend_workdays", ()))
    off = _whole_breaks(named, work) if country == "cn" else named
    return {
        year: _Year(
            provisional=False,
            off={day: name for day, name in off.items() if day.year == year},
            work=frozenset(day for day in work if day.year == year),
            no_call=_spring_festival(year) if country == "cn" else frozenset(),
        )
        for year in range(first, last + 1)
    }


def _library_code(country: str) -> tuple[str, str | None, str | None]:
    if country not in _LIBRARY_NAMES:
        raise ValueError(f"no calendar for country {country!r}: known are {', '.join(sorted(_LIBRARY_NAMES))} and none")
    return _LIBRARY_NAMES[country]


def _plain(name: str) -> str:
    """The feast of the library's label, empty for a rest day that was moved there from a weekend."""
    return re.sub(r"（.*?）", "", name).replace("休息日", "").replace("农历除夕", "除夕").replace("; ", "、")


def _whole_breaks(named: dict[date, str], work: frozenset[date]) -> dict[date, str]:
    """The named days with the weekends that touch them, as the notices of China count a break.

    Days without a name of their own take the feast that names most days of the break.
    """
    off: dict[date, str] = {}
    for day in sorted(named):
        if day in off:
            continue
        first = last = day
        while _is_off(first - _DAY, named, work):
            first -= _DAY
        while _is_off(last + _DAY, named, work):
            last += _DAY
        days = [first + _DAY * n for n in range((last - first).days + 1)]
        feast, _ = Counter(name for each in days if (name := named.get(each))).most_common(1)[0]
        off |= {each: named.get(each) or feast for each in days}
    return off


def _is_off(day: date, named: dict[date, str], work: frozenset[date]) -> bool:
    return day in named or (day.weekday() in _WEEKEND and day not in work)


def _spring_festival(year: int) -> frozenset[date]:
    """除夕 to 初三 of the lunar new year in ``year``."""
    solar = Lunar.fromYmd(year, 1, 1).getSolar()
    new_year = date(solar.getYear(), solar.getMonth(), solar.getDay())
    return frozenset(new_year + _DAY * n for n in range(-1, 3))


def _files(country: str, folder: Path) -> list[tuple[Path, int]]:
    found = ((path, re.fullmatch(rf"{re.escape(country)}-(\d{{4}})", path.stem)) for path in folder.glob("*.yaml"))
    return sorted((path, int(match[1])) for path, match in found if match)


class _DatesAsText(RoundTripConstructor):
    """Leaves dates as they are written: an impossible one would otherwise fail in the parser, without its line."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _read(path: Path, country: str, year: int) -> _Year:
    try:
        yaml = YAML()
        yaml.Constructor = _DatesAsText
        document = yaml.load(path)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{path.name}:{line}: {error.problem}") from error
    except YAMLError as error:
        # What cannot even be decoded has no line.
        raise ValueError(f"{path.name}:1: {error}") from error
    return _YearFile(path.name, country, year).read(document)


class _YearFile:
    """Checks the document of one file; every error is a ``ValueError`` that starts with file and line."""

    def __init__(self, name: str, country: str, year: int) -> None:
        self._name = name
        self._country = country
        self._year = year

    def read(self, document: Any) -> _Year:
        if not isinstance(document, CommentedMap):
            raise self._error(0, "expected a mapping with country, year, off and work")
        for key in document:
            if key not in ("country", "year", "provisional", "off", "work", "no_call"):
                raise self._error(document.lc.key(key)[0], f"unknown key {key!r}")
        self._expect(document, "country", self._country)
        self._expect(document, "year", self._year)
        provisional = document.get("provisional", False)
        if not isinstance(provisional, bool):
            raise self._error(document.lc.value("provisional")[0], "provisional is true or false")
        off = self._off(document)
        work = self._days(document, "work")
        no_call = self._days(document, "no_call")
        if "no_call" not in document and self._country == "cn":
            no_call = _spring_festival(self._year)
        for day in work:
            if day in off:
                raise self._error(document.lc.key("work")[0], f"{day} is both off and worked")
        return _Year(provisional, off, work, no_call)

    def _expect(self, document: CommentedMap, key: str, value: object) -> None:
        if document.get(key) != value:
            line = document.lc.key(key)[0] if key in document else 0
            raise self._error(line, f"{key} is {document.get(key)!r}, but the file is named for {value!r}")

    def _off(self, document: CommentedMap) -> dict[date, str]:
        table = document.get("off")
        if not isinstance(table, CommentedMap):
            raise self._error(document.lc.key("off")[0] if "off" in document else 0, "off maps days to names")
        off: dict[date, str] = {}
        for key, name in table.items():
            line = table.lc.key(key)[0]
            if not isinstance(name, str) or not name:
                raise self._error(line, f"{key} needs the name of its holiday")
            off[self._day(key, line)] = name
        return off

    def _days(self, document: CommentedMap, key: str) -> frozenset[date]:
        listed = document.get(key, CommentedSeq())
        if not isinstance(listed, CommentedSeq):
            raise self._error(document.lc.key(key)[0], f"{key} is a list of days")
        return frozenset(self._day(value, listed.lc.item(n)[0]) for n, value in enumerate(listed))

    def _day(self, value: object, line: int) -> date:
        try:
            day = date.fromisoformat(str(value))
        except ValueError as error:
            raise self._error(line, f"{value!r} is no date such as {self._year}-01-01") from error
        if day.year != self._year:
            raise self._error(line, f"{day} does not lie in {self._year}")
        return day

    def _error(self, line: int, problem: str) -> ValueError:
        return ValueError(f"{self._name}:{line + 1}: {problem}")
