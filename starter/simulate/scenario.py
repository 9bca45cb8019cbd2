"""The scenario file as models (`interfaces.md`)."""

from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from journey.domain.clocks import zone_info
from journey.domain.event_types import EVENT_TYPES
from starter.simulate.homes import Home, homes_of

DEFAULT_ZONE = "Asia/Shanghai"
ChannelName = Literal["sms", "wechat", "voice", "email"]
PROOFS = ("handover.notice_served", "handover.deemed")  # what only the script tells of a home once it speaks of it
Punctual = Literal["on-time", "late", "silent"]


def _instant(value: Any, info: ValidationInfo) -> Any:
    """An aware instant; a bare date is the midnight that begins it, a time without offset is the project's own."""
    if not isinstance(value, str):
        raise PydanticCustomError("not-an-instant", "must be an instant such as 2026-02-10T10:00:00+08:00")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "not-an-instant", "must be a real instant such as 2026-02-10T10:00:00+08:00"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=zone_info((info.context or {}).get("zone", DEFAULT_ZONE)))


def _day(value: Any) -> Any:
    """A civil date; of an instant, its date as written."""
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("not-a-date", "must be a real date, YYYY-MM-DD") from None


def _known_type(value: Any) -> Any:
    if value in EVENT_TYPES:
        return value
    near = get_close_matches(str(value).lower(), EVENT_TYPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise PydanticCustomError("unknown-type", "{value} is not a known event type{hint}", {"value": value, "hint": hint})


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]
TypeName = Annotated[str, BeforeValidator(_known_type)]
Names = Annotated[list[str], BeforeValidator(_listed)]


class Row(BaseModel):
    """Closed and frozen; numbers are accepted where codes are text, as YAML reads `code: 3`."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, populate_by_name=True)


class ProjectRow(Row):
    """The project of the scenario."""

    code: str
    name: str = ""
    city: str = ""
    zone: str | None = None
    go_live_at: Instant | None = None
    posts: dict[str, list[str]] = Field(default_factory=dict)


class BatchRow(Row):
    """A handover batch, registered before the journeys start."""

    code: str
    buildings: Names
    handover_from: Day | None = None
    handover_to: Day | None = None
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None


class ShortBatch(Row):
    """One building as a batch of its own."""

    building: str
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None


class JourneyRow(Row):
    """One home, or `count` homes numbered by `pattern` (`3-1-{n:04}`)."""

    unit: str | None = None
    owners: list[dict[str, Any]] = Field(default_factory=list)
    tags: Names = Field(default_factory=list)
    building: str | None = None
    pack: str | None = None
    overlays: Names | None = None
    external_id: str | None = None
    facts: list[dict[str, Any]] = Field(default_factory=list)
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    pattern: str | None = None


class EventRow(Row):
    """A fact of the script; `as` names the case that it opens.

    `refused` says that it is one which the engine must refuse: `true`, or the code of the reason.
    """

    at: Instant
    type: TypeName
    unit: str | None = None
    journey: str | None = None  # a lead has no unit yet: its external_id
    data: dict[str, Any] = Field(default_factory=dict)
    id: str | None = None
    as_: str | None = Field(None, alias="as")
    occurred_at: Instant | None = None
    source: str = "scenario"
    person: str | None = None
    about: dict[str, Any] | None = None
    scope: dict[str, Any] | None = None
    refused: bool | Annotated[str, Field(min_length=1)] = False

    def ident(self, number: int) -> str:
        """The teller's id of the row, by its number in the file where it has none."""
        return self.id or self.as_ or f"event-{number + 1}"


class Staff(Row):
    """The short form of `actors`."""

    answers_calls: Literal["always", "never"]


class Actors(Row):
    """How simulated people answer their tasks."""

    staff: Punctual = "on-time"
    owners: Literal["answer", "silent"] = "answer"
    contractors: Punctual = "on-time"


class OutageRow(Row):
    """A time in which a provider is down."""

    down_from: Instant
    down_to: Instant

    @model_validator(mode="after")
    def _in_order(self) -> "OutageRow":
        if self.down_to <= self.down_from:
            raise PydanticCustomError("wrong-order", "down_to must lie after down_from")
        return self


class PolicyChange(Row):
    """A new version of the pack, published `at`, in force from `effective` (missing: at once)."""

    at: Instant
    set: dict[str, Any] = Field(min_length=1)
    effective: Day | None = None


class Scenario(Row):
    """A whole file."""

    pack: str = "cn-residential"
    overlays: Names = Field(default_factory=list)
    project: ProjectRow
    batches: list[BatchRow] = Field(default_factory=list)
    journeys: list[JourneyRow] = Field(min_length=1)
    start: Instant
    events: list[EventRow] = Field(default_factory=list)
    actors: Actors = Actors()
    providers: dict[ChannelName, list[OutageRow]] = Field(default_factory=dict)
    policy_changes: list[PolicyChange] = Field(default_factory=list)
    until: Instant

    @property
    def zone(self) -> str:
        """The project's IANA zone."""
        return self.project.zone or DEFAULT_ZONE

    @property
    def proves(self) -> frozenset[str]:
        """Homes of which the script itself tells how the notice was served, or that they count as handed over."""
        told = [(name, event.type) for event in self.events for name in (event.unit, event.journey) if name]
        for home in self.homes():
            names = [name for name in (home.unit, home.more.get("external_id")) if name]
            told += [(name, str(fact.get("type"))) for fact in home.more.get("facts", []) for name in names]
        return frozenset(name for name, kind in told if kind in PROOFS)

    def homes(self) -> list[Home]:
        """Every home, rows with `count` spelled out."""
        return [home for row in self.journeys for home in homes_of(row)]
