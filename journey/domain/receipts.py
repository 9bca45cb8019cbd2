"""What providers say of messages, in our own words, and what people are shown of a message's state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from journey.domain.values import Failure, ReceiptState

# `served` too: no text is proof of service
ARRIVED: Final = frozenset({ReceiptState.DELIVERED, ReceiptState.READ, ReceiptState.REPLIED, ReceiptState.SERVED})
UNMATCHED: Final = "unmatched"  # what the door writes beside a receipt of a message that nobody knows
OVERTAKEN: Final = "overtaken"  # beside one that says nothing any more of its message: `delivered`, or `stands`
PLACED: Final = "placed"  # beside an answer of nobody who is named, from an address that somebody has
STANDS: Final = "stands"
MARKS: Final[Mapping[str, tuple[Any, ...]]] = {UNMATCHED: (True,), OVERTAKEN: (ReceiptState.DELIVERED, STANDS)}
SHOWN: Final = (
    "planned", "held", "sent", "delivered", "read", "replied", "served", "skipped", "failed", "unknown",
)  # fmt: skip


def marks_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the store, and nobody else, wrote beside a told receipt."""
    return {name: data[name] for name, values in MARKS.items() if name in data and data[name] in values}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says became of a message, and when by his own clock.

    The message is named by our key, by our id handed back (`named`), or by the provider's own id. An answer of the
    owner has its `text`, and where the message is not named the `address` that it came from. One that could not be read
    has its `fault`, and is of no message.
    """

    state: ReceiptState
    at: datetime
    provider: str
    provider_id: str | None = None
    key: str | None = None
    named: str | None = None
    code: str | None = None
    failure: Failure | None = None
    channel: str | None = None
    fault: str | None = None
    address: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record of a message that was reserved."""

    state: str
    read: bool = False
    replied: bool = False
    given_back: bool = False  # the carrier could not deliver it
    entry: str | None = None  # the state of the entry that it was sent for

    @property
    def shown(self) -> str:
        """The state that people see: one of `SHOWN`."""
        if self.replied:
            return "replied"
        if self.read:
            return "read"
        if self.state == "sent" and self.given_back:
            return "failed"
        if self.state == "reserved":
            return "planned"
        return "held" if self.state == "failed" and self.entry == "held" else self.state
