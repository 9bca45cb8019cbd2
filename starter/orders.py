"""Bodies of operators' actions: closed models, one an action."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from journey.domain.actions import Named
from journey.domain.event_types.fields import read_instant
from journey.domain.values import HoldHow, SendOutcome
from starter.bodies import Body, Line

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Expected = Annotated[
    Line | None,
    Field(description="What was seen: the `expected` of a list, a state or a status; 409 when it changed since."),
]


class ActionBody(Body):
    """What every action takes. `by` is the name of the API key when it is missing."""

    reason: Words
    by: Line | None = None
    id: Annotated[Line | None, Field(description="The teller's own id: told twice, it changes nothing.")] = None
    expected: Expected = None


class BreakerBody(Body):
    """Which breaker is closed by hand, and why; `by` is the person who says so, beside the API key."""

    kind: Literal["provider", "template"]
    name: Line
    reason: Words
    by: Line | None = None


class ItemBody(ActionBody):
    """An action on an item, named by its key, or by its rule with the occurrence where there are several."""

    key: Key | None = None
    item: Key | None = None
    occurrence: Key | None = None

    @property
    def named(self) -> Named:
        """How the item is named."""
        return Named(self.key, self.item, self.occurrence)


class SkipBody(ItemBody):
    """Do not do it. `statutory` is the word that skips a duty of the law."""

    statutory: bool = False


class RedoBody(ItemBody):
    """Do it again."""


class RescheduleBody(ItemBody):
    """Do it at another instant."""

    to: Annotated[datetime, BeforeValidator(read_instant, json_schema_input_type=str)]


class DecideBody(ItemBody):
    """Say how a send ended whose outcome is unknown."""

    outcome: SendOutcome


class HoldBody(ActionBody):
    """Hold all, a class, a rule or an item; with `person` (an owner's ref) in all of that owner's journeys."""

    scope: Key = "all"
    person: Line | None = None


class ResumeBody(HoldBody):
    """End the holds of a scope; without `how` mutes and pauses alike."""

    how: HoldHow | None = None


class CancelBody(ActionBody):
    """End the journey."""


class UndoBody(ActionBody):
    """Take an operator's event back, by our id of it or by the teller's."""

    event: Key


class GoLiveBody(ActionBody):
    """Move the go-live of a project; `expected` is the one that was seen."""

    to: Annotated[datetime, BeforeValidator(read_instant, json_schema_input_type=str)]


class AssignBody(ActionBody):
    """Give a task to a post, or to a colleague by name."""

    to: Line


BODIES: Final[Mapping[str, type[ActionBody]]] = MappingProxyType(
    {
        "skip": SkipBody,
        "redo": RedoBody,
        "reschedule": RescheduleBody,
        "decide": DecideBody,
        "mute": HoldBody,
        "pause": HoldBody,
        "resume": ResumeBody,
        "cancel": CancelBody,
        "undo": UndoBody,
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """One action as it was ordered: by whom, through which key, when; `received` is the body as it came."""

    action: str
    body: ActionBody
    by: str
    source: str
    received: Any
    now: datetime
    real_now: datetime

    @property
    def words(self) -> dict[str, Any]:
        """Who and why, as every operator's event says it."""
        return {"by": self.by, "reason": self.body.reason}


def digested(action: str, body: Any) -> dict[str, Any]:
    """What makes two tellings the same: the action with its body as received."""
    return {"action": action, "body": body}
