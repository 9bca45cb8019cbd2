"""Bounces of e-mail 退信: the report that a mail server returns (RFC 3464), posted to us as it is.

It names the message by its Message-ID, which is the provider's id of an e-mail; what it says of anybody else's is kept
like any receipt of nobody's message.
"""

import email
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from typing import Final

from journey.domain.errors import field_error
from journey.domain.failures import DEAD_MAILBOX, FULL_MAILBOX
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from starter.hooks.forms import Unreadable

CHANNEL: Final = "email"
MOST: Final = 20  # recipients of one report; ours have one
ACTIONS: Final = {
    "failed": ReceiptState.FAILED, "delivered": ReceiptState.DELIVERED, "relayed": ReceiptState.SENT,
    "expanded": ReceiptState.SENT,
}  # fmt: skip


def read_bounce(body: bytes, provider: str, now: datetime) -> Sequence[Receipt]:
    """What a report says of each recipient; one that is only late yet tells nothing. Unreadable for any other mail."""
    try:
        report = email.message_from_bytes(body, policy=compat32)
    except RecursionError:  # mails in mails in mails
        raise Unreadable((field_error("", "no-report"),)) from None
    status = next((part for part in _parts(report) if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        raise Unreadable((field_error("", "no-report"),))
    ident = _message_id(report)
    if ident is None:
        raise Unreadable((field_error("Message-ID", "required"),))
    groups = status.get_payload()
    recipients = [one for one in groups if isinstance(one, Message)] if isinstance(groups, list) else []
    told = (_receipt(one, ident, provider, now) for one in recipients[: MOST + 1])
    return [one for one in told if one is not None]


def _receipt(said: Message, ident: str, provider: str, now: datetime) -> Receipt | None:
    """What a report says of one recipient; its first group of fields is of the server, and says nothing of any."""
    state = ACTIONS.get(_field(said, "Action").lower())
    if state is None:
        return None
    code = _field(said, "Status").split(" ")[0][:80] or None
    failed = state is ReceiptState.FAILED
    return Receipt(
        state, _date(_field(said, "Last-Attempt-Date"), now), provider, provider_id=ident, channel=CHANNEL,
        code=code if failed else None, failure=_failure(code) if failed else None,
        address=_address(said) if failed else None,
    )  # fmt: skip


def _failure(code: str | None) -> Failure:
    if code in DEAD_MAILBOX:
        return Failure.PERMANENT
    return Failure.LATER if code is None or code.startswith("4.") or code in FULL_MAILBOX else Failure.REFUSED


def _address(said: Message) -> str | None:
    """`rfc822; owner@example.com` as it was given to the first server."""
    named = _field(said, "Original-Recipient") or _field(said, "Final-Recipient")
    return named.partition(";")[2].strip().strip("<>")[:320] or None


def _message_id(report: Message) -> str | None:
    """The Message-ID of the mail that came back, whole or by its headers."""
    for part in _parts(report):
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(inner := part.get_payload(), list) and inner:
            found = _field(inner[0], "Message-ID") if isinstance(inner[0], Message) else ""
        elif kind == "text/rfc822-headers" and isinstance(raw := part.get_payload(decode=True), bytes):
            found = _field(email.message_from_bytes(raw, policy=compat32), "Message-ID")
        else:
            continue
        if found:
            return found[:200]
    return None


def _parts(report: Message) -> Iterator[Message]:
    """The parts of the report itself, not those of the mail in it."""
    parts = report.get_payload()
    yield from (part for part in parts if isinstance(part, Message)) if isinstance(parts, list) else ()


def _field(said: Message, name: str) -> str:
    return " ".join(str(said.get(name, "")).replace("\x00", "").split())


def _date(text: str, now: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    return found if found.tzinfo else found.replace(tzinfo=UTC)
