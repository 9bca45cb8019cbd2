"""What the doors answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.domain.reasons import wording
from journey.store.inbox import Accepted


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands of an event: the teller's id, ours, the verdict and its reason in words."""

    id: str
    event: str
    verdict: str
    reason: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Started:
    """A new journey, flat, with the answers to its first facts."""

    journey: dict[str, Any]
    events: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Acted:
    """An operator's action: its event, others that it took, the journey, the item concerned, the work it closes."""

    answer: Answer
    also: Sequence[Answer]
    journey: str
    key: str | None
    closes: Sequence[str]


def answer_of(accepted: Accepted, verdict: str, reason: Mapping[str, Any] | None) -> Answer:
    """The answer to an event as it stands, its reason in words."""
    worded = None
    if reason:
        params = reason.get("params") or {}
        worded = {"code": reason["code"], "params": params, "text": wording(reason["code"], params)}
    return Answer(accepted.source_id, accepted.id, verdict, worded)
