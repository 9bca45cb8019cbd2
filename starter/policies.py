"""Policies under running journeys: what a new version or a calendar would move, and bringing it into force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from journey import policies
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import at
from journey.domain.errors import InvalidInput, NotFound, field_error
from journey.domain.impact import Impact
from journey.domain.pack_words import differences
from journey.domain.packs import Pack, PackHistory, PackVersion
from journey.domain.reasons import Reason, wording
from journey.store import audit, changes
from journey.store.engine import Store
from journey.store.previewing import Change, concerned_by
from journey.store.queries import shown
from journey.store.shelf import Shelf, latest_calendar, pack_holds, publish_calendar, publish_pack, shelf_name
from journey.store.tables import packs, projects
from starter.bodies import Body, Code, Line, read_body
from starter.previewing import impact_document, measure

LARGEST: Final = 8 * 1024 * 1024
Days = Annotated[list[date], Field(max_length=400)]


class VersionBody(Body):
    """One version of a pack as it would be published: `document` is pack.yaml with overlays laid on and `templates`.

    `law` names, by path, the local article under which a number may lie below the law of the country.
    """

    document: dict[str, Any]
    overlays: list[Line] = Field(default_factory=list, max_length=10)
    law: dict[str, Line] = Field(default_factory=dict)


class PackBody(Body):
    """Versions that belong together: of one change, the pack plain and under each overlay."""

    versions: list[VersionBody] = Field(min_length=1, max_length=200)
    by: Line | None = None


class PackPreviewBody(PackBody):
    """The same before it is done; `project` looks at one project only."""

    project: Code | None = None


class CalendarBody(Body):
    """The days of one year: public holidays with their names, weekend days that are worked, days without calls."""

    country: Line
    year: int = Field(ge=2000, le=2100)
    provisional: bool = False
    off: dict[date, Line] = Field(max_length=400)
    work: Days = Field(default_factory=list)
    no_call: Days = Field(default_factory=list)
    by: Line | None = None


class CalendarPreviewBody(CalendarBody):
    """The same before it is done; `project` looks at one project only."""

    project: Code | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A checked version and the name under which it would stand."""

    name: str
    overlays: Sequence[str]
    pack: Pack
    document: Mapping[str, Any]
    hash: str

    def head(self) -> dict[str, Any]:
        """What it is, in a list."""
        return {
            "name": self.name, "version": self.pack.version, "effective_from": self.pack.effective_from.isoformat(),
            "hash": self.hash,
        }  # fmt: skip


async def preview_packs(store: Store, shelf: Shelf, body: Any, now: datetime, lang: str) -> dict[str, Any]:
    """What publishing these versions would do to the journeys under them; nothing is written.

    A version that holds from a later day is looked at as of that day.
    """
    told = read_body(PackPreviewBody, body)
    new = [version for each in told.versions if not await store.read(_holds, version := _checked(each))]
    named, histories = {version.name for version in new}, {}
    before: dict[str, Mapping[str, Any]] = {}
    for name in sorted(named):
        histories[name], before[name] = await store.read(_with, shelf, name, [v for v in new if v.name == name])
    zone = await store.read(_zone, told.project, new[0].pack.zone if new else None)
    begins = max([now, *(at(version.pack.effective_from, time(0), zone) for version in new)])
    concerned = await store.read(concerned_by, project=told.project, packs=sorted(named))
    impact = await measure(store, shelf, list(concerned), Change(packs=histories, at=begins), now) if new else Impact()
    looked_at = set(concerned.values()) or named  # one change reads the same under every overlay
    return {
        "as_of": shown(begins.replace(microsecond=0), zone),
        "policies": [
            {**version.head(), "changes": _changes(before[version.name], version)}
            for version in new
            if version.name in looked_at
        ],
        **impact_document(impact, zone, lang),
        "text": None if new else wording("policy-there-already", {}, lang),
    }


async def preview_calendar(store: Store, shelf: Shelf, body: Any, now: datetime, lang: str) -> dict[str, Any]:
    """What a year's calendar would move, most of all dates that were provisional; nothing is written."""
    told = read_body(CalendarPreviewBody, body)
    calendar = await store.read(_calendar, told)
    zone = await store.read(_zone, told.project, None)
    concerned = await store.read(concerned_by, project=told.project, country=told.country)
    change = Change(calendars={told.country: calendar}, at=now)
    impact = await measure(store, shelf, list(concerned), change, now)
    return {
        "country": told.country,
        "year": told.year,
        "as_of": shown(now.replace(microsecond=0), zone),
        **impact_document(impact, zone, lang),
        "text": None if impact.moved_homes else wording("nothing-moves", {}, lang),
    }


