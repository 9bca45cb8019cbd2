"""Published packs and calendars, parsed once per process and content hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from journey.domain.calendar import WorkCalendar
from journey.domain.errors import NotFound
from journey.domain.packs import Pack, PackHistory, PackVersion
from journey.domain.reasons import Reason
from journey.store import approvals
from journey.store.inserting import insert_new
from journey.store.tables import calendars, packs
from journey.store.texts import Texts

ReadPack = Callable[[Mapping[str, Any]], Pack]


NEWEST_PACK = select(packs.c.seq).where(packs.c.name == bindparam("name")).order_by(packs.c.seq.desc()).limit(1)
NEWEST_CALENDAR = (
    select(calendars.c.seq).where(calendars.c.country == bindparam("country")).order_by(calendars.c.seq.desc()).limit(1)
)


# Asked before every send: the newest version of the pack, and whether anything was said of texts since.
_NEWEST_WORDS = select(NEWEST_PACK.scalar_subquery().label("pack"), approvals.STAMP.label("said"))
_NEWEST = select(NEWEST_PACK.scalar_subquery().label("pack"), NEWEST_CALENDAR.scalar_subquery().label("calendar"))


class Newest(NamedTuple):
    """Which rows of a pack and of its country's calendar are the newest; None where there is none."""

    pack: int | None
    calendar: int | None


def shelf_name(pack: str, overlays: list[str]) -> str:
    """One name for a pack with its overlays: `cn-residential+zhejiang`."""
    return "+".join([pack, *overlays])


def publish_pack(
    session: Session, *, name: str, content_hash: str, document: Mapping[str, Any], now: datetime, again: bool = False
) -> bool:
    """Keep a pack for ever under its hash; whether anything changed. What was published is never changed or lost.

    One that is known stays where it is, as an older build publishes its own at every start; with `again`, one that was
    replaced by a later one of its day holds once more.
    """
    known = packs.c.name == name, packs.c.hash == content_hash
    if session.execute(select(packs.c.seq).where(*known)).first() is not None:
        if not again or pack_holds(session, name, content_hash):
            return False
        session.execute(delete(packs).where(*known))  # it comes back as the last published
    effective = document["effective_from"]
    row = {"name": name, "hash": content_hash, "document": document, "published_at": now}
    day = effective if not isinstance(effective, str) else datetime.fromisoformat(effective).date()
    return insert_new(session, packs, row | {"effective_from": day})


def pack_holds(session: Session, name: str, content_hash: str) -> bool:
    """Whether this content is the last published of its effective date."""
    day = select(packs.c.effective_from).where(packs.c.name == name, packs.c.hash == content_hash).scalar_subquery()
    same_day = select(packs.c.hash).where(packs.c.name == name, packs.c.effective_from == day)
    return session.execute(same_day.order_by(packs.c.seq.desc()).limit(1)).scalar() == content_hash


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


def latest_calendar(session: Session, country: str) -> WorkCalendar | None:
    """The calendar of a country that holds; None while none was published."""
    newest = (
        select(calendars.c.document).where(calendars.c.country == country).order_by(calendars.c.seq.desc()).limit(1)
    )
    document = session.execute(newest).scalar()
    return WorkCalendar.from_document(document) if document is not None else None


@dataclass(slots=True)
class Shelf:
    """Parsed packs and calendars by name, refreshed when a newer row is seen."""

    read_pack: ReadPack
    _packs: dict[str, tuple[int, PackHistory]] = field(default_factory=dict)
    _calendars: dict[str, tuple[int, WorkCalendar]] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    _parsed: dict[str, Pack] = field(default_factory=dict)

    def history(self, session: Session, name: str) -> PackHistory:
        """Every version of a pack, with the last word on its texts; NotFound when no such pack was published."""
        newest, said = session.execute(_NEWEST_WORDS, {"name": name}).one()
        if newest is None:
            raise NotFound(Reason("no-such-pack", {"name": name}))
        if said != self.texts.stamp:
            self.texts.hear(approvals.opinions(session), said)
        cached = self._packs.get(name)
        if cached is not None and cached[0] == newest:
            return cached[1]
        rows = session.execute(
            select(packs.c.hash, packs.c.document).where(packs.c.name == name).order_by(packs.c.seq)
        ).all()
        history = PackHistory([PackVersion(row.hash, self._parse(row.hash, row.document)) for row in rows])
        self._packs[name] = (newest, history)
        self.texts.follow(history)
        return history

    def calendar(self, session: Session, country: str) -> WorkCalendar:
        """The calendar of a country as last published."""
        newest = session.execute(NEWEST_CALENDAR, {"country": country}).scalar()
        if newest is None:
            raise NotFound(f"no calendar {country} is published")
        cached = self._calendars.get(country)
        if cached is None or cached[0] != newest:
            document = session.execute(select(calendars.c.document).where(calendars.c.seq == newest)).scalar_one()
            cached = self._calendars[country] = (newest, WorkCalendar.from_document(document))
        return cached[1]

    def country(self, name: str) -> str:
        """The country whose calendar goes with a pack, as far as it was read before; else empty."""
        pack = self._packs.get(name)
        return pack[1].versions[-1].pack.country if pack is not None else ""

    def both(self, session: Session, name: str, newest: Newest | None = None) -> tuple[PackHistory, WorkCalendar]:
        """Every version of a pack and the calendar of its country: one question while nothing new was published.

        None for who has read what is `newest`, of the pack and of the calendar of its `country`.
        """
        pack, country = self._packs.get(name), self.country(name)
        calendar = self._calendars.get(country)
        if pack is not None and calendar is not None:
            if newest is None:
                newest = Newest(*session.execute(_NEWEST, {"name": name, "country": country}).one())
            if newest == (pack[0], calendar[0]):
                return pack[1], calendar[1]
        history = self.history(session, name)
        return history, self.calendar(session, history.versions[-1].pack.country)

    def template(self, pack_hash: str, language: str, name: str) -> str | None:
        """The template text of a published pack, in the wanted language, else in any that it has."""
        return self.texts.template(pack_hash, language, name)

    def template_names(self, pack_hash: str) -> list[str]:
        """The templates that a published pack has in any language, in the order of names."""
        return self.texts.names(pack_hash)

    def _parse(self, content_hash: str, document: Mapping[str, Any]) -> Pack:
        if content_hash not in self._parsed:
            self._parsed[content_hash] = self.read_pack(document)
            self.texts.keep(content_hash, document)
        return self._parsed[content_hash]
