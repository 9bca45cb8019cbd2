"""What it means for an address that a message did not reach it, by codes of our own and of mail servers."""

from collections.abc import Mapping
from typing import Final

from journey.domain.values import Failure, ReceiptState

# Our own words for what did not arrive; codes that nobody knows are refusals, which say nothing of the address.
OWN_CODES: Final[Mapping[str, Failure]] = {
    "empty-number": Failure.PERMANENT, "invalid-number": Failure.PERMANENT, "blacklisted": Failure.PERMANENT,
    "absent": Failure.LATER, "switched-off": Failure.LATER, "inbox-full": Failure.LATER,
}  # fmt: skip
# What a provider answers to a send: nobody has the address, or he who has it bars us for good.
BAD_RECIPIENT: Final = "bad-recipient"
DEAD_AT_SEND: Final = frozenset({BAD_RECIPIENT, "opted-out"})
# RFC 3463: no such mailbox or domain, an address that cannot be, a mailbox that is gone or shut for good.
FULL_MAILBOX: Final = frozenset({"5.2.2", "5.3.1", "5.4.5"})  # a mailbox or a system that is full, called permanent
DEAD_MAILBOX: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


def failure_of(state: ReceiptState, code: str | None, known: Mapping[str, Failure] = OWN_CODES) -> Failure | None:
    """What a receipt's code means; None for one that does not speak of a failure."""
    return known.get(code or "", Failure.REFUSED) if state is ReceiptState.FAILED else None
