"""The warranty ledger (保修台账): two clocks per component (C4), the owner's and the contractor's, and the gap."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from journey.domain import calendar as days
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import at, end_of_day, local_date
from journey.domain.items import Anchor
from journey.domain.packs import CoverTerm, WarrantyNumbers
from journey.domain.periods import Period
from journey.domain.record import Cover


def covers(
    *, keys: Anchor, completion: Anchor | None, numbers: WarrantyNumbers, calendar: WorkCalendar, zone: str
) -> Sequence[Cover]:
    """One cover per component. Cover lasts until 24:00 of its last day; ends are None while their start is unknown."""
    return [_cover(term, keys, completion, numbers, calendar, zone) for term in numbers.components]


def _cover(
    term: CoverTerm,
    keys: Anchor,
    completion: Anchor | None,
    numbers: WarrantyNumbers,
    calendar: WorkCalendar,
    zone: str,
) -> Cover:
    owner_anchor = keys if term.owner_from == "handover" else completion
    if term.seasons is not None:
        owner_ends: date | datetime | None = _season_end(keys.on, term.seasons, numbers)
        contractor_ends = _season_end(completion.on, term.seasons, numbers) if completion else None
    else:
        owner_ends = _end(owner_anchor, term.owner, calendar)
        contractor_ends = _day(_end(completion, term.contractor, calendar), zone)
    return Cover(
        component=term.component,
        owner_starts=owner_anchor.on if owner_anchor else None,
        owner_ends=_day(owner_ends, zone),
        contractor_ends=contractor_ends,
        owner_ends_at=_instant(owner_ends, zone),
        design_life=term.design_life,
        anchor=_later(owner_anchor, keys),
    )


def _end(anchor: Anchor | None, term: Period | None, calendar: WorkCalendar) -> date | datetime | None:
    if anchor is None or term is None:
        return None
    if term.is_subday:
        return anchor.at + timedelta(seconds=term.seconds)
    return days.add(anchor.on, term, calendar)


def _season_end(start: date, seasons: int, numbers: WarrantyNumbers) -> date:
    """The end of the n-th season that begins on or after `start`: only full seasons count."""
    from_month, from_day = (int(part) for part in numbers.season_from.split("-"))
    to_month, to_day = (int(part) for part in numbers.season_to.split("-"))
    first = start.year if (from_month, from_day) >= (start.month, start.day) else start.year + 1
    last = first + seasons - 1
    wraps = (to_month, to_day) < (from_month, from_day)
    return date(last + wraps, to_month, min(to_day, monthrange(last + wraps, to_month)[1]))


def _day(end: date | datetime | None, zone: str) -> date | None:
    return local_date(end, zone) if isinstance(end, datetime) else end


def _instant(end: date | datetime | None, zone: str) -> datetime | None:
    if end is None or isinstance(end, datetime):
        return end
    return end_of_day(end, zone)


def _later(first: Anchor | None, keys: Anchor) -> Anchor:
    """Both facts must be known before a cover is: the one learnt later decides what counts as late news."""
    return first if first is not None and first.known_at > keys.known_at else keys


def reported_in_cover(cover: Cover, occurred_at: datetime, zone: str) -> bool | None:
    """Whether a report of that instant is in cover (until 24:00 of the last day); None while the end is unknown."""
    if cover.owner_ends is None or cover.owner_ends_at is None:
        return None
    whole_day = cover.owner_ends_at == end_of_day(cover.owner_ends, zone)
    limit = at(cover.owner_ends + timedelta(days=1), time(0), zone) if whole_day else cover.owner_ends_at
    return occurred_at < limit or occurred_at == cover.owner_ends_at
