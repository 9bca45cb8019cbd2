"""What the API answers of repairs and complaints."""

from pydantic import Field

from starter.api.answers import Shown


class ClockShown(Shown):
    """A clock of a case: when it runs out, and when it was met."""

    round: int
    clock: str
    due: str
    at: str | None = None


class RaisedShown(Shown):
    """A level that a case was raised to, when and why."""

    at: str
    step: str
    to: str
    level: str
    why: str


class CaseShown(Shown):
    """A repair or complaint."""

    id: str
    alias: str
    kind: str
    class_: str = Field(alias="class")
    state: str
    level: str
    journey: str
    project: str
    unit: str | None = None
    person: str | None = None
    cover: str | None = None
    opened_at: str
    closed_at: str | None = None
    reopened: list[str] = Field(default_factory=list)
    reassigned: int = 0
    paused_until: str | None = None
    clocks: list[ClockShown] = Field(default_factory=list)
    steps: list[RaisedShown] = Field(default_factory=list)
    linked: list[str] = Field(default_factory=list)
