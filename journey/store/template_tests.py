"""Test sends of a text to the operator's own address: a table of their own, so that no cap and no owner knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import InvalidInput, NotFound, field_error
from journey.domain.reasons import Reason
from journey.domain.receipts import ARRIVED, Receipt
from journey.domain.values import ReceiptState
from journey.store import audit
from journey.store.ids import new_id
from journey.store.masking import masked_address
from journey.store.outbox import Taken
from journey.store.tables import contacts, template_tests
from journey.store.texts import Text

WAITING, RESERVED = "waiting", "reserved"
KEY = "template-test/"  # and the test's id: what its send is known by to the provider


@dataclass(frozen=True, slots=True)
class NewTest:
    """What is to be tried, by which channel, to whom."""

    text: Text
    content: Mapping[str, Any]
    channel: str
    address: str
    by: str


def ask(session: Session, new: NewTest, now: datetime, actor: str) -> str:
    """Write a test down, and return its id; InvalidInput for an address that any owner has or had."""
    if _owned(session, new.address):
        raise InvalidInput((field_error("to", "not-for-owners"),))
    test = new_id("tst")
    session.execute(
        insert(template_tests).values(
            id=test, template=new.text.template, language=new.text.language, text_hash=new.text.hash,
            pack_hash=new.text.pack, channel=new.channel, content=dict(new.content), address=new.address,
            shown_address=masked_address(new.address) or "", state=WAITING, by=new.by, at=now,
        )
    )  # fmt: skip
    detail = {"template": new.text.template, "channel": new.channel} | audit.person(new.by)
    audit.append(session, now, actor, "template.tested", test, detail)
    return test


def take(session: Session, test: str, now: datetime) -> Row[Any] | None:
    """The test to be sent now, as it stood; None when it has ended, or its address has become an owner's.

    One that a dead attempt began is taken again, under the same key.
    """
    row = _row(session, test)
    if row is None or row.state not in (WAITING, RESERVED):
        return None
    if _owned(session, row.address):
        end(session, test, "failed", now, reason=Reason("not-a-test-address"))
        return None
    session.execute(update(template_tests).where(template_tests.c.id == test).values(state=RESERVED))
    return row


def end(
    session: Session, test: str, state: str, now: datetime, *, taken: Taken | None = None, reason: Reason | None = None
) -> bool:
    """Write down how a test ended, and forget the address; False when it had ended before."""
    changed = session.execute(
        update(template_tests)
        .where(template_tests.c.id == test, template_tests.c.state.in_((WAITING, RESERVED)))
        .values(
            state=state, address=None, ended_at=now, reason=reason.document() if reason else None,
            provider=taken.provider if taken else None, provider_id=taken.provider_id if taken else None,
            segments=taken.segments if taken else None,
        )
        .returning(template_tests.c.id)
    ).first()  # fmt: skip
    return changed is not None


def give_up(session: Session, test: str, now: datetime, reason: Reason) -> bool:
    """End a test that nobody has begun to send; False when somebody has."""
    changed = session.execute(
        update(template_tests)
        .where(template_tests.c.id == test, template_tests.c.state == WAITING)
        .values(state="failed", address=None, ended_at=now, reason=reason.document())
        .returning(template_tests.c.id)
    ).first()
    return changed is not None


def hear(session: Session, told: Sequence[tuple[str, Receipt]]) -> set[str]:
    """Which of the receipts are of tests that have ended: each says from then on how its test came out."""
    ids = {name for _, one in told for name in (one.named, _named(one)) if name}
    taken = {one.provider_id for _, one in told if one.provider_id}
    named = template_tests.c.id.in_(ids) | template_tests.c.provider_id.in_(taken)
    rows = session.execute(select(template_tests).where(named, template_tests.c.ended_at.is_not(None))).all()
    by_id = {row.id: row for row in rows}
    by_provider = {(row.provider, row.provider_id): row for row in rows}
    heard = set()
    for ident, one in told:
        row = by_id.get(one.named or _named(one)) or by_provider.get((one.provider, one.provider_id))
        if row is not None and row.provider in (None, one.provider):
            heard.add(ident)
            _came_out(session, row.id, one)
    return heard


def _named(receipt: Receipt) -> str:
    """The test that a key is of; an empty text for any other key."""
    return receipt.key.removeprefix(KEY) if receipt.key and receipt.key.startswith(KEY) else ""


def _came_out(session: Session, test: str, receipt: Receipt) -> None:
    """The end of a test as its provider tells it; what has arrived stays so."""
    if receipt.state in ARRIVED:
        values: dict[str, Any] = {"state": "delivered", "reason": None}
    elif receipt.state is ReceiptState.FAILED:
        values = {"state": "failed", "reason": Reason("given-back").document()}
    else:
        return
    open_still = template_tests.c.state.in_(("sent", "unknown"))
    session.execute(update(template_tests).where(template_tests.c.id == test, open_still).values(**values))


def test_view(session: Session, test: str) -> dict[str, Any]:
    """A test, its address masked; NotFound."""
    row = _row(session, test)
    if row is None:
        raise NotFound(Reason("no-such-test"))
    return {
        "id": row.id, "template": row.template, "language": row.language, "version": row.text_hash,
        "channel": row.channel, "to": row.shown_address, "state": row.state, "by": row.by, "at": row.at.isoformat(),
        "provider": row.provider, "segments": row.segments, "class": "internal",
        "reason": row.reason["code"] if row.reason else None,
    }  # fmt: skip


def _owned(session: Session, address: str) -> bool:
    named = func.lower(contacts.c.address) == address.lower()
    return session.execute(select(contacts.c.person_id).where(named).limit(1)).first() is not None


def _row(session: Session, test: str) -> Row[Any] | None:
    return session.execute(select(template_tests).where(template_tests.c.id == test)).first()
