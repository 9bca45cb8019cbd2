"""The ledgers of a journey 台账, as its agenda carries them: refs, days and numbers, never what somebody said."""

from typing import Any

from journey.domain.entries import State
from journey.domain.facts import Facts
from journey.domain.fit_outs import FitOut, amount_of
from journey.domain.promises import ledger
from journey.domain.stages.fit_out_end import refundable_since, settled
from journey.domain.stages.owner_care import GIFT, SUGGESTION

COUNTED = {"complaints": "complaint.raised", "suggestions": "suggestion.raised", "promises": "promise.recorded",
           "promises_breached": "promise.breached"}  # fmt: skip


def ledgers(j: Facts) -> dict[str, Any]:
    """Ledgers by name; those with nothing in them are left out.

    `delay` stands as of its first day: whoever reads it brings it up to date (`delay.as_of`).
    """
    found: dict[str, Any] = {
        "delay": j.delay.document(j.delay.first_day) if j.delay else None,
        "counts": _counts(j),
        "promises": ledger(j),
        "waiting": _waiting(j),
        "fit_outs": [_fit_out(j, one) for one in j.fit_outs],
        "gifts": _gifts(j),
        "moved_in": moved.on.isoformat() if (moved := j.first("moved_in")) else None,
    }
    return {name: content for name, content in found.items() if content}


def _waiting(j: Facts) -> dict[str, Any]:
    """How long the buyer waited when the contract was signed (A428), as told last."""
    told = [event for kind in ("contract.signed", "visit.recorded") for event in j.all(kind)]
    waited = [event for event in told if isinstance(event.data.get("waiting_minutes"), int)]
    if not waited:
        return {}
    last = max(waited, key=lambda event: event.order)
    return {"minutes": last.data["waiting_minutes"], "on": last.on(j.zone).isoformat(), "event": last.id}


def _counts(j: Facts) -> dict[str, int]:
    """A301: complaints, suggestions raised and answered, promises recorded and breached; empty when all are none."""
    counts = {name: len(j.all(kind)) for name, kind in COUNTED.items()}
    if not any(counts.values()):
        return {}
    return {**counts, "suggestions_answered": len(_done(j, SUGGESTION))}


def _done(j: Facts, rule_id: str) -> list[tuple[str, Any]]:
    entries = j.record.entries.items()
    return [(key, entry) for key, entry in entries if key.startswith(f"{rule_id}/") and entry.state is State.DONE]


def _fit_out(j: Facts, one: FitOut) -> dict[str, Any]:
    """A fit-out with its deposit: what was paid when, since when it is due back, what went back when."""
    since, paid, back = refundable_since(j, one), one.deposit, one.refunded
    returned = amount_of(back, "amount") if back else None
    return {
        "application": one.id,
        "open": not one.rejected and not (one.accepted is not None and settled(j, one)),
        "deposit": str(paid[0]) if paid else None,
        "paid_on": paid[1].on(j.zone).isoformat() if paid else None,
        "due_back_since": since.on.isoformat() if since and not settled(j, one) else None,
        "refunded": str(returned) if returned is not None else None,
        "refunded_on": back.on(j.zone).isoformat() if back else None,
        "breaches": len(one.all("breach")),
    }


def _gifts(j: Facts) -> list[dict[str, str]]:
    """Gifts that were given: for which feast, on which day (A030)."""
    given = [{"feast": key.rsplit("/", 1)[-1], "given_on": j.day_of(e.at).isoformat()} for key, e in _done(j, GIFT)]
    return sorted(given, key=lambda gift: (gift["given_on"], gift["feast"]))
