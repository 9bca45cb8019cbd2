"""What an owner's journey workflow is started with and told."""

from pydantic import Field

from journey.contracts.frozen import Frozen


class Ticket(Frozen):
    """All that a journey carries from run to run: everything else is in the store."""

    journey: str
    since: float = 0.0  # epoch seconds of the life's first run, for the operator's eye
    runs: int = 1


class Tell(Frozen):
    """Our ids of events that were committed to the inbox."""

    events: list[str] = Field(max_length=500)


class Told(Frozen):
    """The verdict by event id: applied, parked, refused, or taken when it is judged later."""

    verdicts: dict[str, str]
