"""Appointments as files for a calendar (RFC 5545, 5546): one that moved replaces the entry that stands there."""

import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from icalendar import Calendar, Event

from journey.adapters.channels import Attachment

PRODUCT: Final = "-//owner-journey//appointments//ZH"
NAME: Final = "appointment.ics"
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)  # revisions count minutes from here: 32 bits last for ages
_YEAR: Final = timedelta(days=366)  # before and after it, whose rules of the zone go along
_REPEAT: Final = re.compile(r"~[^/]*")
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


def invitation(
    *,
    key: str,
    start: datetime | date,
    end: datetime | date | None = None,
    title: str,
    place: str = "",
    told_at: datetime,
    organiser: str = "",
    method: Method = "PUBLISH",
) -> Attachment:
    """The file of an appointment; a date stands for the whole day.

    The same key gives the same UID, a repeat of an item (`~`) that of the item; what is told later replaces it. Times
    carry the zone of `start`, with its rules in the file. `ValueError` for an end before the start.
    """
    if end is not None and end < start:
        raise ValueError("an appointment ends before it starts")
    event = Event()
    event.add("uid", uid_of(key))
    event.add("sequence", int((told_at - _SINCE) / timedelta(minutes=1)))
    event.add("dtstamp", told_at.astimezone(UTC))
    event.add("dtstart", start)
    if end is not None:
        event.add("dtend", end)
    event.add("summary", title)
    if place:
        event.add("location", place)
    if organiser:
        event.add("organizer", f"mailto:{organiser}")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    around = start if isinstance(start, date) and not isinstance(start, datetime) else start.date()
    calendar.add_missing_timezones(around - _YEAR, around + _YEAR)
    return Attachment(name=NAME, media_type=f"text/calendar; method={method}", content=calendar.to_ical())


def uid_of(key: str) -> str:
    """The UID of an item's key: a hash, as the key names the recipient."""
    return f"{sha256(_REPEAT.sub('', key).encode()).hexdigest()[:32]}@owner-journey"
