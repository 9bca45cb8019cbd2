"""What the API answers of the view back and ahead: whole lives, explanations, the work ahead of a project."""

from typing import Any, Literal

from pydantic import Field

from starter.api.answers import CoverShown, EntryShown, ReasonShown, Shown


class BandShown(Shown):
    """A stage that led, from when until when."""

    stage: str
    from_: str = Field(alias="from")
    until: str | None = None


class FactShown(Shown):
    """A fact of a journey without its data; `by` where an operator decided."""

    event: str
    type: str
    group: str | None = None
    at: str
    on: str | None = None
    recorded_at: str
    source: str
    by: str | None = None
    verdict: str
    why: dict[str, Any] | None = None


class LifeShown(Shown):
    """A whole life as it is drawn; `name` is the project's, owners are masked."""

    id: str
    project: str
    name: str
    unit: str | None = None
    stage: str
    status: str
    zone: str
    now: str
    started_at: str
    owners: list[dict[str, str | None]] = Field(default_factory=list)
    stages: list[BandShown] = Field(default_factory=list)
    facts: list[FactShown] = Field(default_factory=list)
    entries: list[EntryShown] = Field(default_factory=list)
    warranty: list[CoverShown] = Field(default_factory=list)


class ExplainedLine(ReasonShown):
    """A sentence of an explanation; `at` where it tells of an instant."""

    at: str | None = None


class ExplainedPart(Shown):
    """A section of an explanation: `why`, `when`, `waited`, `who`, `happened`, `change`."""

    name: str
    title: str
    lines: list[ExplainedLine] = Field(default_factory=list)


class ExplanationShown(Shown):
    """Why an item is as it is; `asked` is false for one that no rule ever asked for, and `nearest` names others."""

    asked: bool
    key: str
    item: str
    title: str | None = None
    occurrence: str | None = None
    outcome: str | None = None
    state: str | None = None
    due: str | None = None
    at: str | None = None
    now: str | None = None
    requirement: list[str] = Field(default_factory=list)
    numbers: dict[str, str] = Field(default_factory=dict)
    pack: str | None = None
    calendar: str | None = None
    nearest: list[str] = Field(default_factory=list)
    sections: list[ExplainedPart] = Field(default_factory=list)


class LoadShown(Shown):
    """How much there is: what posts have to do, by post, and what goes out, by class of message.

    `suppressed` counts apart, by reason, what is expected not to go.
    """

    posts: dict[str, int] = Field(default_factory=dict)
    messages: dict[str, int] = Field(default_factory=dict)
    suppressed: dict[str, int] = Field(default_factory=dict)


class PeriodShown(LoadShown):
    """A week or a month of the work ahead."""

    from_: str = Field(alias="from")
    until: str


class WorkloadShown(Shown):
    """The work ahead of a project, from the stored agendas of its journeys, batches and its own."""

    project: str
    name: str
    now: str
    by: Literal["week", "month"]
    from_: str = Field(alias="from")
    until: str
    journeys: int
    agendas: int
    overdue: LoadShown
    periods: list[PeriodShown]
    beyond: LoadShown
