"""What people reported about their work: results of tasks, calls and visits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey.domain.events import Event
from journey.domain.evidence import has_photo

RESULTS = {"task.result", "call.result", "visit.recorded"}


@dataclass(frozen=True, slots=True)
class Result:
    """What a person reported about a task or an item: `done`, `not-reached` or `refused`."""

    event: str
    at: datetime
    outcome: str
    task: str | None
    rule: str | None
    occurrence: str | None
    photo: bool = False  # whether a picture shows it


def read_result(event: Event) -> Result:
    """The result that an event tells; a call or visit that reached nobody is `not-reached`."""
    about: Mapping[str, Any] = event.about or {}
    data = event.data
    outcome = str(data.get("outcome", "done"))
    if event.type == "call.result" or data.get("reached") is False:
        outcome = "done" if data.get("reached") else "not-reached"
    return Result(
        event=event.id,
        at=event.read_instant("at") or event.occurred_at,
        outcome=outcome,
        task=about.get("task") or data.get("task"),
        rule=about.get("item"),
        occurrence=about.get("occurrence"),
        photo=has_photo(data.get("evidence")),
    )
