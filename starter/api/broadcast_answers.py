"""What the API answers of broadcasts."""

from typing import Any

from pydantic import Field

from starter.api.answers import CLASS, Shown


class BroadcastRow(Shown):
    """A text for many: what asked for it, whom it is for, whether it has closed."""

    id: str
    project: str
    item: str
    title: str
    occurrence: str
    class_: str = Field(alias="class", description=CLASS)
    state: str
    state_text: str | None = None
    channel: str | None = None
    scope: dict[str, str] = Field(default_factory=dict)
    audience: dict[str, list[str]] = Field(default_factory=dict)
    asked_by: str = ""
    opened_at: str | None = None
    closed_at: str | None = None


class OutcomeCount(Shown):
    """How many recipients ended so, and why."""

    outcome: str
    reason: str | None = None
    text: str | None = None
    count: int


class BroadcastProgress(Shown):
    """How far it has come: who was met and how it ended, who is left, how fast it goes lately, when it may end."""

    met: int
    sent: int
    under_way: int
    held: int
    failed: int
    unknown: int
    suppressed: dict[str, int]
    withdrawn: dict[str, int]
    missed: dict[str, int]
    merged: dict[str, int]
    left: int
    expected: int
    per_second: float
    limit: int | None = None
    ends_at: str | None = None


class BroadcastText(Shown):
    """What the readers of a language get by some channels, … standing for what each has of his own; `text` is null
    where it would fail. `recipients` of the audience would get this one now."""

    language: str
    channels: list[str]
    subject: str | None = None
    text: str | None = None
    recipients: int | None = None


class BroadcastShown(BroadcastRow):
    """A broadcast with what became of its recipients; `channels` and `reach` are an emergency's, `texts` a draft's."""

    recipients: int = 0
    outcomes: list[OutcomeCount] = Field(default_factory=list)
    progress: BroadcastProgress
    control: list[dict[str, Any]] = Field(default_factory=list)
    channels: list[dict[str, Any]] = Field(default_factory=list)
    reach: dict[str, int] | None = None
    texts: list[BroadcastText] = Field(default_factory=list)


class BroadcastPreview(Shown):
    """What a broadcast would do now: how many by outcome and reason, what it costs, what it says in every language, and
    some of its recipients, masked: first those who would get it, by turns of language and channel."""

    recipients: int
    outcomes: list[OutcomeCount]
    sample: list[dict[str, Any]]
    texts: list[BroadcastText] = Field(default_factory=list)
    channels: list[dict[str, Any]] = Field(default_factory=list)
    cost: str | None = None
    currency: str | None = None


class BroadcastReview(BroadcastPreview):
    """A draft as a second person sees it; `seen` names what he saw: the texts that may go, in every language and by
    every channel, and how many they would reach."""

    id: str
    state: str
    class_: str = Field(alias="class", description=CLASS)
    seen: str
    asked_by: str = ""


class RecipientShown(Shown):
    """One recipient: by which channel, how it ended and why, and when; `tried` are channels by which it came back."""

    person: str
    name: str | None = None
    unit: str | None = None
    channel: str | None = None
    address: str | None = None
    outcome: str
    reason: str | None = None
    text: str | None = None
    at: str | None = None
    until: str | None = None
    tried: str | None = None


class BroadcastStarted(Shown):
    """A broadcast that was opened, now or under the same id before; a `draft` waits for a second person."""

    id: str
    opened: bool
    state: str


class BroadcastOrdered(Shown):
    """What stands after an order, and whether it changed anything."""

    id: str
    state: str
    changed: bool
