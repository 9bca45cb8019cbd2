"""What came of handover visits, and what of it cannot be: before the signing, twice a day, deemed without proof."""

from collections.abc import Sequence
from datetime import date

from journey.domain.events import Event
from journey.domain.reasons import Reason

KEYS_OVER = ("handover.accepted", "handover.conditional", "handover.deemed")
OUTCOMES = frozenset({*KEYS_OVER, "handover.refused", "handover.no_show"})


def refused_outcomes(
    events: Sequence[Event], signed: date | None, zone: str, owners: frozenset[str]
) -> dict[str, Reason]:
    """The outcomes that cannot be, with the reason; `events` are in the order in which they happened."""
    served = [event for event in events if event.type == "handover.notice_served"]
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


def _before_signing(event: Event, signed: date | None, zone: str) -> Reason | None:
    on = event.on(zone)
    if signed is None or on >= signed:
        return None
    return Reason("handover-before-signing", {"on": on.isoformat(), "signed": signed.isoformat()})


def _not_deemed(
    event: Event, served: Sequence[Event], stand: Sequence[Event], zone: str, owners: frozenset[str]
) -> Reason | None:
    """Why a home does not count as handed over: no proof of the notice, no review, a valid reason, an outcome before.

    It may carry the day of the refusal or no-show that it reviews: those two are one outcome.
    """
    on = event.on(zone)
    reached = [notice.person for notice in served if notice.on(zone) <= on]
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
