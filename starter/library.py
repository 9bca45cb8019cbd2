"""The approved answers 统一口径 over REST and CLI: search, add a version, approve, retire; and those beside a task."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.case_values import CaseKind, Category
from journey.domain.clocks import local_date
from journey.domain.errors import InvalidInput, NotFound, field_error
from journey.domain.rules import RULES
from journey.domain.wording import AnswerText, Party, Words
from journey.store import answers
from journey.store.answers import Wanted
from journey.store.engine import Store
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import cases, entries, projects, tasks
from journey.store.template_queries import DEFAULT_PACK, version_on
from starter.bodies import Body, Line, read_body
from starter.orders import Words as Text

Many = Annotated[list[Line], Field(max_length=50)]


class AnswerBody(Body):
    """A new version of an answer, in both languages; `approvals` are the posts that must approve it (default legal)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$")]
    topic_zh: Line
    topic_en: Line
    text_zh: Text
    text_en: Text
    categories: list[Category] = Field(default_factory=list, max_length=20)
    kinds: list[CaseKind] = Field(default_factory=list, max_length=10)
    rules: Many = Field(default_factory=list)
    approvals: list[Party] = Field(default_factory=list, max_length=5)
    valid_from: date | None = None
    valid_until: date | None = None
    source: Line | None = None
    by: Line
    pack: Line = DEFAULT_PACK


class SignBody(Body):
    """Which post approves the newest version."""

    party: Party
    by: Line
    pack: Line = DEFAULT_PACK


class RetireBody(Body):
    """Why an answer is offered no more."""

    reason: Text
    by: Line
    pack: Line = DEFAULT_PACK


async def search(
    store: Store, shelf: Shelf, pack: str, wanted: Wanted, now: datetime, lang: str
) -> list[dict[str, Any]]:
    """The answers that fit, by id."""
    found = await store.read(_search, shelf, pack, wanted, now)
    return [each.document(lang) for each in found]


def _search(session: Session, shelf: Shelf, pack: str, wanted: Wanted, now: datetime) -> list[answers.Answer]:
    return answers.search(session, _of_pack(session, shelf, pack, now), wanted)


async def view(store: Store, shelf: Shelf, ident: str, pack: str, now: datetime, lang: str) -> dict[str, Any]:
    """One answer with its history; NotFound."""
    return await store.read(_view, shelf, ident, pack, now, lang)


def _view(session: Session, shelf: Shelf, ident: str, pack: str, now: datetime, lang: str) -> dict[str, Any]:
    version = version_on(session, shelf, pack, now)
    return answers.answer_view(session, shelf.texts.answers(version.hash), ident, lang, version.pack.zone)


async def add(store: Store, shelf: Shelf, body: Any, now: datetime, actor: str, lang: str) -> dict[str, Any]:
    """A new version, a draft; the answer as it stands."""
    told = read_body(AnswerBody, body)
    text = _text(told)

    def write(session: Session) -> dict[str, Any]:
        of_pack = _of_pack(session, shelf, told.pack, now)
        number = answers.add(session, of_pack, told.id, text, by=told.by, now=now, actor=actor)
        return {**_view(session, shelf, told.id, told.pack, now, lang), "added": number}

    return await store.write(write)


async def approve(
    store: Store, shelf: Shelf, ident: str, body: Any, now: datetime, actor: str, lang: str
) -> dict[str, Any]:
    """A post's approval of the newest version; the answer as it stands."""
    told = read_body(SignBody, body)

    def write(session: Session) -> dict[str, Any]:
        of_pack = _of_pack(session, shelf, told.pack, now)
        answers.approve(session, of_pack, ident, told.party, by=told.by, now=now, actor=actor)
        return _view(session, shelf, ident, told.pack, now, lang)

    return await store.write(write)


async def retire(
    store: Store, shelf: Shelf, ident: str, body: Any, now: datetime, actor: str, lang: str
) -> dict[str, Any]:
    """Offer it no more; the answer as it stands."""
    told = read_body(RetireBody, body)

    def write(session: Session) -> dict[str, Any]:
        of_pack = _of_pack(session, shelf, told.pack, now)
        answers.retire(session, of_pack, ident, by=told.by, reason=told.reason, now=now, actor=actor)
        return _view(session, shelf, ident, told.pack, now, lang)

    return await store.write(write)


def beside(session: Session, shelf: Shelf, task: str, now: datetime, lang: str) -> list[dict[str, Any]]:
    """What may be said about a task now: approved and valid answers about its rule, or about its case."""
    row = session.execute(
        select(tasks.c.rule, tasks.c.key, tasks.c.journey_id, projects.c.pack, projects.c.overlays, projects.c.zone)
        .join(projects, projects.c.id == tasks.c.project_id)
        .where(tasks.c.id == task)
    ).first()
    if row is None:
        return []
    try:
        of_pack = _of_pack(session, shelf, shelf_name(row.pack, row.overlays), now)
    except NotFound:  # the project's pack is not published here
        of_pack = {}
    case = _case(session, row)
    kind, category = (case.kind, case.document.get("category")) if case is not None else (None, None)
    today = local_date(now, row.zone)
    return [each.document(lang) for each in answers.for_task(session, of_pack, row.rule, kind, category, today)]


def _case(session: Session, row: Any) -> Any:
    """The case that a task serves."""
    if row.journey_id is None:
        return None
    item = session.execute(
        select(entries.c.item).where(entries.c.scope_id == row.journey_id, entries.c.key == row.key)
    ).scalar()
    case = (item or {}).get("params", {}).get("case")
    return session.execute(select(cases.c.kind, cases.c.document).where(cases.c.id == case)).first() if case else None


def _of_pack(session: Session, shelf: Shelf, pack: str, now: datetime) -> Mapping[str, AnswerText]:
    return shelf.texts.answers(version_on(session, shelf, pack, now).hash)


def _text(told: AnswerBody) -> AnswerText:
    """The answer of a body; InvalidInput for an unknown rule, or an end before its beginning."""
    if [rule for rule in told.rules if rule not in RULES]:
        raise InvalidInput((field_error("rules", "unknown-value", allowed="journey rules"),))
    try:
        return AnswerText(
            topic=Words(zh=told.topic_zh, en=told.topic_en),
            text=Words(zh=told.text_zh, en=told.text_en),
            categories=tuple(told.categories),
            kinds=tuple(told.kinds),
            rules=tuple(told.rules),
            approvals=tuple(told.approvals),
            valid_from=told.valid_from,
            valid_until=told.valid_until,
            source=told.source or "",
        )
    except ValidationError:
        after = told.valid_from.isoformat() if told.valid_from else ""
        raise InvalidInput((field_error("valid_until", "wrong-order", after=after),)) from None
