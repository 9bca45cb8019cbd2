"""The next thing to do in the world for one item."""

from datetime import datetime
from enum import StrEnum

from journey.domain.quick import quick_dataclass


class MoveKind(StrEnum):
    """Each kind has its own activity, so that Temporal's own UI tells the story."""

    SEND = "send"
    OPEN = "open"
    WARN = "warn"
    ESCALATE = "escalate"
    BROADCAST = "broadcast"  # a message of a batch or project, to recipients paged from the store
    BEGIN = "begin"


@quick_dataclass(frozen=True)
class Move:
    """`due` is the instant the plan saw; a move whose entry or instant changed since is stale."""

    kind: MoveKind
    key: str
    due: datetime
    seen: str = ""  # the entry's signature at planning
