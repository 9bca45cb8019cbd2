"""Drafts that a second person lets go: which ones need him, what is pinned of what he saw, what has changed since."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.errors import Conflict, NotFound
from journey.domain.numbers.broadcast import ControlNumbers
from journey.domain.packs import PackVersion
from journey.domain.reasons import Reason
from journey.domain.values import MessageClass
from journey.store import broadcast_audience
from journey.store.broadcast_wording import DIGITS, fingerprint_of
from journey.store.broadcasts import NewBroadcast, broadcast_row
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import projects


@dataclass(frozen=True, slots=True)
class Seen:
    """What is pinned of what was seen: the hash of the texts that may go, and how many persons they would reach."""

    text: str
    recipients: int

    @classmethod
    def read(cls, pin: str) -> "Seen":
        """From its `pin`; Conflict for anything else."""
        text, _, count = pin.partition(".")
        if len(text) != DIGITS or not count.isdecimal() or len(count) > 12:
            raise Conflict(Reason("seen-otherwise"))
        return cls(text, int(count))

    @property
    def pin(self) -> str:
        """As it is handed to whoever looks, and back."""
        return f"{self.text}.{self.recipients}"

    def document(self) -> dict[str, Any]:
        """As the broadcast keeps it."""
        return {"text": self.text, "recipients": self.recipients}


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with the pack version by which it would go now."""

    row: Any
    version: PackVersion
    seen: Seen

    @property
    def control(self) -> ControlNumbers | None:
        """The numbers that it is held to."""
        numbers = self.version.pack.broadcast
        return numbers.control if numbers is not None else None

    def refuse_changed(self, before: Seen) -> None:
        """Conflict when its text is another one than was seen, or its audience has changed by more than may be."""
        drift = self.control.drift if self.control is not None else 0
        if self.seen.text != before.text:
            raise Conflict(Reason("text-changed"), existing=self.row.id)
        if abs(self.seen.recipients - before.recipients) * 100 > drift * before.recipients:
            params = {"was": before.recipients, "now": self.seen.recipients}
            raise Conflict(Reason("audience-changed", params), existing=self.row.id)


def draft_of(session: Session, broadcast: str, shelf: Shelf, now: datetime) -> Draft:
    """A broadcast as who decides on it is to see it; NotFound."""
    row = broadcast_row(session, broadcast)
    if row is None:
        raise NotFound(Reason("no-such-broadcast"))
    fresh = SimpleNamespace(**{**row._mapping, "opened_at": now})
    version = version_of(session, row, shelf, now)
    return Draft(
        fresh, version, Seen(fingerprint_of(row, version, shelf.texts), broadcast_audience.audience(session, fresh))
    )


def version_of(session: Session, row: Any, shelf: Shelf, now: datetime) -> PackVersion:
    """The version of its project's pack that holds now."""
    history = shelf.history(session, shelf_name(row.pack, row.overlays))
    return history.on(local_date(now, row.zone))


def recipients_of(session: Session, new: NewBroadcast, now: datetime) -> int:
    """How many persons a broadcast is for that is opened now."""
    row = SimpleNamespace(
        id="",
        project_id=new.project,
        scope=new.scope,
        audience=new.audience,
        params=new.params,
        opened_at=now,
        cursor=None,
        paged_at=None,
    )
    return broadcast_audience.audience(session, row)


def control_of(session: Session, project: str, shelf: Shelf, now: datetime) -> ControlNumbers | None:
    """The numbers by which a project's broadcasts are controlled; None in a pack that is older than they."""
    row = session.execute(select(projects).where(projects.c.id == project)).one()
    numbers = version_of(session, row, shelf, now).pack.broadcast
    return numbers.control if numbers is not None else None


def needs_approval(new: NewBroadcast, recipients: int, control: ControlNumbers | None) -> bool:
    """Whether a second person has to let it go: marketing always, anything else by how many it reaches."""
    return new.message_class is MessageClass.MARKETING or (control is not None and recipients > control.alone)


def asked_of(row: Any) -> NewBroadcast:
    """What was asked for, from the row that stands for it."""
    whom = row.audience
    return NewBroadcast(
        project=row.project_id,
        rule=row.rule,
        subject=row.subject,
        occurrence=row.occurrence,
        message_class=MessageClass(row.message_class),
        due=row.due,
        expires=row.expires,
        scope=row.scope,
        stages=whom.get("stages", ()),
        tags=whom.get("tags", ()),
        params=row.params,
        everyone=bool(whom.get("owners")),
    )