async def apply_packs(store: Store, body: Any, now: datetime, actor: str) -> dict[str, Any]:
    """Publish these versions and have the journeys under them planned again.

    What holds already stays as it is; one that another of its day replaced holds again.
    """
    told = read_body(PackBody, body)
    return await store.write(_publish, [_checked(each) for each in told.versions], now, actor, told.by)


async def apply_calendar(store: Store, body: Any, now: datetime, actor: str) -> dict[str, Any]:
    """Bring a year's calendar into force, and have the journeys of its country planned again."""
    return await store.write(_publish_calendar, read_body(CalendarBody, body), now, actor)


def list_packs(session: Session) -> list[dict[str, Any]]:
    """Every published version, by name and the day from which it holds."""
    rows = session.execute(select(packs.c.name, packs.c.hash, packs.c.effective_from, packs.c.document["version"]))
    found = [(row.name, row.effective_from.isoformat(), str(row[3]), row.hash) for row in rows]
    return [
        {"name": name, "version": version, "effective_from": day, "hash": content}
        for name, day, version, content in sorted(found)
    ]


def _changes(before: Mapping[str, Any], version: NewVersion) -> list[dict[str, Any]]:
    return [each.document() for each in differences(before, version.document)]


def _checked(body: VersionBody) -> NewVersion:
    """The version as it would be published; InvalidInput names what is wrong with it."""
    loaded = policies.checked(body.document, body.law)
    name = shelf_name(loaded.pack.pack, list(body.overlays))
    return NewVersion(name, body.overlays, loaded.pack, loaded.document, loaded.hash)


def _holds(session: Session, version: NewVersion) -> bool:
    return pack_holds(session, version.name, version.hash)


def _with(
    session: Session, shelf: Shelf, name: str, new: Sequence[NewVersion]
) -> tuple[PackHistory, Mapping[str, Any]]:
    """A pack's versions with new ones, and the document that was published last."""
    try:
        known = list(shelf.history(session, name).versions)
    except NotFound:
        known = []
    last = select(packs.c.document).where(packs.c.name == name).order_by(packs.c.seq.desc()).limit(1)
    document = session.execute(last).scalar() or {}
    return PackHistory([*known, *(PackVersion(version.hash, version.pack) for version in new)]), document


def _zone(session: Session, project: str | None, otherwise: str | None) -> str:
    """The clocks that a preview is told on: of the project, else of the pack, else of the first project there is."""
    if project is not None:
        found = session.execute(select(projects.c.zone).where(projects.c.code == project)).scalar()
        if found is None:
            raise NotFound(Reason("no-such-project"))
        return str(found)
    first = select(projects.c.zone).order_by(projects.c.created_at).limit(1)
    return otherwise or str(session.execute(first).scalar() or "UTC")


def _calendar(session: Session, told: CalendarBody) -> WorkCalendar:
    """The calendar that holds with the year in it; NotFound for a country without one, InvalidInput."""
    known = latest_calendar(session, told.country)
    if known is None:
        raise NotFound(Reason("no-such-calendar", {"country": told.country}))
    try:
        return known.with_year(
            told.year, provisional=told.provisional, off=told.off, work=told.work, no_call=told.no_call
        )
    except ValueError:
        raise InvalidInput((field_error("off", "out-of-range", range=str(told.year)),)) from None


def _publish(
    session: Session, versions: Sequence[NewVersion], now: datetime, actor: str, by: str | None
) -> dict[str, Any]:
    rows = []
    for version in sorted(versions, key=lambda each: (each.name, each.pack.effective_from)):
        pack, overlays = version.pack.pack, list(version.overlays)
        fresh = publish_pack(
            session, name=version.name, content_hash=version.hash, document=version.document, now=now, again=True
        )
        if fresh:
            changes.record_change(session, "pack", {"pack": pack, "overlays": overlays}, now)
            audit.append(session, now, actor, "pack.published", version.name, version.head() | audit.person(by))
        concerned = len(concerned_by(session, packs=[version.name])) if fresh else 0
        rows.append({**version.head(), "state": "published" if fresh else "there-already", "journeys": concerned})
    return {"data": rows, "next_cursor": None}


def _publish_calendar(session: Session, told: CalendarBody, now: datetime, actor: str) -> dict[str, Any]:
    calendar = _calendar(session, told)
    fresh = publish_calendar(session, calendar, now)
    detail = {"year": told.year, "hash": calendar.content_hash} | audit.person(told.by)
    if fresh:
        changes.record_change(session, "calendar", {"country": told.country}, now)
        audit.append(session, now, actor, "calendar.published", told.country, detail)
    concerned = len(concerned_by(session, country=told.country)) if fresh else 0
    row = {
        "name": told.country, "version": str(told.year), "hash": calendar.content_hash,
        "state": "published" if fresh else "there-already",
        "journeys": concerned,
    }  # fmt: skip
    return {"data": [row], "next_cursor": None}
