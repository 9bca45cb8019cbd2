"""What posts and providers said of texts: a history that only grows, of which the last word of each counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.reasons import Reason
from journey.domain.wording import CHANNELS, ApprovalState, Opinion, Opinions, Party
from journey.store import audit
from journey.store.inserting import write_alone
from journey.store.tables import template_approvals

STAMP = select(func.coalesce(func.max(template_approvals.c.seq), 0)).scalar_subquery()
# What may follow what: a repeat says nothing new, and what was approved may be taken back.
_FOLLOWS: Mapping[str, frozenset[str | None]] = {
    "draft": frozenset({None, "draft", "submitted", "approved", "rejected"}),
    "submitted": frozenset({None, "draft", "rejected"}),
    "approved": frozenset({None, "draft", "submitted", "rejected"}),
    "rejected": frozenset({None, "draft", "submitted", "approved"}),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of one version of a text."""

    template: str
    language: str
    text_hash: str
    party: str
    state: ApprovalState
    by: str
    reason: str | None = None
    sign: str | None = None
    code: str | None = None
    params: Mapping[str, str] | None = field(default=None, hash=False)


def say(session: Session, said: Said, now: datetime, actor: str) -> bool:
    """Add what was said; False when it stands so already. Conflict when it cannot follow what stands."""
    write_alone(session, template_approvals)  # readers go by the highest number
    last = last_word(session, said.template, said.language, said.text_hash, said.party)
    was = last.state if last is not None else None
    known = _known_as(said, last)
    if was == said.state.value and (said.state is not ApprovalState.DRAFT or _known_as(None, last) == known):
        return False
    if was not in _FOLLOWS[said.state.value]:
        raise Conflict(Reason("approval-order", {"was": was or "-", "wanted": said.state.value}))
    if said.state is ApprovalState.APPROVED and said.party not in frozenset(Party) and not known["code"]:
        raise InvalidInput((field_error("code", "required"),))
    session.execute(
        insert(template_approvals).values(
            template=said.template, language=said.language, text_hash=said.text_hash, party=said.party,
            state=said.state.value, by=said.by, actor=actor, at=now, reason=said.reason, **known,
        )
    )  # fmt: skip
    detail = {"language": said.language, "party": said.party, "text": said.text_hash} | audit.person(said.by)
    audit.append(session, now, actor, f"template.{said.state.value}", said.template, detail)
    return True


def last_word(session: Session, template: str, language: str, text_hash: str, party: str) -> Row[Any] | None:
    """The newest row of a party on a version; None when it said nothing."""
    table = template_approvals.c
    return session.execute(
        select(template_approvals)
        .where(table.template == template, table.language == language, table.text_hash == text_hash)
        .where(table.party == party)
        .order_by(table.seq.desc())
        .limit(1)
    ).first()


def history(session: Session, template: str) -> Sequence[Row[Any]]:
    """Everything that was said of a template and its variants, the oldest first."""
    table = template_approvals.c
    names = [template, *(f"{template}.{channel}" for channel in CHANNELS)]
    return session.execute(select(template_approvals).where(table.template.in_(names)).order_by(table.seq)).all()


def opinions(session: Session) -> Opinions:
    """The last word of everybody on every version."""
    table = template_approvals.c
    newest = select(func.max(table.seq)).group_by(table.template, table.language, table.text_hash, table.party)
    found: dict[tuple[str, str, str], dict[str, Opinion]] = defaultdict(dict)
    for row in session.execute(select(template_approvals).where(table.seq.in_(newest))):
        found[row.template, row.language, row.text_hash][row.party] = Opinion(row.state, row.code, row.sign, row.params)
    return dict(found)


def _known_as(said: Said | None, last: Row[Any] | None) -> dict[str, Any]:
    """Sign, code and parameters: as told now, else as they stood."""
    stood = {"sign": last.sign, "code": last.code, "params": last.params} if last is not None else {}
    told = {"sign": said.sign, "code": said.code, "params": said.params} if said is not None else {}
    given = {name: value for name, value in told.items() if value is not None}
    return {"sign": "", "code": "", "params": {}} | stood | given
