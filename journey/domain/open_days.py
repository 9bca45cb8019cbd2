"""Open days 工地开放日 as the project's events tell them, and which of them concern a home."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from journey.domain.events import Event
from journey.domain.items import Anchor

TYPES = ("open_day.planned", "open_day.moved", "open_day.cancelled", "open_day.session_added")


@dataclass(frozen=True, slots=True)
class Session:
    """One slot 场次 of an open day."""

    id: str
    begins: datetime


@dataclass(frozen=True, slots=True)
class OpenDay:
    """An open day with its sessions by their start; `scope` names the place, None the whole project."""

    id: str
    planned: Anchor
    sessions: Sequence[Session]
    scope: Mapping[str, str] | None = None
    cancelled: bool = False

    @property
    def begins(self) -> datetime:
        """When its first session begins."""
        return self.sessions[0].begins

    def session(self, session_id: str | None) -> Session | None:
        """The session of that id."""
        return next((session for session in self.sessions if session.id == session_id), None)

    @property
    def names(self) -> frozenset[str]:
        """What events of journeys may name: the open day and its sessions."""
        return frozenset({self.id, *(session.id for session in self.sessions)})

    def concerns(self, places: Mapping[str, str | None]) -> bool:
        """Whether a home in these places (`building`, `batch`) is invited."""
        return all(places.get(kind) == code for kind, code in (self.scope or {}).items())


def fold_open_days(events: Iterable[Event], zone: str) -> tuple[OpenDay, ...]:
    """The open days of events that count, by their start; what names an unknown one changes nothing."""
    found: dict[str, OpenDay] = {}
    for event in sorted(events, key=lambda event: event.order):
        if event.type == "open_day.planned":
            sessions = _sessions(event.data.get("sessions"))
            if sessions:
                open_day = str(event.data.get("id"))
                found.setdefault(open_day, OpenDay(open_day, _anchor(event, zone), sessions, event.scope))
            continue
        open_day = str(event.data.get("open_day") or event.data.get("id"))
        if open_day in found:
            found[open_day] = _changed(found[open_day], event)
    return tuple(sorted(found.values(), key=lambda open_day: (open_day.begins, open_day.id)))


def _changed(open_day: OpenDay, event: Event) -> OpenDay:
    if event.type == "open_day.cancelled":
        named = event.data.get("session")
        left = tuple(session for session in open_day.sessions if session.id != named)
        return replace(open_day, sessions=left) if named and left else replace(open_day, cancelled=True)
    added = event.data.get("session")
    told = _sessions([*(event.data.get("sessions") or ()), *([added] if isinstance(added, Mapping) else ())])
    known = {session.id: session for session in (*open_day.sessions, *told)}
    return replace(open_day, sessions=_in_order(known.values()))


def _sessions(told: Any) -> tuple[Session, ...]:
    """Sessions with a start that reads, tolerantly: the door of the day checked them."""
    found = []
    for one in told if isinstance(told, list) else ():
        try:
            begins = datetime.fromisoformat(str(one.get("from")))
        except (ValueError, AttributeError):
            continue
        if begins.tzinfo is not None:
            found.append(Session(str(one.get("id")), begins.astimezone(UTC)))
    return _in_order(found)


def _in_order(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: (session.begins, session.id)))


def _anchor(event: Event, zone: str) -> Anchor:
    return Anchor(event.on(zone), event.occurred_at, event.recorded_at, event.id, event.id)
