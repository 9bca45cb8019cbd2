"""Builders of planner records for tests: a journey in 香年, its events told by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from journey.adapters.calendars import load_calendar
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import zone_info
from journey.domain.entries import Entry
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.packs import Pack, PackHistory, PackVersion
from journey.domain.record import Batch, GateWord, Record
from tests.packs import built_in

SHANGHAI = "Asia/Shanghai"
POLICIES = Path(__file__).resolve().parents[1] / "policies"
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
READY = {"ready-to-hand-over": GateWord("passed", BEGIN, "evt_ready")}  # gates of a batch that may be handed over


@cache
def calendar(country: str = "cn") -> WorkCalendar:
    """The calendar of a country, loaded once."""
    return load_calendar(country, POLICIES / "calendars")


@cache
def pack() -> Pack:
    """The built-in pack."""
    return built_in().pack


def instant(text: str, zone: str = SHANGHAI) -> datetime:
    """A local time such as «2025-03-15 10:00» as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone_info(zone)).astimezone(UTC)


def told(
    kind: str,
    when: str,
    /,
    *,
    recorded: str | None = None,
    zone: str = SHANGHAI,
    ident: str | None = None,
    about: Mapping[str, Any] | None = None,
    person: str | None = None,
    **data: Any,
) -> Event:
    """An event that occurred and was recorded at a local time; `on` defaults to that day."""
    occurred = instant(when, zone)
    known = instant(recorded, zone) if recorded else occurred
    ident = ident or f"evt_{kind}_{when}".replace(" ", "_")
    if kind.split(".")[0] in ("subscription", "contract", "handover", "ownership") and "on" not in data:
        data["on"] = when[:10]
    return Event(ident, kind, occurred, known, data, "test", ident, person, about)


def completion(on: str, known: str = "2025-01-02 09:00") -> Batch:
    """A batch whose completion acceptance is known."""
    at = instant(known)
    return Batch(completion=Anchor(date.fromisoformat(on), at, at, "evt_completion", "evt_completion"))


def record(
    events: Sequence[Event],
    *,
    entries: Mapping[str, Entry] | None = None,
    started: datetime = BEGIN,
    country: str = "cn",
    zone: str = SHANGHAI,
    packs: Sequence[Pack] = (),
    **more: Any,
) -> Record:
    """A record as the store would hand it over."""
    versions = [PackVersion(f"hash-{number}", one) for number, one in enumerate(packs or (pack(),))]
    base = Record(
        journey="jrn_1",
        episode="epi_1",
        unit="unt_1",
        zone=zone,
        started_at=started,
        events=list(events),
        entries=dict(entries or {}),
        packs=PackHistory(versions),
        calendar=calendar(country),
        primary="psn_1",
    )
    return replace(base, **more)
