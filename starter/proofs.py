"""The result of a letter that comes with the proof of its service, told as the fact that it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from journey.domain.clocks import local_date
from journey.domain.errors import InvalidInput, field_error
from journey.domain.evidence import PROOF
from journey.domain.letters import DELIVERED
from journey.domain.outcomes import FORMAL_NOTICE
from journey.domain.values import ItemKind, Proof

SERVED = "handover.notice_served"
RESULT_ONLY = ("outcome", "task", "at")  # of a result, not of the fact


def is_proof(row: Any, data: Mapping[str, Any]) -> bool:
    """Whether a result says that a letter arrived. InvalidInput: a task that asks for the proof, done without it."""
    if data.get("outcome", "done") != "done":
        return False
    asked = row.journey_id is not None and bool(params_of(row).get(PROOF))
    if asked and not data.get("proof"):
        raise InvalidInput((field_error("proof", "no-proof", allowed=", ".join(Proof)),))
    return bool(data.get("proof")) and (asked or row.kind == ItemKind.LETTER)


def proof_event(
    row: Any, body: Mapping[str, Any], data: Mapping[str, Any], now: datetime, source: str
) -> dict[str, Any]:
    """The proof as a fact about its letter and owner; `on` is the day of the result unless the body names another."""
    letter, formal = row.kind == ItemKind.LETTER, row.kind != ItemKind.LETTER or row.rule == FORMAL_NOTICE
    when = min(_instant(data.get("at")) or now, now)
    told = {"on": local_date(when, row.zone).isoformat()} | ({} if formal else {"tracking": row.id})
    told |= {name: value for name, value in data.items() if name not in RESULT_ONLY and value is not None}
    _, _, occurrence = row.key.split("/", 2)
    person = body.get("person") or row.named_ref or row.primary_ref
    return {
        "id": body.get("id") or f"{row.id}:{row.attempts + 1}",
        "type": SERVED if formal else DELIVERED,
        "occurred_at": when.isoformat(),
        "source": source,
        "about": {"task": row.id} | ({"item": row.rule, "occurrence": occurrence} if letter else {}),
        "data": told,
    } | ({"person": person} if person else {})


def params_of(row: Any) -> Mapping[str, Any]:
    """What the item of a task names beside it."""
    found: Mapping[str, Any] = (row.item or {}).get("params", {})
    return found


def _instant(value: Any) -> datetime | None:
    """The instant of a result; what cannot be read is the door's to refuse."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo else None
