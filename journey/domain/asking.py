"""Shorthand for what rules yield: a call, a visit, a task, a letter, a deadline, a message."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from journey.domain.items import Anchor, Ask, DayRule, Late, Met, Recipients, WhenMoved
from journey.domain.packs import Duty, Text
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
    met: Met | None = None,
    closes: datetime | None = None,
    late: Late = Late.DO,
    when_moved: WhenMoved = WhenMoved.KEEP,
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """A call to the owner by a post, or a visit (`kind`), pulled out of public holidays."""
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence, met=met,
        closes=closes, late=late, when_moved=when_moved, params=params or {},
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
    met: Met | None = None,
    closes: datetime | None = None,
    late: Late = Late.DO,
    when_moved: WhenMoved = WhenMoved.KEEP,
    because: tuple[Reason, ...] = (),
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """Work of a post that no owner sees, pulled out of rest days. `statutory` work never expires or pauses."""
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence,
        message_class=MessageClass.INTERNAL, day=day, statutory=statutory, met=met, closes=closes, late=late,
        when_moved=when_moved, because=because, params=params or {},
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
) -> Ask:
    """A paper that a post has served on one owner, with proof; `served` are the facts that say so."""
    met = tuple(Met(at=fact.at, event=fact.event, served=True) for fact in served)
    return Ask(
        kind=ItemKind.LETTER, subject=subject, anchor=anchor, last=last, duty=duty, role=by,
        occurrence=f"{cause}/{to}" if cause else to, day=DayRule.LEGAL, statutory=statutory, legal_last=legal_last,
        met=met[0] if met else None, met_again=met, when_moved=when_moved, params={"person": to, **(params or {})},
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
    when_moved: WhenMoved = WhenMoved.KEEP,
    closes: datetime | None = None,
    group: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """A text to the owner at the start of its class's hours. `group` merges items that fall due together."""
    return Ask(
        kind=kind, subject=subject, anchor=anchor, last=last, window=window, occurrence=occurrence,
        message_class=message_class, recipients=recipients, day=day, late=late, when_moved=when_moved, closes=closes,
        group=group, params=params or {},
    )  # fmt: skip


def text_at_once(subject: str, anchor: Anchor, last: date | datetime, text: Text) -> Ask:
    """A contract text that follows a fact."""
    return message(subject, anchor, last, text.window)


def met_by(anchor: Anchor | None) -> Met | None:
    """The fact as what satisfies an item."""
    return Met(at=anchor.at, event=anchor.event) if anchor else None
