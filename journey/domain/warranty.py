"""The warranty ledger (保修台账): two clocks per component (C4), the owner's and the contractor's, and the gap."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from journey.domain import calendar as days
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import at, end_of_day, local_date
from journey.domain.items import Anchor
from journey.domain.numbers.warranty import CoverTerm, WarrantyNumbers
from journey.domain.periods import Period
from journey.domain.record import Cover, Ledgered


def covers(
    *, keys: Anchor, completion: Anchor | None, numbers: WarrantyNumbers, calendar: WorkCalendar, zone: str
) -> Sequence[Cover]:
    """One cover per component. Cover lasts until 24:00 of its last day; ends are None while their start is unknown."""
    return [_cover(term, keys, completion, numbers, calendar, zone) for term in numbers.components]


def inherited_covers(
    rows: Sequence[Ledgered], anchor: Anchor, terms: Sequence[CoverTerm], zone: str
) -> Sequence[Cover]:
    """The covers that stay the home's when it changes hands: every end as the ledger has it."""
    design_life = {term.component for term in terms if term.design_life}
    return [
        Cover(
            component=row.component,
            owner_starts=row.owner_starts,
            owner_ends=row.owner_ends,
            contractor_ends=row.contractor_ends,
            owner_ends_at=_instant(row.owner_ends, zone),
            design_life=row.component in design_life,
            anchor=anchor,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair of a component that its owner accepted."""

    component: str
    reported_at: datetime
    accepted: Anchor


def restarted(
    ledger: Sequence[Cover],
    repairs: Sequence[Repaired],
    *,
    numbers: WarrantyNumbers,
    calendar: WorkCalendar,
    zone: str,
) -> Sequence[Cover]:
    """The ledger where the term of a repaired part begins anew with the repair's acceptance (C4; 京54, 豫41).

    Only a report in cover restarts it, and none ends earlier for it. The contractor's clock stays as it is.
    """
    terms = {term.component: term for term in numbers.components}
    found = {cover.component: cover for cover in ledger}
    for repair in sorted(repairs, key=lambda one: one.accepted.at):
        cover, term = found.get(repair.component), terms.get(repair.component)
        if cover is not None and term is not None and reported_in_cover(cover, repair.reported_at, zone):
            ends = _owner_end(term, repair.accepted, numbers, calendar)
            day = _day(ends, zone)
            if day is not None and cover.owner_ends is not None and day > cover.owner_ends:
                found[repair.component] = replace(
                    cover, owner_starts=repair.accepted.on, owner_ends=day, owner_ends_at=_instant(ends, zone),
                    anchor=repair.accepted,
                )  # fmt: skip
    return list(found.values())


def _cover(
    term: CoverTerm,
    keys: Anchor,
    completion: Anchor | None,
    numbers: WarrantyNumbers,
    calendar: WorkCalendar,
    zone: str,
) -> Cover:
    owner_anchor = keys if term.owner_from == "handover" else completion
    owner_ends = _owner_end(term, keys if term.seasons is not None else owner_anchor, numbers, calendar)
    if term.seasons is not None:
        contractor_ends = _season_end(completion.on, term.seasons, numbers) if completion else None
    else:
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


def _owner_end(
    term: CoverTerm, start: Anchor | None, numbers: WarrantyNumbers, calendar: WorkCalendar
) -> date | datetime | None:
    """When the owner's term of a component ends that begins with a fact."""
    if term.seasons is not None and start is not None:
        return _season_end(start.on, term.seasons, numbers)
    return _end(start, term.owner, calendar)


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


def gap_days(owner_ends: date | None, contractor_ends: date | None) -> int | None:
    """The days in which only we stand behind the promise (C4); None while either end is unknown."""
    if owner_ends is None or contractor_ends is None:
        return None
    return (owner_ends - contractor_ends).days
