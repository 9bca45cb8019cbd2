"""What a gate asks for: a check by a day, and another one after each failure that follows a pass."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from journey.domain.asking import task
from journey.domain.gates import Round
from journey.domain.items import Anchor, Met
from journey.domain.numbers.base import Duty
from journey.domain.reasons import Reason
from journey.domain.rules import Items
from journey.domain.shared.facts import SharedFacts
from journey.domain.values import ItemKind, Role


def gate_items(
    facts: SharedFacts,
    day: Anchor,
    last: date | datetime,
    duty: Duty,
    rounds: Sequence[Round],
    *,
    by: Role,
    occurrence: str,
    params: Mapping[str, Any],
    because: tuple[Reason, ...] = (),
) -> Items:
    """One task a round; `params` name the gate and its place, so that its result can be told as the gate it is."""
    for number, one in enumerate(rounds):
        anchor = facts.failure(one.failed, day) if one.failed is not None else day
        yield task(
            facts.episode, anchor, last, duty, by=by, kind=ItemKind.GATE,
            occurrence=f"{occurrence}/{one.failed.event}" if one.failed is not None else occurrence,
            met=Met(one.passed.at, one.passed.event) if one.passed is not None else None,
            because=because if number == len(rounds) - 1 else (), params=params,
        )  # fmt: skip
