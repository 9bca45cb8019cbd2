"""Appointments that a message speaks of: what its reader may put into a calendar (A021, A432)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from journey.domain.clocks import at, local

WHOLE_DAYS: Final = frozenset({"handover.reminder"})  # rules whose day is agreed, its hour is not


@dataclass(frozen=True, slots=True)
class Appointment:
    """When it begins, on the clocks of the project or as a whole day, and when its reader was told."""

    start: datetime | date
    told_at: datetime


def appointment_of(rule: str, params: Mapping[str, Any], zone: str, now: datetime) -> Appointment | None:
    """The appointment in the parameters of an item: a booked slot, a session, the agreed day; None without one."""
    if params.get("slot"):
        return Appointment(local(datetime.fromisoformat(params["slot"]), zone), now)
    if params.get("session_on") and params.get("session_at"):
        day, moment = date.fromisoformat(params["session_on"]), time.fromisoformat(params["session_at"])
        return Appointment(local(at(day, moment, zone), zone), now)
    if rule in WHOLE_DAYS and params.get("handover_on"):
        return Appointment(date.fromisoformat(params["handover_on"]), now)
    return None
