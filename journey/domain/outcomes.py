"""What came of handover visits, and what of it cannot be: before the signing, twice a day, deemed without proof."""

from collections.abc import Collection, Sequence
from datetime import date

from journey.domain.events import Event
from journey.domain.reasons import Reason

KEYS_OVER = ("handover.accepted", "handover.conditional", "handover.deemed")
OUTCOMES = frozenset({*KEYS_OVER, "handover.refused", "handover.no_show"})

NOTICE = "handover.notice_served"
FORMAL_NOTICE = "handover.formal-notice"  # the letter whose proof is a fact of its own, or the delivery of the letter
LETTER_DELIVERED = "letter.delivered"


def served_notices(events: Sequence[Event], owners: Collection[str]) -> list[tuple[Event, str | None]]:
    """The facts that prove the written notice served, each with its owner; None counts for all of them.

    A letter goes to one owner: of several it has to name whom.
    """
    found: list[tuple[Event, str | None]] = []
    for event in events:
        if event.type == NOTICE:
            found.append((event, event.person))
        elif event.type == LETTER_DELIVERED and (event.about or {}).get("item") == FORMAL_NOTICE:
            to = event.person or _letter_to(event)
            if len(owners) < 2:
                found.append((event, None))
            elif to is not None:
                found.append((event, to))
    return found


def _letter_to(event: Event) -> str | None:
    named = (event.about or {}).get("occurrence")
    return str(named).split("~", 1)[0] if named else None


def refused_outcomes(
    events: Sequence[Event], signed: date | None, zone: str, owners: frozenset[str]
) -> dict[str, Reason]:
    """The outcomes that cannot be, with the reason; `events` are in the order in which they happened."""
    served = served_notices(events, owners)
    refused: dict[str, Reason] = {}
    stand: list[Event] = []
    for event in events:
        if event.type not in OUTCOMES:
            continue
        reason = _before_signing(event, signed, zone)
        if reason is None and event.type == "handover.deemed":
            reason = _not_deemed(event, served, stand, zone, owners)
        elif reason is None and any(other.on(zone) == event.on(zone) for other in stand):
            reason = Reason("second-outcome", {"on": event.on(zone).isoformat()})
        if reason is None:
            stand.append(event)
        else:
            refused[event.id] = reason
    return refused


def deemed_alone(event: Event, outcomes: Sequence[Event], offered: date | None, zone: str) -> Reason | None:
    """What a deemed handover lacks though it counts: no refusal and no absence is on record by its day (C1).

    Paper comes first, so that it is no contradiction; a person looks into it. Before the day that was offered nobody
    can have stayed away.
    """
    on = event.on(zone)
    if any(other.type in ("handover.refused", "handover.no_show") and other.on(zone) <= on for other in outcomes):
        return None
    if offered is not None and on < offered:
        return Reason("deemed-before-offer", {"on": on.isoformat(), "offered": offered.isoformat()})
    return Reason("deemed-without-refusal")


def _before_signing(event: Event, signed: date | None, zone: str) -> Reason | None:
    on = event.on(zone)
    if signed is None or on >= signed:
        return None
    return Reason("handover-before-signing", {"on": on.isoformat(), "signed": signed.isoformat()})


def _not_deemed(
    event: Event, served: Sequence[tuple[Event, str | None]], stand: Sequence[Event], zone: str, owners: frozenset[str]
) -> Reason | None:
    """Why a home does not count as handed over: no proof of the notice, no review, a valid reason, an outcome before.

    It may carry the day of the refusal or no-show that it reviews: those two are one outcome.
    """
    on = event.on(zone)
    reached = [person for notice, person in served if notice.on(zone) <= on]
    if not reached:
        return Reason("deemed-without-notice")
    missing = 0 if None in reached else len(owners - set(reached))
    if missing:
        return Reason("deemed-notice-missing", {"owners": missing})
    if not event.data.get("reviewed_by"):
        return Reason("deemed-without-review")
    before = [other for other in stand if other.on(zone) <= on]
    last = max(before, key=lambda other: (other.on(zone), other.order), default=None)
    if last is None:
        return None
    if last.type == "handover.refused" and last.data.get("justified") is True:
        return Reason("deemed-with-valid-reason", {"on": last.on(zone).isoformat()})
    if last.type in KEYS_OVER and last.on(zone) == on:
        return Reason("second-outcome", {"on": on.isoformat()})
    return None
