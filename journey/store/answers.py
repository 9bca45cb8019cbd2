"""Approved answers 统一口径: a pack's own, and the store's in versions that are only added (A309, A408)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.reasons import Reason
from journey.domain.wording import AnswerText, Party
from journey.store import audit
from journey.store.inserting import write_alone
from journey.store.queries import shown
from journey.store.tables import answer_versions

DRAFT, APPROVED, RETIRED = "draft", "approved", "retired"
OF_PACK: Final = "pack"
OF_STORE: Final = "store"
_NEEDED: Final = (Party.LEGAL,)  # who approves an answer that names nobody


@dataclass(frozen=True, slots=True)
class Answer:
    """One version of an answer, and how it stands."""

    id: str
    text: AnswerText
    version: int
    state: str
    origin: str
    approved_by: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def document(self, lang: str) -> dict[str, Any]:
        """As it is shown."""
        text = self.text
        return {
            "id": self.id, "version": self.version, "state": self.state, "topic": text.topic.said(lang),
            "text": text.text.said(lang), "texts": {"zh": text.text.zh, "en": text.text.en},
            "approved_by": list(self.approved_by), "lacks": list(self.lacks),
            "categories": [each.value for each in text.categories], "kinds": [each.value for each in text.kinds],
            "rules": list(text.rules), "valid_from": text.valid_from.isoformat() if text.valid_from else None,
            "valid_until": text.valid_until.isoformat() if text.valid_until else None, "source": text.source,
            "origin": self.origin,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which answers a list shows; `offered` leaves only those that may be given on a day."""

    q: str = ""
    category: str | None = None
    rule: str | None = None
    kind: str | None = None
    offered: date | None = None


@dataclass(slots=True)
class _Version:
    """The rows of one version, folded."""

    text: AnswerText
    approved: list[str] = field(default_factory=list)
    retired: bool = False

    def needed(self) -> list[str]:
        return [party.value for party in self.text.approvals or _NEEDED]


def every(session: Session, of_pack: Mapping[str, AnswerText]) -> list[Answer]:
    """Every answer once, by id: the version that may be given where there is one, else the newest."""
    folded = _folded(session.execute(select(answer_versions).order_by(answer_versions.c.seq)).all())
    found = [_standing(ident, folded.get(ident, {}), of_pack.get(ident)) for ident in {*of_pack, *folded}]
    return sorted(found, key=lambda answer: answer.id)


def search(session: Session, of_pack: Mapping[str, AnswerText], wanted: Wanted) -> list[Answer]:
    """The answers that fit what is wanted."""
    return [answer for answer in every(session, of_pack) if _fits(answer, wanted)]


def for_task(
    session: Session, of_pack: Mapping[str, AnswerText], rule: str, kind: str | None, category: str | None, day: date
) -> list[Answer]:
    """What may be said about a task: approved, valid on the day, and about its rule or its case."""
    return [
        answer
        for answer in every(session, of_pack)
        if answer.state == APPROVED and answer.text.holds_on(day) and answer.text.fits(rule, kind, category)
    ]


def answer_view(
    session: Session, of_pack: Mapping[str, AnswerText], ident: str, lang: str, zone: str
) -> dict[str, Any]:
    """One answer with its history; NotFound."""
    found = _named(session, of_pack, ident)
    return {**found.document(lang), "history": [_line(row, lang, zone) for row in _rows(session, ident)]}


def add(
    session: Session, of_pack: Mapping[str, AnswerText], ident: str, text: AnswerText, *, by: str, now: datetime,
    actor: str,
) -> int:  # fmt: skip
    """A new version of an answer, a draft until it is approved; its number. The one before goes on meanwhile."""
    write_alone(session, answer_versions)
    rows = _rows(session, ident)
    before = max([row.version for row in rows] + ([of_pack[ident].version] if ident in of_pack else [0]))
    newest = next((row for row in reversed(rows) if row.version == before), None)
    if newest is not None and _same(newest.document, text):
        return int(before)
    _add(session, ident, before + 1, DRAFT, text, by=by, now=now, actor=actor)
    return int(before + 1)


def approve(
    session: Session, of_pack: Mapping[str, AnswerText], ident: str, party: Party, *, by: str, now: datetime, actor: str
) -> bool:  # fmt: skip
    """A post's approval of the newest version; False when it gave it before. Conflict for one retired or a pack's."""
    write_alone(session, answer_versions)
    newest, version = _newest(session, of_pack, ident)
    if version.retired:
        raise Conflict(Reason("approval-order", {"was": RETIRED, "wanted": APPROVED}))
    if party.value not in version.needed():
        raise InvalidInput((field_error("party", "unknown-value", allowed=", ".join(version.needed())),))
    if party.value in version.approved:
        return False
    _add(session, ident, newest, APPROVED, version.text, by=by, now=now, actor=actor, party=party.value)
    return True


