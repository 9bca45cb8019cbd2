"""What the API answers about handover batches."""

from typing import Any

from pydantic import Field

from starter.api.answers import Shown


class BatchRow(Shown):
    """A handover batch in a list; `dates` by name: the day, when it was told, by which event."""

    id: str
    project: str
    code: str
    buildings: list[str]
    homes: int
    dates: dict[str, dict[str, str | None]] = Field(default_factory=dict)


class BatchShown(BatchRow):
    """A handover batch: how ready it is, its gates, homes by stage, its last moves and what became of each."""

    stage: str | None = None
    status: str | None = None
    next_due: str | None = None
    overdue: int = 0
    gates: list[dict[str, Any]] = Field(default_factory=list)
    stages: dict[str, int] = Field(default_factory=dict)
    moves: list[dict[str, Any]] = Field(default_factory=list)
    changes: list[dict[str, Any]] = Field(default_factory=list)
