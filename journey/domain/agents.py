"""Agents 代办人: who signs for an owner by a power of attorney 授权书, and from when to when it holds.

An agent is known by a code, or by marks: keyed hashes of the name and the code that the door writes beside them, so
that nothing here reads a name.
"""

from collections.abc import Sequence
from datetime import date

from journey.domain.events import Event
from journey.domain.reasons import Reason

SIGNS = ("handover.accepted", "handover.conditional")


def refused_signatures(events: Sequence[Event], zone: str) -> dict[str, Reason]:
    """Acceptances whose every signer is an agent without power on that day; told later, a power makes them count."""
    powers = [event for event in events if event.type in ("agent.authorised", "agent.revoked")]
    if not powers:
        return {}
    refused: dict[str, Reason] = {}
    for event in events:
        signers = _marks(event) if event.type in SIGNS else []
        ends = [_without_power(signer, event, powers, zone) for signer in signers]
        if ends and all(end is not None for end in ends):
            params = {"on": event.on(zone).isoformat(), "until": max(end for end in ends if end is not None)}
            refused[event.id] = Reason("agent-without-power", params)
    return refused


def _without_power(signer: str, signed: Event, powers: Sequence[Event], zone: str) -> str | None:
    """The last day that is known of a signer's power; None when it holds, and for somebody who is no agent."""
    mine = [event for event in powers if signer in _marks(event)]
    revoked = [event for event in mine if event.type == "agent.revoked"]
    granted = [event for event in mine if event.type == "agent.authorised"]
    on, lasts = signed.on(zone), []
    for event in granted:
        taken_back = [_revoked_on(one, zone) for one in revoked if one.order > event.order]
        until = event.read_date("until")
        if event.on(zone) <= on and (until is None or on <= until) and all(on < day for day in taken_back):
            return None
        lasts.append(min([*taken_back, until or event.on(zone)]))
    return max(lasts).isoformat() if lasts else None


def _revoked_on(event: Event, zone: str) -> date:
    """The first day without the power."""
    return min(day for day in (event.read_date("until"), event.on(zone)) if day is not None)


def _marks(event: Event) -> list[str]:
    marks = event.data.get("marks")
    return [str(mark) for mark in marks] if isinstance(marks, list) else []
