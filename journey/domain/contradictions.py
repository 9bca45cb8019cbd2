"""Which events contradict others: by the dates of the facts that stand, and by what has closed the journey."""

from collections.abc import Mapping, Sequence

from journey.domain.agents import refused_signatures
from journey.domain.events import Event
from journey.domain.holding import AT_HOME, Ties, refused_homes, refused_transfers
from journey.domain.outcomes import OUTCOMES, refused_outcomes
from journey.domain.reasons import Reason

CLOSING = {
    "lead.lost": "lost",
    "subscription.cancelled": "lost",
    "contract.cancelled": "cancelled",
    "journey.cancelled": "cancelled",
    "ownership.transferred": "transferred",
}
AFTER_CLOSING = frozenset(
    {
        "event.voided", "event.corrected", "refund.settled", "message.receipt", "message.replied", "letter.delivered",
        "letter.returned",
        "consent.given", "consent.withdrawn", "contact.invalid", "contact.verified", "contact.changed",
        "bereavement.noted", "hold.placed", "hold.released", "fit_out.deposit_refunded", "task.result", "call.result",
        "visit.recorded", "item.decided", "promise.recorded", "promise.breached", "promise.kept",
    }
)  # fmt: skip
AFTER_SIGNING = frozenset({"contract.filed", "title.submitted", "title.issued"})  # they register what was signed


def contradictions(events: Sequence[Event], zone: str, owners: frozenset[str], ties: Ties) -> dict[str, Reason]:
    """Refused events with the reason. What comes after the end of the journey is set apart first: it counts nowhere."""
    for place, closing in enumerate(events):
        if closing.type in CLOSING:
            late = [event for event in events[place + 1 :] if _comes_too_late(event, closing, zone)]
            refused = _among(_without_these(events, late), zone, owners, ties)
            if closing.id not in refused:
                return refused | _after_closing(late, closing, zone)
    return _among(events, zone, owners, ties)


def _among(events: Sequence[Event], zone: str, owners: frozenset[str], ties: Ties) -> dict[str, Reason]:
    """Facts that contradict each other by their dates; each rule looks only at those that stand so far."""
    refused = refused_homes(events, ties)
    subscribed = _first(events, "subscription.signed", refused, zone)
    for event in events:
        if event.type == "contract.signed" and subscribed and event.on(zone) < subscribed.on(zone):
            refused[event.id] = Reason(
                "signed-before-subscription", {"on": _day(event, zone), "subscribed": _day(subscribed, zone)}
            )
    cancelled = _first(events, "contract.cancelled", refused, zone)
    if cancelled:
        refused = _after_cancellation(events, cancelled, zone) | refused
    signed = _first(events, "contract.signed", refused, zone)
    if signed:
        refused |= _against_signing(_standing(events, refused), signed, zone)
    refused |= refused_signatures(_standing(events, refused), zone)
    day = signed.on(zone) if signed else None
    refused |= refused_outcomes(_standing(events, refused), day, zone, owners)
    refused |= refused_transfers(_standing(events, refused), ties, zone)
    for event in events:
        to = event.read_instant("to") if event.type == "item.rescheduled" else None
        if to is not None and to <= event.occurred_at:
            refused.setdefault(event.id, Reason("into-the-past", {"to": to.isoformat()}))
    return refused


def _against_signing(events: Sequence[Event], signed: Event, zone: str) -> dict[str, Reason]:
    """Filings and agreed days before the signing; subscriptions given back after it."""
    refused, day = dict[str, Reason](), _day(signed, zone)
    for event in events:
        owed = event.read_date("contract_handover_date") if event.type == "contract.amended" else None
        if event.type in AFTER_SIGNING and event.on(zone) < signed.on(zone):
            refused[event.id] = Reason("filed-before-signing", {"on": _day(event, zone), "signed": day})
        elif owed and owed < signed.on(zone):
            refused[event.id] = Reason("owed-before-signing", {"on": owed.isoformat(), "signed": day})
        elif event.type == "subscription.cancelled" and event.order > signed.order:
            refused[event.id] = Reason("cancelled-after-signing", {"signed": day})
    return refused


def _standing(events: Sequence[Event], refused: Mapping[str, Reason]) -> list[Event]:
    return [event for event in events if event.id not in refused]


def _without_these(events: Sequence[Event], others: Sequence[Event]) -> list[Event]:
    ids = {event.id for event in others}
    return [event for event in events if event.id not in ids]


def _comes_too_late(event: Event, closing: Event, zone: str) -> bool:
    """Whether an event after the end of a journey is not of what settles it; a resale leans on its handover."""
    if event.type in AFTER_CLOSING or event.type.startswith(("case.", "cost.")):
        return False
    leant_on = closing.type == "ownership.transferred" and event.type in AT_HOME
    return not (leant_on and event.on(zone) <= closing.on(zone))


def _after_closing(late: Sequence[Event], closing: Event, zone: str) -> dict[str, Reason]:
    reason = Reason("journey-closed", {"status": CLOSING[closing.type]})
    by_date = _after_cancellation(late, closing, zone) if closing.type == "contract.cancelled" else {}
    return {event.id: by_date.get(event.id, reason) for event in late}


def _after_cancellation(events: Sequence[Event], cancelled: Event, zone: str) -> dict[str, Reason]:
    """Outcomes, signings and filings that are dated after the end of the contract."""
    end, refused = cancelled.on(zone), {}
    for event in events:
        concerned = event.type in OUTCOMES or event.type in ("contract.signed", "contract.filed")
        if concerned and event.on(zone) > end:
            refused[event.id] = Reason("after-cancellation", {"on": _day(event, zone), "cancelled": end.isoformat()})
    return refused


def _first(events: Sequence[Event], kind: str, refused: Mapping[str, Reason], zone: str) -> Event | None:
    found = [event for event in events if event.type == kind and event.id not in refused]
    return min(found, key=lambda event: (event.on(zone), event.order), default=None)


def _day(event: Event, zone: str) -> str:
    return event.on(zone).isoformat()
