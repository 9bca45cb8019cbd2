"""A batch as its row keeps it: dates and gates, read as planning has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from journey.domain.items import Anchor
from journey.domain.project_facts import dated_anchor
from journey.domain.record import Batch, GateWord


def batch_from(dates: Mapping[str, Any], gates: Mapping[str, Any] | None = None) -> Batch:
    """A batch's shared dates and gates, as its row or a fold of its project's events has them."""
    return Batch(
        handover_from=_anchor(dates.get("handover_from")),
        contract_handover=_anchor(dates.get("contract_handover")),
        completion=_anchor(dates.get("completion")),
        gates={gate: _word(word) for gate, word in gates.items()} if gates else {},
    )


def _word(stored: Mapping[str, Any]) -> GateWord:
    return GateWord(stored["state"], datetime.fromisoformat(stored["at"]), stored["event"], stored.get("by"))


def _anchor(stored: Mapping[str, Any] | None) -> Anchor | None:
    return dated_anchor(stored) if stored else None
