"""What the API answers about changes: previews of them, and policies that were brought into force."""

from typing import Any, Literal

from pydantic import Field

from starter.api.answers import ReasonShown, Shown


class Preview(Shown):
    """What a change would do: how many homes, items by rule and post, what is told again, due at once, or missed."""

    homes: int
    moved_homes: int
    missed: int = 0
    poked_earlier: int
    poked_homes: list[str] = Field(default_factory=list)
    items: list[dict[str, Any]] = Field(default_factory=list)
    posts: list[dict[str, Any]] = Field(default_factory=list)
    again: list[dict[str, Any]] = Field(default_factory=list)
    at_once: list[dict[str, Any]] = Field(default_factory=list)
    leaving: list[dict[str, Any]] = Field(default_factory=list)
    examples: list[dict[str, Any]] = Field(default_factory=list)
    text: str | None = None


class BatchPreview(Preview):
    """What new dates of a batch would do."""

    project: str
    code: str
    type: str
    verdict: str
    reason: ReasonShown | None = None
    dates: list[dict[str, str | None]] = Field(default_factory=list)


class ProjectPreview(Preview):
    """What a fact about a project would do; `batches` with the dates that move, `go_live` when that moves."""

    project: str
    type: str
    verdict: str
    reason: ReasonShown | None = None
    batches: list[dict[str, Any]] = Field(default_factory=list)
    go_live: dict[str, str | None] | None = None


class PolicyPreview(Preview):
    """What a version of a pack or a calendar would do, as of the instant from which it counts."""

    as_of: str
    policies: list[dict[str, Any]] = Field(default_factory=list)


class EventPreview(Shown):
    """What a fact would do to one journey; `next` is what goes out or opens within two weeks."""

    journey: str
    type: str
    verdict: str
    reason: ReasonShown | None = None
    stage: dict[str, str]
    status: dict[str, str]
    moves: list[dict[str, Any]] = Field(default_factory=list)
    withdrawn: list[dict[str, Any]] = Field(default_factory=list)
    again: list[dict[str, Any]] = Field(default_factory=list)
    at_once: list[dict[str, Any]] = Field(default_factory=list)
    next: list[dict[str, Any]] = Field(default_factory=list)
    text: str | None = None


class PackRow(Shown):
    """A published version of a pack, and the day from which it holds."""

    name: str
    version: str
    effective_from: str
    hash: str


class PolicyApplied(Shown):
    """What became of a version or a calendar that was to be published: `published`, or `there-already`."""

    name: str
    version: str
    hash: str
    effective_from: str | None = None
    state: Literal["published", "there-already"]
    journeys: int
