"""Shorthand for what rules yield: a call, a visit, a task, a survey, a letter, a deadline, a message."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from journey.domain.evidence import PHOTO
from journey.domain.items import Anchor, Ask, DayRule, Late, Met, Recipients, WhenMoved
from journey.domain.numbers.base import Duty
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind, MessageClass, Role

AT_ITS_DUE = Period()  # the lead of what nobody can do before its day


def call(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    duty: Duty,
    *,
    by: Role,
    kind: ItemKind = ItemKind.CALL,
    occurrence: str = "once",
    message_class: MessageClass = MessageClass.CONTRACT,
    met: Met | None = None,
    closes: datetime | None = None,
    lead: Period | None = None,
    follows: bool = False,
    late: Late = Late.DO,
    when_moved: WhenMoved = WhenMoved.KEEP,
    because: tuple[Reason, ...] = (),
    params: Mapping[str, Any] | None = None,
    waits: Reason | None = None,
) -> Ask:
    """A call to the owner by a post, or a visit (`kind`), pulled out of public holidays; it opens `lead` before.

    One that `follows` the contact it hangs on keeps half its interval from it, and never opens on the same day.
    """
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence,
        message_class=message_class, met=met, closes=closes, lead=lead, follows=follows, late=late,
        when_moved=when_moved, because=because, params=params or {}, waits=waits,
    )  # fmt: skip


def task(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    duty: Duty,
    *,
    by: Role,
    kind: ItemKind = ItemKind.TASK,
    occurrence: str = "once",
    day: DayRule = DayRule.LEGAL,
    statutory: bool = False,
    legal_last: date | None = None,
    met: Met | None = None,
    closes: datetime | None = None,
    lead: Period | None = None,
    late: Late = Late.DO,
    when_moved: WhenMoved = WhenMoved.KEEP,
    because: tuple[Reason, ...] = (),
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """Work of a post that no owner sees, pulled out of rest days. `statutory` work never expires or pauses."""
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence,
        message_class=MessageClass.INTERNAL, day=day, statutory=statutory, legal_last=legal_last, met=met,
        closes=closes, lead=lead, late=late, when_moved=when_moved, because=because, params=params or {},
    )  # fmt: skip


def survey(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    duty: Duty,
    *,
    by: Role,
    occurrence: str = "once",
    message_class: MessageClass = MessageClass.CONTRACT,
    day: DayRule = DayRule.CONTACT,
    lead: Period | None = None,
    met: Met | None = None,
    closes: datetime | None = None,
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """Questions to an owner, seen to by a post; a rule that asks them is registered with `opens=CaseKind.SURVEY`.

    `care` is for surveys of the relationship: they need consent. `met` is the answer, see `surveys.answer_to`.
    """
    return Ask(
        kind=ItemKind.SURVEY, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence,
        message_class=message_class, day=day, lead=lead, met=met, closes=closes, params=params or {},
    )  # fmt: skip


def letter(
    subject: str,
    anchor: Anchor,
    last: date,
    duty: Duty,
    *,
    by: Role,
    to: str,
    cause: str | None = None,
    served: Sequence[Anchor] = (),
    statutory: bool = False,
    legal_last: date | None = None,
    when_moved: WhenMoved = WhenMoved.KEEP,
    params: Mapping[str, Any] | None = None,
    waits: Reason | None = None,
) -> Ask:
    """A paper that a post has served on one owner, with proof; `served` are the facts that say so."""
    met = tuple(Met(at=fact.at, event=fact.event, served=True, on=fact.on) for fact in served)
    return Ask(
        kind=ItemKind.LETTER, subject=subject, anchor=anchor, last=last, duty=duty, role=by,
        occurrence=f"{cause}/{to}" if cause else to, day=DayRule.LEGAL, statutory=statutory, legal_last=legal_last,
        met=met[0] if met else None, met_again=met, when_moved=when_moved, params={"person": to, **(params or {})},
        waits=waits,
    )  # fmt: skip


def posting(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    duty: Duty,
    *,
    building: str,
    occurrence: str,
    when_moved: WhenMoved = WhenMoved.KEEP,
    params: Mapping[str, Any] | None = None,
    waits: Reason | None = None,
) -> Ask:
    """A notice that property customer service posts in a building; done with a photo, and no proof of service."""
    return Ask(
        kind=ItemKind.TASK, subject=subject, anchor=anchor, last=last, duty=duty, role=Role.PROPERTY_CS,
        occurrence=occurrence, message_class=MessageClass.INTERNAL, day=DayRule.LEGAL, when_moved=when_moved,
        params={"building": building, PHOTO: True, **(params or {})}, waits=waits,
    )  # fmt: skip


def deadline(
    subject: str,
    anchor: Anchor,
    due: datetime,
    duty: Duty,
    *,
    by: Role,
    occurrence: str = "once",
    met: Met | None = None,
    because: tuple[Reason, ...] = (),
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """An instant from which something holds: a post is told on it, never before."""
    return Ask(
        kind=ItemKind.DEADLINE, subject=subject, anchor=anchor, last=due, duty=duty, role=by, occurrence=occurrence,
        message_class=MessageClass.INTERNAL, lead=AT_ITS_DUE, met=met, because=because, params=params or {},
    )  # fmt: skip


def message(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    window: Period,
    *,
    kind: ItemKind = ItemKind.MESSAGE,
    occurrence: str = "once",
    message_class: MessageClass = MessageClass.CONTRACT,
    recipients: Recipients = Recipients.PRIMARY,
    day: DayRule = DayRule.CONTACT,
    late: Late = Late.DO,
    by: Role | None = None,
    duty: Duty | None = None,
    when_moved: WhenMoved = WhenMoved.KEEP,
    closes: datetime | None = None,
    group: str | None = None,
    because: tuple[Reason, ...] = (),
    params: Mapping[str, Any] | None = None,
    waits: Reason | None = None,
) -> Ask:
    """A text to the owner at the start of its class's hours. `group` merges items that fall due together.

    `by` is the post that tells him instead, under `duty`, when an outage keeps a text that may not wait (`ESCALATE`).
    """
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, window=window, occurrence=occurrence,
        message_class=message_class, recipients=recipients, day=day, late=late, role=by, duty=duty,
        when_moved=when_moved, closes=closes, group=group, because=because, params=params or {}, waits=waits,
    )  # fmt: skip


def elsewhere(
    subject: str, anchor: Anchor, at: datetime, *, occurrence: str = "once", params: Mapping[str, Any] | None = None
) -> Ask:
    """Something that the engine itself does in another journey: no post and no owner sees it."""
    return Ask(
        kind=ItemKind.JOURNEY, subject=subject, anchor=anchor, last=at, occurrence=occurrence,
        message_class=MessageClass.INTERNAL, lead=AT_ITS_DUE, params=params or {},
    )  # fmt: skip


def met_by(anchor: Anchor | None) -> Met | None:
    """The fact as what satisfies an item."""
    return Met(at=anchor.at, event=anchor.event, on=anchor.on) if anchor else None
