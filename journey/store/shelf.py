"""Published packs and calendars, parsed once per process and content hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from journey.domain.calendar import WorkCalendar
from journey.domain.errors import NotFound
from journey.domain.packs import Pack, PackHistory, PackVersion
from journey.store.inserting import insert_new
from journey.store.tables import calendars, packs

ReadPack = Callable[[Mapping[str, Any]], Pack]


_NEWEST_PACK = select(packs.c.seq).where(packs.c.name == bindparam("name")).order_by(packs.c.seq.desc()).limit(1)
_NEWEST_CALENDAR = (
    select(calendars.c.seq).where(calendars.c.country == bindparam("country")).order_by(calendars.c.seq.desc()).limit(1)
)


_NEWEST = select(_NEWEST_PACK.scalar_subquery().label("pack"), _NEWEST_CALENDAR.scalar_subquery().label("calendar"))


def shelf_name(pack: str, overlays: list[str]) -> str:
    """One name for a pack with its overlays: `cn-residential+zhejiang`."""
    return "+".join([pack, *overlays])


def publish_pack(session: Session, *, name: str, content_hash: str, document: Mapping[str, Any], now: datetime) -> bool:
    """Keep a pack for ever under its hash; whether it was new. Published packs are never changed or deleted."""
    known = session.execute(select(packs.c.seq).where(packs.c.name == name, packs.c.hash == content_hash)).first()
    if known is not None:
        return False
    effective = document["effective_from"]
    row = {"name": name, "hash": content_hash, "document": document, "published_at": now}
    day = effective if not isinstance(effective, str) else datetime.fromisoformat(effective).date()
    return insert_new(session, packs, row | {"effective_from": day})


def publish_calendar(session: Session, calendar: WorkCalendar, now: datetime) -> bool:
    """Keep a calendar under its hash; whether it was not the latest. The last published one of a country holds."""
    country, content_hash = calendar.country, calendar.content_hash
    latest = session.execute(
        select(calendars.c.hash).where(calendars.c.country == country).order_by(calendars.c.seq.desc()).limit(1)
    ).scalar()
    if latest == content_hash:
        return False
    # One that was followed by another and comes back: it becomes the latest again.
    session.execute(delete(calendars).where(calendars.c.country == country, calendars.c.hash == content_hash))
    row = {"country": country, "hash": content_hash, "document": calendar.to_document(), "published_at": now}
    return insert_new(session, calendars, row)


@dataclass(slots=True)
class Shelf:
    """Parsed packs and calendars by name, refreshed when a newer row is seen."""

    read_pack: ReadPack
    _packs: dict[str, tuple[int, PackHistory]] = field(default_factory=dict)
    _calendars: dict[str, tuple[int, WorkCalendar]] = field(default_factory=dict)
    _templates: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _parsed: dict[str, Pack] = field(default_factory=dict)

    def history(self, session: Session, name: str) -> PackHistory:
        """Every version of a pack; NotFound when nothing was published under that name."""
        newest = session.execute(_NEWEST_PACK, {"name": name}).scalar()
        if newest is None:
            raise NotFound(f"no pack {name} is published")
        cached = self._packs.get(name)
        if cached is not None and cached[0] == newest:
            return cached[1]
        rows = session.execute(
            select(packs.c.hash, packs.c.document).where(packs.c.name == name).order_by(packs.c.seq)
        ).all()
        history = PackHistory([PackVersion(row.hash, self._parse(row.hash, row.document)) for row in rows])
        self._packs[name] = (newest, history)
        return history

    def calendar(self, session: Session, country: str) -> WorkCalendar:
        """The calendar of a country as last published."""
        newest = session.execute(_NEWEST_CALENDAR, {"country": country}).scalar()
        if newest is None:
            raise NotFound(f"no calendar {country} is published")
        cached = self._calendars.get(country)
        if cached is None or cached[0] != newest:
            document = session.execute(select(calendars.c.document).where(calendars.c.seq == newest)).scalar_one()
            cached = self._calendars[country] = (newest, WorkCalendar.from_document(document))
        return cached[1]

    def both(self, session: Session, name: str) -> tuple[PackHistory, WorkCalendar]:
        """Every version of a pack and the calendar of its country: one question while nothing new was published."""
        pack = self._packs.get(name)
        country = pack[1].versions[-1].pack.country if pack is not None else ""
        calendar = self._calendars.get(country)
        if pack is not None and calendar is not None:
            newest = session.execute(_NEWEST, {"name": name, "country": country}).one()
            if (newest.pack, newest.calendar) == (pack[0], calendar[0]):
                return pack[1], calendar[1]
        history = self.history(session, name)
        return history, self.calendar(session, history.versions[-1].pack.country)

    def template(self, pack_hash: str, language: str, name: str) -> str | None:
        """The template text of a published pack, in the wanted language, else in any that it has."""
        texts = self._templates.get(pack_hash, {})
        wanted = texts.get(language, {}).get(name)
        return wanted or next((by[name] for by in texts.values() if name in by), None)

    def _parse(self, content_hash: str, document: Mapping[str, Any]) -> Pack:
        if content_hash not in self._parsed:
            self._parsed[content_hash] = self.read_pack(document)
            self._templates[content_hash] = document.get("templates") or {}
        return self._parsed[content_hash]
