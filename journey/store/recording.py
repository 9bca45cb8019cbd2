"""What providers answered to calls, recorded with what follows at once: an address that is no good is used no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.store.addressees import ADDRESS_OF, locked_people
from journey.store.locking import lock_homes
from journey.store.outbox import Answered, Sending, record_all
from journey.store.replying import Answer, invalidate, whose
from journey.store.tables import messages


def record_answers(session: Session, answers: Sequence[Answered], now: datetime, real_now: datetime) -> set[str]:
    """As `record_all`; a dead address is invalid from this commit on for everybody who has it, as by a receipt.

    An answer that its row does not take says nothing of an address either: another attempt has had the last word.
    """
    dead = {one.message: (one, one.dead) for one in answers if one.dead is not None}
    rows = _locked(session, [sending for _, sending in dead.values()]) if dead else {}
    raised = record_all(session, answers, now)
    for message, row in rows.items():
        if message in raised:
            _tell(session, row, *dead[message], now, real_now)
    return raised


def _locked(session: Session, dead: Sequence[Sending]) -> Mapping[str, Any]:
    """The rows of sends, as they are; the persons who have their addresses are locked, and the homes of those."""
    wanted = sorted(one.message for one in dead)
    rows = session.execute(select(messages).where(messages.c.id.in_(wanted)).order_by(messages.c.id)).all()
    people = {
        person for one in dead for person in whose(session, ADDRESS_OF.get(one.channel, one.channel), one.address)
    }
    people |= {row.person_id for row in rows}
    locked_people(session, sorted(people))
    lock_homes(session, {row.journey_id for row in rows}, people)
    return {row.id: row for row in rows}


def _tell(session: Session, row: Any, answered: Answered, dead: Sending, now: datetime, real_now: datetime) -> None:
    code = str(answered.reason.params.get("error")) if answered.reason else "?"
    attempt = f"{row.id}/{dead.channel}/{row.reserved_at.isoformat()}"
    about = Answer(attempt, row.journey_id, "", dead.channel, row.person_id, dead.address, row.message_class)
    invalidate(session, about, "dead-address", {"message": row.id, "code": code}, now, real_now)
