"""Care for owners 业主关怀: suggestions answered, visits and calls by tag, gifts at feasts for 老业主.

Work that comes again is asked for one at a time, and not after the last finite warranty item has ended: it keeps no
journey open. Post: property customer service.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from journey.domain.asking import message, task
from journey.domain.calendar import WorkCalendar
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Ask, Recipients
from journey.domain.numbers.occupancy import OccupancyNumbers, TagCare
from journey.domain.recurring import running_rounds
from journey.domain.rules import Items, rule
from journey.domain.segments import segment_of
from journey.domain.tags import have_one_of, tag_named
from journey.domain.values import ItemKind, MessageClass, Role, Segment

TAG_CARE = "occupancy.tag-care"
GIFT = "occupancy.festival-gift"
SUGGESTION = "occupancy.suggestion"


@rule("occupancy.suggestion-received", zh="建议已收到", asks="A419", since="2026.2")
def suggestion_received(j: Facts, n: OccupancyNumbers) -> Items:
    """Who makes a suggestion hears at once that it has arrived (C2: within four hours)."""
    for event in j.all("suggestion.raised"):
        told = j.anchor(event)
        asked = message(
            j.episode, told, j.after(told, n.suggestion_received.within), n.suggestion_received.window,
            occurrence=event.id, recipients=Recipients.NAMED if event.person else Recipients.PRIMARY,
        )  # fmt: skip
        yield replace(asked, params={"person": event.person}) if event.person else asked


@rule(SUGGESTION, zh="答复业主建议", asks="A419 A301", since="2026.2")
def suggestion(j: Facts, n: OccupancyNumbers) -> Items:
    """A suggestion is acted on and answered within 48 hours."""
    for event in j.all("suggestion.raised"):
        told = j.anchor(event)
        yield task(
            j.episode, told, j.after(told, n.suggestion.within), n.suggestion, by=Role.PROPERTY_CS,
            occurrence=event.id, params={"person": event.person} if event.person else {},
        )  # fmt: skip


@rule(TAG_CARE, zh="特定业主关怀", asks="A203 A204", since="2026.2")
def tag_care(j: Facts, n: OccupancyNumbers) -> Items:
    """Owners with a tag (度假, 留守老人) get the care of that tag again and again while they have it."""
    home = j.at_home_since
    if home is None or (j.warranty_ends is not None and j.now > j.warranty_ends):
        return
    tagged = tags_of(j)
    for numbers in n.tag_care:
        since = [anchor for tag, anchor in tagged.items() if have_one_of([tag], numbers.tags)]
        if since:
            yield from _rounds_of_care(j, min(since, key=lambda anchor: anchor.at), home, numbers)


@rule(GIFT, zh="老业主节日礼品", asks="A030", since="2026.2")
def festival_gift(j: Facts, n: OccupancyNumbers) -> Items:
    """Long-standing owners get a gift before a feast, as soon as the calendar of the year is published."""
    home = j.at_home_since
    if home is None or segment_of(j) is not Segment.LONG_STANDING:
        return
    for gift in n.gifts:
        day = _next_feast(j, gift.holiday)
        if day is not None and not j.begun(day) and _in_time(j, day):
            known = replace(home, known_at=max(home.known_at, j.begins(date(day.year, 1, 1))))
            yield task(
                j.episode, known, j.shift(day, gift.within), gift, by=Role.PROPERTY_CS,
                occurrence=f"{day.year}-{gift.feast}", closes=j.begins(day),
                params={"feast": gift.feast, "on": day.isoformat()},
            )  # fmt: skip


def _rounds_of_care(j: Facts, tagged: Anchor, home: Anchor, n: TagCare) -> Iterator[Ask]:
    until = j.day_of(j.warranty_ends) if j.warranty_ends else None
    for each in running_rounds(j, max(tagged.on, home.on), n.every, until):
        begun = replace(tagged, on=each.after, known_at=max(tagged.known_at, j.begins(each.after)))
        asked = task(
            j.episode, begun, each.ends, n, by=Role.PROPERTY_CS, kind=ItemKind(n.kind),
            occurrence=f"{n.care}/{tagged.event}/{n.every.times(each.number).label}", params={"care": n.care},
        )  # fmt: skip
        yield replace(asked, message_class=MessageClass.CARE)


def tags_of(j: Facts) -> Mapping[str, Anchor]:
    """The tags that stand, each with the event that set it."""
    standing: dict[str, Anchor] = {}
    told = [*j.all("tag.added"), *j.all("tag.removed")]
    for event in sorted(told, key=lambda event: event.order):
        tag = tag_named(str(event.data.get("tag")))
        if event.type == "tag.removed":
            standing.pop(tag, None)
        else:
            standing.setdefault(tag, j.anchor(event))
    return standing


def _next_feast(j: Facts, holiday: str) -> date | None:
    """The first day of a public holiday, this year's until it has begun; None while no calendar tells the next one."""
    firsts = (first_day_of(j.calendar, holiday, year) for year in (j.today.year, j.today.year + 1))
    return next((day for day in firsts if day is not None and day > j.today), None)


@lru_cache(maxsize=1024)
def first_day_of(calendar: WorkCalendar, holiday: str, year: int) -> date | None:
    """The first day of a public holiday in a year, or None when the calendar does not know it."""
    return min((day for day, name in calendar.off.items() if name == holiday and day.year == year), default=None)


def _in_time(j: Facts, day: date) -> bool:
    return j.warranty_ends is None or j.begins(day) < j.warranty_ends
