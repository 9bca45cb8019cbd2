"""Shorthand for what rules yield: a call, a task, a duty of ours, a message."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from journey.domain.items import Anchor, Ask, DayRule, Late, Met, Recipients, WhenMoved
from journey.domain.packs import Duty, Text
from journey.domain.periods import Period
from journey.domain.values import ItemKind, MessageClass, Role


def call(subject: str, anchor: Anchor, last: date | datetime, duty: Duty, *, by: Role, late: Late = Late.DO) -> Ask:
    """A call to the owner by a post, pulled out of public holidays."""
    return Ask(kind=ItemKind.CALL, subject=subject, anchor=anchor, last=last, duty=duty, role=by, late=late)


def task(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    duty: Duty,
    *,
    by: Role,
    occurrence: str = "once",
    day: DayRule = DayRule.LEGAL,
    statutory: bool = False,
    met: Met | None = None,
    closes: datetime | None = None,
    late: Late = Late.DO,
    params: Mapping[str, Any] | None = None,
) -> Ask:
    """Work of a post that no owner sees, pulled out of rest days. `statutory` work never expires or pauses."""
    return Ask(
        kind=ItemKind.TASK, subject=subject, anchor=anchor, last=last, duty=duty, role=by, occurrence=occurrence,
        message_class=MessageClass.INTERNAL, day=day, statutory=statutory, met=met, closes=closes, late=late,
        params=params or {},
    )  # fmt: skip


def message(
    subject: str,
    anchor: Anchor,
    last: date | datetime,
    window: Period,
    *,
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
        kind=ItemKind.MESSAGE, subject=subject, anchor=anchor, last=last, window=window, occurrence=occurrence,
        message_class=message_class, recipients=recipients, day=day, late=late, when_moved=when_moved, closes=closes,
        group=group, params=params or {},
    )  # fmt: skip


def text_at_once(subject: str, anchor: Anchor, last: date | datetime, text: Text) -> Ask:
    """A contract text that follows a fact."""
    return message(subject, anchor, last, text.window)


def met_by(anchor: Anchor | None) -> Met | None:
    """The fact as what satisfies an item."""
    return Met(at=anchor.at, event=anchor.event) if anchor else None
