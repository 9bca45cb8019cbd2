"""Greetings of the journey's own 问候: birthday, anniversary of the handover 入住周年, moving in 乔迁 (C7).

They go to a person, once however many homes he has: the key names the person and the year. Class care, so they need his
consent; whether one goes (a complaint, a delay, an emergency, bereavement) is decided when it is sent. At most the next
one is ahead, and none after the last finite warranty item, so that they keep no journey open. Feasts are broadcasts.
"""

from collections.abc import Iterator
from datetime import date, datetime

from journey.domain.asking import message
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Ask, DayRule, Late, Recipients
from journey.domain.numbers.base import Text
from journey.domain.numbers.occupancy import OccupancyNumbers
from journey.domain.recurring import days_of_year
from journey.domain.rules import Items, rule
from journey.domain.values import MessageClass


@rule("occupancy.birthday", zh="生日祝福", asks="A014 C7", since="2026.2")
def birthday(j: Facts, n: OccupancyNumbers) -> Items:
    """Every owner whose birthday is known is wished well on it, from the signing on."""
    since = j.contract or j.at_home_since
    if since:
        for person in j.owners:
            if known := j.record.birthdays.get(person):
                for day in _ahead(j, *known, since.on):
                    yield _greeting(person, since, day, n.birthday, str(day.year))


@rule("occupancy.anniversary", zh="入住周年问候", asks="C7", since="2026.2")
def anniversary(j: Facts, n: OccupancyNumbers) -> Items:
    """Each year on the day of the handover every owner is greeted."""
    if home := j.at_home_since:
        for day in _ahead(j, home.on.month, home.on.day, home.on):
            for person in j.owners:
                yield _greeting(person, home, day, n.anniversary, str(day.year))


@rule("occupancy.moved-in-greeting", zh="乔迁祝贺", asks="C7", since="2026.2")
def moved_in_greeting(j: Facts, n: OccupancyNumbers) -> Items:
    """Who moves in is congratulated the next day."""
    if moved := j.first("moved_in"):
        day = j.day_of(j.after(moved, n.moved_in_greeting.within))
        for person in j.owners:
            yield _greeting(person, moved, day, n.moved_in_greeting, moved.event)


def _ahead(j: Facts, month: int, day: int, since: date) -> Iterator[date]:
    """The days on which a greeting may still go: none after the last finite warranty item has ended."""
    ends: datetime | None = j.warranty_ends
    for one in days_of_year(j, month, day, since):
        if ends is None or j.begins(one) < ends:
            yield one


def _greeting(person: str, anchor: Anchor, day: date, text: Text, occurrence: str) -> Ask:
    """A text to one person on a day that never moves; one that an outage delayed does not go late."""
    return message(
        person, anchor, day, text.window, occurrence=occurrence, message_class=MessageClass.CARE,
        recipients=Recipients.NAMED, day=DayRule.PLAIN, late=Late.SKIP, params={"person": person},
    )  # fmt: skip
