"""What the API answers, as OpenAPI shows it. Instants are RFC 3339 with the offset of the project's zone."""

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from journey.domain.reasons import wording
from starter.api.context import Answer
from starter.api.language import Lang

Row = TypeVar("Row")


class Shown(BaseModel):
    """A document that may grow."""

    model_config = ConfigDict(extra="allow", serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)


class ListOf(Shown, Generic[Row]):
    """A page; `next_cursor` is null on the last one."""

    data: list[Row]
    next_cursor: str | None


class ReasonShown(Shown):
    """A code with its parameters, in words."""

    code: str
    params: dict[str, Any] = Field(default_factory=dict)
    text: str = ""


class EventAnswer(Shown):
    """What became of a fact."""

    id: str
    event: str
    verdict: Literal["applied", "parked", "refused", "taken"]
    reason: ReasonShown | None = None


class ProjectShown(Shown):
    """A project."""

    id: str
    code: str
    name: str
    city: str
    pack: str
    overlays: list[str] = Field(default_factory=list)
    zone: str
    go_live_at: str | None = None


class JourneyRow(Shown):
    """A journey in a list."""

    id: str
    project: str
    unit: str | None = None
    building: str | None = None
    batch: str | None = None
    stage: str
    status: str
    external_id: str | None = None
    next_due: str | None = None
    overdue: int = 0
    started_at: str | None = None


class OwnerShown(Shown):
    """An owner; name and phone are masked without the scope `pii:read`."""

    ref: str
    name: str | None = None
    phone: str | None = None


class CoverShown(Shown):
    """A line of the warranty ledger."""

    component: str
    owner_ends: str | None = None
    contractor_ends: str | None = None
    gap_days: int | None = None


class JourneyShown(JourneyRow):
    """A journey."""

    owners: list[OwnerShown] = Field(default_factory=list)
    warranty: list[CoverShown] = Field(default_factory=list)
    open_tasks: int = 0


class JourneyStarted(JourneyShown):
    """A journey that began, with what became of the facts told along."""

    events: list[EventAnswer] = Field(default_factory=list)


class StepShown(Shown):
    """A rung of an entry's ladder."""

    at: str
    step: str
    to: str | None = None


class EntryShown(Shown):
    """An item of a journey and what became of it."""

    key: str
    subject: str | None = None
    item: str
    title: str
    occurrence: str | None = None
    kind: str | None = None
    role: str | None = None
    message_class: str | None = Field(None, alias="class")
    channel: str | None = None
    person: str | None = None
    due: str | None = None
    original_due: str | None = None
    legal_due: str | None = None
    at: str | None = None
    outcome: str
    expected: str | None = None
    reason: str | None = None
    because: list[ReasonShown] = Field(default_factory=list)
    requirement: list[str] = Field(default_factory=list)
    steps: list[StepShown] = Field(default_factory=list)
    case: str | None = None


class TimelineLine(Shown):
    """Something that happened."""

    at: str
    code: str
    text: str
    ref: str | None = None
    item: str | None = None
    title: str | None = None
    by: str | None = None
    why: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)


class TaskShown(Shown):
    """A task."""

    id: str
    journey: str
    project: str
    unit: str | None = None
    key: str
    item: str
    title: str
    kind: str
    role: str
    state: str
    expected: str | None = None
    due: str | None = None
    legal_due: str | None = None
    attempts: int = 0
    max_attempts: int = 1
    next_attempt: str | None = None
    claimed_by: str | None = None
    escalated_to: str | None = None
    opened_at: str | None = None
    closed_at: str | None = None


class ActionAnswer(EventAnswer):
    """What an operator's action did: its event, and the item or the task as it stands after."""

    action: str
    journey: str
    status: str
    item: EntryShown | None = None
    task: TaskShown | None = None
    closes: list[EntryShown] = Field(default_factory=list)
    also: list[EventAnswer] = Field(default_factory=list)


class EventShown(Shown):
    """An event without its data: whose it is and what became of it."""

    event: str
    id: str
    source: str
    type: str
    journey: str | None = None
    occurred_at: str
    recorded_at: str
    verdict: Literal["applied", "parked", "refused", "taken"]
    reason: ReasonShown | None = None


class MessageShown(Shown):
    """A message, without its address and text."""

    id: str
    key: str
    journey: str
    entry: str
    person: str | None = None
    channel: str
    message_class: str = Field(alias="class")
    template: str
    language: str
    state: str
    reserved_at: str | None = None
    sent_at: str | None = None
    reason: ReasonShown | None = None


class BatchRow(Shown):
    """A handover batch in a list; `dates` by name: the day, when it was told, by which event."""

    id: str
    project: str
    code: str
    buildings: list[str]
    homes: int
    dates: dict[str, dict[str, str | None]] = Field(default_factory=dict)


class BatchShown(BatchRow):
    """A handover batch: homes by stage, its last moves, and how far its homes were planned again after each."""

    stages: dict[str, int] = Field(default_factory=dict)
    moves: list[dict[str, Any]] = Field(default_factory=list)
    changes: list[dict[str, Any]] = Field(default_factory=list)


class BatchPreview(Shown):
    """What new dates of a batch would do: how many homes, items by rule, what is told again or due at once."""

    project: str
    code: str
    type: str
    verdict: str
    reason: ReasonShown | None = None
    homes: int
    moved_homes: int
    poked_earlier: int
    poked_homes: list[str] = Field(default_factory=list)
    dates: list[dict[str, str | None]] = Field(default_factory=list)
    items: list[dict[str, Any]] = Field(default_factory=list)
    again: list[dict[str, Any]] = Field(default_factory=list)
    at_once: list[dict[str, Any]] = Field(default_factory=list)
    examples: list[dict[str, Any]] = Field(default_factory=list)
    text: str | None = None


class ImportReport(Shown):
    """What an import did, or in a dry run would do, row by row; `outlook` by project, foreseen before it began."""

    file: str
    dry_run: bool
    rows: int
    started: int
    told: int
    failed: int
    batches: int
    errors: list[dict[str, Any]] = Field(default_factory=list)
    warnings: list[dict[str, Any]] = Field(default_factory=list)
    outlook: list[dict[str, Any]] = Field(default_factory=list)
    outcomes: list[dict[str, Any]] = Field(default_factory=list)


class Health(Shown):
    """Whether the API runs, and whether each part it needs answers."""

    status: str
    checks: dict[str, str] = Field(default_factory=dict)


def event_answer(answer: Answer, lang: Lang) -> tuple[dict[str, Any], int]:
    """The document of an answer and its status: 202 when it is judged later, else 200."""
    document: dict[str, Any] = {"id": answer.id, "event": answer.event, "verdict": answer.verdict}
    if answer.reason is not None:
        document["reason"] = _in_words(answer.reason, lang)
    return document, 202 if answer.verdict == "taken" else 200


def _in_words(reason: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    params = reason.get("params") or {}
    return {"code": reason["code"], "params": params, "text": wording(reason["code"], params, lang)}
