"""What keeps care from an owner though he consented: an open grave complaint, a running delay, an emergency (C7).

Planning writes down what stands on each journey; the send that reserves a message decides by it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from journey.domain.cases import last_emergency, open_major_complaint
from journey.domain.facts import Facts

COMPLAINT = "open-complaint"
DELAY = "delay-case"
EMERGENCY = "recent-emergency"
CODES = frozenset({COMPLAINT, DELAY, EMERGENCY})


def care_stops(j: Facts) -> dict[str, Any] | None:
    """What stands on a journey: codes, and for an emergency its instant; None when nothing does."""
    found: dict[str, Any] = {}
    if open_major_complaint(j):
        found[COMPLAINT] = True
    if j.delay is not None and j.delay.ended is None:
        found[DELAY] = True
    emergency = last_emergency(j)
    if emergency is not None:
        found[EMERGENCY] = emergency.isoformat()
    return found or None


def stop_of(stops: Sequence[Mapping[str, Any]], now: datetime, silence: timedelta) -> str | None:
    """The code that stops care now, of all that stands on a person's journeys; None when nothing does.

    `silence` is how long after an emergency nobody is greeted.
    """
    if any(one.get(COMPLAINT) for one in stops):
        return COMPLAINT
    if any(one.get(DELAY) for one in stops):
        return DELAY
    instants = [datetime.fromisoformat(one[EMERGENCY]) for one in stops if one.get(EMERGENCY)]
    return EMERGENCY if any(now - instant < silence for instant in instants) else None