def retire(
    session: Session, of_pack: Mapping[str, AnswerText], ident: str, *, by: str, reason: str, now: datetime, actor: str
) -> bool:  # fmt: skip
    """Offer an answer no more, in no version; False when it is retired already."""
    write_alone(session, answer_versions)
    found = _named(session, of_pack, ident)
    if found.state == RETIRED:
        return False
    rows = _rows(session, ident)
    newest = max([row.version for row in rows] + ([of_pack[ident].version] if ident in of_pack else [0]))
    _add(session, ident, newest, RETIRED, found.text, by=by, now=now, actor=actor, reason=reason)
    return True


def _add(
    session: Session, ident: str, version: int, state: str, text: AnswerText, *, by: str, now: datetime, actor: str,
    party: str | None = None, reason: str | None = None,
) -> None:  # fmt: skip
    session.execute(
        insert(answer_versions).values(
            answer=ident, version=version, state=state, party=party, document=text.model_dump(mode="json"), by=by,
            actor=actor, at=now, reason=reason,
        )
    )  # fmt: skip
    detail = {"version": version} | ({"party": party} if party else {}) | audit.person(by)
    audit.append(session, now, actor, f"answer.{state}", ident, detail)


def _rows(session: Session, ident: str) -> Sequence[Row[Any]]:
    mine = select(answer_versions).where(answer_versions.c.answer == ident).order_by(answer_versions.c.seq)
    return session.execute(mine).all()


def _folded(rows: Iterable[Row[Any]]) -> dict[str, dict[int, _Version]]:
    """Versions by answer. Retiring ends every version up to its own; what is added later begins anew."""
    found: dict[str, dict[int, _Version]] = {}
    for row in rows:
        versions = found.setdefault(row.answer, {})
        version = versions.setdefault(row.version, _Version(AnswerText.model_validate(row.document)))
        if row.state == APPROVED:
            version.approved.append(str(row.party))
        if row.state == RETIRED:
            for one in versions.values():
                one.retired = True
    return found


def _standing(ident: str, versions: Mapping[int, _Version], of_pack: AnswerText | None) -> Answer:
    """The newest version that is approved; a pack's own counts as one. Without any, the newest as it stands."""
    retired_at = max((number for number, one in versions.items() if one.retired), default=-1)
    approved = [
        number for number, one in versions.items() if not one.retired and set(one.needed()) <= set(one.approved)
    ]
    best = max(approved, default=None)
    if of_pack is not None and of_pack.version > max(retired_at, best or 0):
        signed = tuple(party.value for party in of_pack.approved_by)
        return Answer(ident, of_pack, of_pack.version, APPROVED, OF_PACK, signed)
    if best is not None:
        return Answer(ident, versions[best].text, best, APPROVED, OF_STORE, tuple(versions[best].approved))
    newest = max(versions)
    one = versions[newest]
    lacks = tuple(party for party in one.needed() if party not in one.approved)
    state = RETIRED if one.retired else DRAFT
    return Answer(ident, one.text, newest, state, OF_STORE, tuple(one.approved), () if one.retired else lacks)


def _named(session: Session, of_pack: Mapping[str, AnswerText], ident: str) -> Answer:
    folded = _folded(_rows(session, ident))
    if ident not in folded and ident not in of_pack:
        raise NotFound(Reason("no-such-answer"))
    return _standing(ident, folded.get(ident, {}), of_pack.get(ident))


def _newest(session: Session, of_pack: Mapping[str, AnswerText], ident: str) -> tuple[int, _Version]:
    """The newest version in the store; NotFound for an unknown answer, Conflict for one that only the pack has."""
    versions = _folded(_rows(session, ident)).get(ident, {})
    if not versions:
        if ident not in of_pack:
            raise NotFound(Reason("no-such-answer"))
        raise Conflict(Reason("approval-order", {"was": APPROVED, "wanted": APPROVED}))
    newest = max(versions)
    return newest, versions[newest]


def _fits(answer: Answer, wanted: Wanted) -> bool:
    text = answer.text
    if wanted.offered is not None and not (answer.state == APPROVED and text.holds_on(wanted.offered)):
        return False
    if wanted.category is not None and wanted.category not in text.categories:
        return False
    if wanted.kind is not None and wanted.kind not in text.kinds:
        return False
    if wanted.rule is not None and wanted.rule not in text.rules:
        return False
    words = f"{answer.id} {text.topic.zh} {text.topic.en} {text.text.zh} {text.text.en}".casefold()
    return all(word in words for word in wanted.q.casefold().split())


def _same(document: Mapping[str, Any], text: AnswerText) -> bool:
    return AnswerText.model_validate(document) == text


def _line(row: Row[Any], lang: str, zone: str) -> dict[str, Any]:
    text = AnswerText.model_validate(row.document)
    return {
        "version": row.version, "state": row.state, "party": row.party, "by": row.by, "at": shown(row.at, zone),
        "reason": row.reason, "text": text.text.said(lang),
    }  # fmt: skip
