"""What a workflow with an agenda is started with and told: an owner's journey, a handover batch, a project."""

from pydantic import Field

from journey.contracts.frozen import Frozen


class Ticket(Frozen):
    """All that it carries from run to run: everything else is in the store.

    `journey` is the id of the agenda, here and in every command: that of a batch or project in their workflows.
    """

    journey: str
    since: float = 0.0  # epoch seconds of the life's first run, for the operator's eye
    runs: int = 1


class Tell(Frozen):
    """Our ids of events that were committed to the inbox."""

    events: list[str] = Field(max_length=500)


class Told(Frozen):
    """The verdict by event id: applied, parked, refused, or taken when it is judged later."""

    verdicts: dict[str, str]
