"""What the API answers, as OpenAPI shows it. Instants are RFC 3339 with the offset of the project's zone."""

from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from journey.domain.reasons import with_text
from starter.api.context import Answer
from starter.api.language import Lang

Row = TypeVar("Row")
CLASS: Final = (
    "`contract`, `care`, `marketing`; `internal` for what no owner sees; `emergency` for a project's declared one, "
    "which asks for no consent and goes at any hour (docs/messages.md)"
)


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


class ResultAnswer(EventAnswer):
    """What became of the result of a task; `also` answers for the other homes of a call that it was told of."""

    also: list[EventAnswer] = Field(default_factory=list)


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
    reason: ReasonShown | None = None


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
    """A journey, whole: what its start answers and what is read later are the same."""

    owners: list[OwnerShown] = Field(default_factory=list)
    warranty: list[CoverShown] = Field(default_factory=list)
    open_tasks: int = 0
    ledgers: dict[str, Any] = Field(default_factory=dict)
    no_valid_contact: bool = False
    events: list[EventAnswer] = Field(default_factory=list, description="The facts it was started with, as they stand.")


class JourneyStarted(JourneyShown):
    """A journey that began; `warnings` name what was known otherwise of its owners."""

    warnings: list[ReasonShown] = Field(default_factory=list)


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
    message_class: str | None = Field(None, alias="class", description=CLASS)
    channel: str | None = None
    person: str | None = None
    due: str | None = None
    original_due: str | None = None
    legal_due: str | None = None
    at: str | None = None
    outcome: str
    expected: str | None = None
    outlook: str | None = None
    reason: str | None = None
    why: ReasonShown | None = None
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


class HomeShown(Shown):
    """A home that a call is about, with its own task and result."""

    unit: str
    journey: str
    task: str


class TaskShown(Shown):
    """A task: of a journey, of a batch, or of the project itself when it names neither.

    `homes` lists every home of a call to a household about several; each has its own result.
    """

    id: str
    journey: str | None = None
    project: str
    unit: str | None = None
    batch: str | None = None
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
    homes: list[HomeShown] = Field(default_factory=list)


class TaskWithAnswers(TaskShown):
    """A task with the approved answers 统一口径 that help with it."""

    answers: list[dict[str, Any]] = Field(default_factory=list)


class ActionAnswer(EventAnswer):
    """What an operator's action did: its event, and the item or the task as it stands after."""

    action: str
    journey: str
    status: str
    item: EntryShown | None = None
    task: TaskShown | None = None
    closes: list[EntryShown] = Field(default_factory=list)
    also: list[EventAnswer] = Field(default_factory=list)


class GoLiveAnswer(ActionAnswer):
    """The same, with the go-live as it stands after."""

    go_live_at: str | None = None


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
    """Whether the API runs, whether each part it needs answers, and who carries each channel (`simulated`: nobody)."""

    status: str
    checks: dict[str, str] = Field(default_factory=dict)
    channels: dict[str, str] = Field(default_factory=dict)


def event_answer(answer: Answer, lang: Lang) -> tuple[dict[str, Any], int]:
    """The document of an answer and its status: 202 when it is judged later, else 200."""
    document: dict[str, Any] = {"id": answer.id, "event": answer.event, "verdict": answer.verdict}
    if answer.reason is not None:
        document["reason"] = with_text(answer.reason, lang, answer.zone)
    if answer.also:
        document["also"] = [event_answer(one, lang)[0] for one in answer.also]
    return document, 202 if answer.verdict == "taken" else 200
