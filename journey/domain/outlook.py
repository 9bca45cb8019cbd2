"""What a plan means for whoever lets a home in: what is missed, which duties of the law are open, what leaves soon."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from journey.domain.clocks import local_date
from journey.domain.consent import Hold, Send, SendRequest, decide
from journey.domain.decided import Decided
from journey.domain.entries import RUNNING, State
from journey.domain.items import Item
from journey.domain.planner import Plan
from journey.domain.reasons import Reason
from journey.domain.record import Record
from journey.domain.values import MessageClass

Channel = Callable[[MessageClass], str | None]  # how a class reaches the owner; None: no address


class Standing(StrEnum):
    """How one statutory duty stands."""

    MET = "met"  # done in time
    MISSED = "missed"  # its last day is over, nothing says that it was done
    LATE = "late"  # over as well, and open from now on: nobody may forget it
    MET_LATE = "met-late"  # done after its last day
    STILL_DUE = "still-due"  # our target lay before the start, the law's last day does not


@dataclass(frozen=True, slots=True)
class Missed:
    """An item that will never go out or open, and why."""

    item: Item
    reason: Reason


@dataclass(frozen=True, slots=True)
class LegalDuty:
    """A statutory item and how it stands."""

    item: Item
    standing: Standing
    met_on: date | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message that is sent, or a task that is opened, and when; `channel` is None for a task."""

    item: Item
    at: datetime
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A message whose instant comes and that may not go: no consent, no address, muted."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """The plan of one home as a person is told of it."""

    missed: Sequence[Missed]
    duties: Sequence[LegalDuty]
    leaving: Sequence[Leaving]
    kept: Sequence[Kept]


def look_ahead(found: Plan, record: Record, now: datetime, until: datetime, channel: Channel) -> Outlook:
    """What `found`, planned from `record` at `now`, does until an instant if nothing else is told."""
    soon = [(item, opens) for item in _carriers(found) if (opens := _opens(item, record, now)) < until]
    gone = [_goes(item, opens, record, channel) if item.is_message else Leaving(item, opens) for item, opens in soon]
    leaving = [one for one in gone if isinstance(one, Leaving) and one.at < until]
    return Outlook(
        missed=[missed for decided in found.decided if (missed := _missed(decided, record)) is not None],
        duties=[duty for decided in found.decided if (duty := _duty(decided, record, now)) is not None],
        leaving=sorted(leaving, key=lambda one: (one.at, one.item.key)),
        kept=[one for one in gone if isinstance(one, Kept)],
    )


def _missed(decided: Decided, record: Record) -> Missed | None:
    entry = decided.entry or record.entries.get(decided.key)
    if decided.state is not State.MISSED or decided.item is None or entry is None or entry.reason is None:
        return None
    return Missed(decided.item, entry.reason)


def _duty(decided: Decided, record: Record, now: datetime) -> LegalDuty | None:
    """How a statutory item stands; None for any other, and for one whose day is still to come."""
    item = decided.item
    if item is None or not item.statutory or item.legal_due is None:
        return None
    over = item.legal_due < now
    if item.met is not None:
        standing = Standing.MET if item.met.at <= item.legal_due else Standing.MET_LATE
        return LegalDuty(item, standing, local_date(item.met.at, record.zone))
    if decided.state is State.MISSED:
        return LegalDuty(item, Standing.MISSED if over else Standing.STILL_DUE)
    open_still = decided.state is None or decided.state in RUNNING
    return LegalDuty(item, Standing.LATE) if over and open_still else None


def _carriers(found: Plan) -> list[Item]:
    """Planned items that go out themselves; of a group only the one that carries it."""
    planned = [item for item in found.agenda if item.key in found.planned]
    sizes: dict[tuple[str, str, str | None], int] = {}
    for item in planned:
        sizes[_group(item)] = sizes.get(_group(item), 0) + 1
    alone = (item for item in planned if item.group is None or sizes[_group(item)] == 1 or "components" in item.params)
    return list(alone)


def _group(item: Item) -> tuple[str, str, str | None]:
    return item.rule, item.subject, item.group


def _opens(item: Item, record: Record, now: datetime) -> datetime:
    entry = record.entries.get(item.key)
    held = entry.until if entry is not None and entry.state is State.HELD and entry.until else now
    return max(item.opens, held, now)


def _goes(item: Item, at: datetime, record: Record, channel: Channel) -> Leaving | Kept:
    """When the send will let it go: by the very decision that sending makes, once more after quiet hours."""
    by = channel(item.message_class)
    decision = decide(_request(item, at, record, by))
    if isinstance(decision, Hold):
        at = decision.until
        decision = decide(_request(item, at, record, by))
    if isinstance(decision, Send):
        return Leaving(item, at, by)
    return Kept(item, getattr(decision, "reason", "merged"))


def _request(item: Item, at: datetime, record: Record, channel: str | None) -> SendRequest:
    person = record.primary or ""
    pack = record.packs.on(local_date(at, record.zone)).pack
    concerned = [
        hold.how
        for hold in record.holds
        if hold.released_at is None
        and hold.concerns(message_class=item.message_class.value, rule=item.rule, key=item.key)
    ]
    return SendRequest(
        message_class=item.message_class,
        statutory=item.statutory,
        now=at,
        zone=record.zone,
        consents=frozenset(record.consents.get(person, {})),
        has_address=channel is not None,
        address_invalid=False,
        muted="mute" in concerned,
        paused_until_release="pause" in concerned,
        bereaved=person in record.bereaved,
        sent_this_month=0,
        window=pack.messages.window(item.message_class),
        cap=pack.messages.cap_per_month,
        expires=item.expires,
        channel=channel or "",
    )
