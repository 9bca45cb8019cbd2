"""What the doors answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.domain.reasons import Reason, with_text
from journey.store.inbox import Accepted


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands of an event: the ids, the verdict and its reason in words; `also` of those told beside it.

    `zone` has the clocks on which its instants are told.
    """

    id: str
    event: str
    verdict: str
    reason: dict[str, Any] | None
    also: "Sequence[Answer]" = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A new journey, flat, with the answers to its first facts; `warnings` name what was known otherwise."""

    journey: dict[str, Any]
    events: Sequence[Answer]
    warnings: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True)
class Acted:
    """An operator's action: its event, others that it took, the journey, the item concerned, the work it closes."""

    answer: Answer
    also: Sequence[Answer]
    journey: str
    key: str | None
    closes: Sequence[str]


def answer_of(accepted: Accepted, verdict: str, reason: Mapping[str, Any] | None, zone: str | None) -> Answer:
    """The answer to an event as it stands, its reason in words."""
    return Answer(accepted.source_id, accepted.id, verdict, with_text(reason, zone=zone), zone=zone)
