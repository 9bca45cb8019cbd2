"""What rules ask for (`Ask`) and what planning makes of it (`Item`): one thing to do, with every instant of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from journey.domain.numbers.base import Duty
from journey.domain.periods import Period
from journey.domain.quick import quick_dataclass
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind, MessageClass, Role


class Late(StrEnum):
    """What becomes of an item that an outage of ours delayed."""

    DO = "do"
    SKIP = "skip"
    MERGE = "merge"
    ESCALATE = "escalate"


class WhenMoved(StrEnum):
    """What becomes of a message that went out before its date moved."""

    KEEP = "keep"
    REPEAT = "repeat"
    ANNOUNCE = "announce"


class DayRule(StrEnum):
    """How a last day gives way to rest days (`domain.md` C0)."""

    CONTACT = "contact"  # calls and texts: pulled out of public holidays only
    LEGAL = "legal"  # our statutory duties: target pulled out of weekends too, the legal day rolls
    PLAIN = "plain"  # stays where it is: feasts, windows


class Recipients(StrEnum):
    """Who gets a message: the primary contact, every owner (legal notices), or the one that `params.person` names."""

    PRIMARY = "primary"
    OWNERS = "owners"
    NAMED = "named"


MESSAGE_KINDS = frozenset({ItemKind.MESSAGE, ItemKind.NOTICE})


@quick_dataclass(frozen=True)
class Anchor:
    """A fact that dates hang on: its civil day, its instant, when we learnt it, which event (or correction) says so."""

    on: date
    at: datetime
    known_at: datetime
    event: str
    moved_by: str


@quick_dataclass(frozen=True)
class Met:
    """The fact that satisfies an item: its instant and event, and its day, which may lie before that instant."""

    at: datetime
    event: str
    served: bool = False
    on: date | None = None


@quick_dataclass(frozen=True, kw_only=True)
class Ask:
    """One thing a rule asks for, before calendar and clock have had their say."""

    kind: ItemKind
    subject: str
    anchor: Anchor
    last: date | datetime
    occurrence: str = "once"
    message_class: MessageClass = MessageClass.CONTRACT
    role: Role | None = None
    day: DayRule = DayRule.CONTACT
    duty: Duty | None = None
    window: Period | None = None
    closes: datetime | None = None
    late: Late = Late.DO
    when_moved: WhenMoved = WhenMoved.KEEP
    statutory: bool = False
    recipients: Recipients = Recipients.PRIMARY
    group: str | None = None
    met: Met | None = None
    met_again: tuple[Met, ...] = ()  # later facts of that kind: they satisfy a repeat or a redo
    legal_last: date | None = None  # the law's own last day, where `last` is a target of ours before it
    lead: Period | None = None  # how long before its due a task opens; the pack's `task_lead` when None
    follows: bool = False  # it follows the contact that it hangs on: another day, at least half its interval later
    because: tuple[Reason, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    waits: Reason | None = None  # what it waits for, whatever its dates say


@quick_dataclass(frozen=True)
class Item:
    """An item of the agenda. Instants are UTC; `due` is the internal target, `legal_due` the law's last second."""

    key: str
    rule: str
    subject: str
    occurrence: str
    kind: ItemKind
    message_class: MessageClass
    role: Role | None
    escalates_to: Role | None
    requirement: tuple[str, ...]
    opens: datetime
    due: datetime
    planned_due: datetime  # before any pull, push or grace
    legal_due: datetime | None
    original_due: datetime | None
    warn: datetime | None
    escalate: datetime | None
    expires: datetime | None
    late: Late
    when_moved: WhenMoved
    statutory: bool
    recipients: Recipients
    attempts: int
    group: str | None
    met: Met | None
    met_again: tuple[Met, ...]
    anchor: Anchor
    because: tuple[Reason, ...]
    params: Mapping[str, Any]
    waits: Reason | None = None  # it does not begin while this stands

    @property
    def row(self) -> tuple[Any, ...]:
        """All that `document` tells, as plain values: cheap to put into JSON. `read_row` makes the document of it."""
        row: tuple[Any, ...] = _ROW(self)
        return row

    @property
    def is_message(self) -> bool:
        """Sent to owners, rather than opened as a task for a post."""
        return self.kind in MESSAGE_KINDS

    def document(self) -> dict[str, Any]:
        """As the agenda and the ledger store it."""
        return {
            "key": self.key,
            "rule": self.rule,
            "subject": self.subject,
            "occurrence": self.occurrence,
            "kind": self.kind.value,
            "class": self.message_class.value,
            "role": _value(self.role),
            "escalates_to": _value(self.escalates_to),
            "requirement": list(self.requirement),
            "opens": _iso(self.opens),
            "due": _iso(self.due),
            "legal_due": _iso(self.legal_due),
            "original_due": _iso(self.original_due),
            "warn": _iso(self.warn),
            "escalate": _iso(self.escalate),
            "expires": _iso(self.expires),
            "statutory": self.statutory,
            "recipients": self.recipients.value,
            "attempts": self.attempts,
            "anchor": {"event": self.anchor.event, "on": self.anchor.on.isoformat(), "moved_by": self.anchor.moved_by},
            "because": [reason.document() for reason in self.because],
            "params": dict(self.params),
        }


# Enums are slow to put into JSON: those that every item has go in as their values, read past `value`, a slow property.
_ROW = attrgetter(
    "key", "kind._value_", "message_class._value_", "role", "escalates_to", "requirement", "opens", "due", "legal_due",
    "original_due", "warn", "escalate", "expires", "statutory", "recipients._value_", "attempts", "anchor.event",
    "anchor.on", "anchor.moved_by", "because", "params",
)  # fmt: skip


def read_row(row: Sequence[Any]) -> dict[str, Any]:
    """The document of an item whose `row` went through JSON."""
    (key, kind, message_class, role, escalates_to, requirement, opens, due, legal_due, original_due, warn, escalate,
     expires, statutory, recipients, attempts, event, on, moved_by, because, params) = row  # fmt: skip
    rule, subject, occurrence = key.split("/", 2)
    return {
        "key": key,
        "rule": rule,
        "subject": subject,
        "occurrence": occurrence,
        "kind": kind,
        "class": message_class,
        "role": role,
        "escalates_to": escalates_to,
        "requirement": requirement,
        "opens": _spelled(opens),
        "due": _spelled(due),
        "legal_due": _spelled(legal_due),
        "original_due": _spelled(original_due),
        "warn": _spelled(warn),
        "escalate": _spelled(escalate),
        "expires": _spelled(expires),
        "statutory": statutory,
        "recipients": recipients,
        "attempts": attempts,
        "anchor": {"event": event, "on": on, "moved_by": moved_by},
        "because": because,
        "params": params,
    }


def _spelled(instant: str | None) -> str | None:
    """JSON ends an instant in UTC with Z, `isoformat` with its offset."""
    return f"{instant[:-1]}+00:00" if instant is not None and instant.endswith("Z") else instant


def key_of(rule: str, subject: str, occurrence: str) -> str:
    """`rule / subject / occurrence`: what makes an item happen at most once (`kernel.md` §4)."""
    return f"{rule}/{subject}/{occurrence}"


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of the instants that there are."""
    return min((instant for instant in instants if instant is not None), default=None)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _value(role: Role | None) -> str | None:
    return role.value if role else None
