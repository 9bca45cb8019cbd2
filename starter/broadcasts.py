"""Broadcasts that a person asks for: from what he says to the row, or to what it would do."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastState
from journey.domain.clocks import local_date
from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.reasons import Reason
from journey.domain.rules import NOTICE
from journey.domain.values import MessageClass, Stage
from journey.policies import filled
from journey.store import audit, broadcast_forecast, broadcast_review, broadcasts, registry
from journey.store.broadcasts import WORDS, NewBroadcast
from journey.store.engine import Store
from journey.store.keys import ApiKey
from journey.store.shelf import Shelf, shelf_name
from starter.bodies import Body, Code, Line, read_body
from starter.broadcast_texts import check_text, check_words

LONGEST: Final = 30
MOST_RATE: Final = 10_000
RECIPIENTS: Final = (
    ("person", "业主编号", "person"), ("name", "姓名", "name"), ("unit", "房号", "unit"),
    ("channel", "渠道", "channel"), ("address", "联系方式", "address"), ("outcome", "结果", "outcome"),
    ("text", "原因", "reason"), ("at", "时间", "at"), ("until", "延至", "until"),
    ("tried", "曾退回", "came back by"),
)  # fmt: skip


Post = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x09\x0b-\x1f]*$")
]


class NoticeWords(Body):
    """What an editorial post says; whoever reads English gets the Chinese where there is nothing else."""

    zh: Post
    en: Post | None = None


class BroadcastBody(Body):
    """A text of the project's pack for its owners, or for some of them; or a post in `words` of one's own, which is a
    draft until a second person lets it go. The same `id` again is the same broadcast.

    `days` is how long those who are held may still get it, `rate` how many messages go a second at most.
    """

    project: Code
    template: Line | None = None
    words: NoticeWords | None = None
    class_: Literal["contract", "care", "marketing"] = Field(alias="class")
    building: Code | None = None
    batch: Code | None = None
    stages: list[Stage] = Field(default_factory=list, max_length=10)
    tags: list[Line] = Field(default_factory=list, max_length=20)
    days: int = Field(3, ge=1, le=LONGEST)
    rate: int | None = Field(None, ge=1, le=MOST_RATE)
    by: Line | None = None
    id: Line | None = None


async def start(store: Store, shelf: Shelf, body: Any, now: datetime, caller: ApiKey) -> dict[str, Any]:
    """Open the broadcast of a body. To many, as marketing and in words of its own it is a draft that a second person
    lets go.

    The same body under its `id` is the same broadcast; Conflict for another body.
    """
    told = read_body(BroadcastBody, body)
    new, recipients = await store.read(_counted, told, shelf, now, caller)
    return await store.write(_open, told, new, recipients, shelf, now, caller)


def _counted(
    session: Session, told: BroadcastBody, shelf: Shelf, now: datetime, caller: ApiKey
) -> tuple[NewBroadcast, int]:
    """What is asked for, and how many it is for."""
    new = _asked(session, told, shelf, now, caller.name)
    return replace(new, author=caller.id, rate=told.rate), broadcast_review.recipients_of(session, new, now)


def _open(
    session: Session,
    told: BroadcastBody,
    new: NewBroadcast,
    recipients: int,
    shelf: Shelf,
    now: datetime,
    caller: ApiKey,
) -> dict[str, Any]:
    control = broadcast_review.control_of(session, new.project, shelf, now)
    if told.words is not None or broadcast_review.needs_approval(new, recipients, control):
        new = replace(new, state=BroadcastState.DRAFT)
    broadcast, opened = broadcasts.open_broadcast(session, new, now)
    if opened:
        action = "drafted" if new.state is BroadcastState.DRAFT else "opened"
        detail = {"template": new.params["template"], "recipients": recipients} | audit.person(told.by)
        audit.append(session, now, caller.id, f"broadcast.{action}", broadcast, detail)
    elif not broadcasts.asks_same(session, broadcast, new):
        raise Conflict(Reason("told-otherwise", {"id": new.occurrence}), existing=broadcast)
    return {"id": broadcast, "opened": opened, "state": broadcasts.state_of(session, broadcast)}


async def preview(store: Store, shelf: Shelf, body: Any, now: datetime, lang: str) -> dict[str, Any]:
    """What the broadcast of a body would do now, and cost; nothing is written, read page by page."""
    told = read_body(BroadcastBody, body)
    new = await store.read(_asked, told, shelf, now, "")
    return await _foreseen(store, shelf, new, now, lang)


async def review(
    store: Store, shelf: Shelf, broadcast: str, now: datetime, caller: ApiKey, lang: str
) -> dict[str, Any]:
    """What a second person is to see of a draft; its `seen` goes with his approval. Who looked is audited."""
    draft = await store.read(broadcast_review.draft_of, broadcast, shelf, now)
    found = await _foreseen(store, shelf, broadcast_review.asked_of(draft.row), now, lang)
    shown = {"id": broadcast, "state": draft.row.state, "class": draft.row.message_class, "seen": draft.seen.pin}
    await store.write(audit.append, now, caller.id, "broadcast.reviewed", broadcast, draft.seen.document())
    return {**shown, "asked_by": draft.row.asked_by, **found}


async def _foreseen(store: Store, shelf: Shelf, new: NewBroadcast, now: datetime, lang: str) -> dict[str, Any]:
    found = await store.read(broadcast_forecast.begin_forecast, new, shelf, now, filled)
    while found.more:
        found = await store.read(broadcast_forecast.look_at_page, new, found, now, shelf=shelf, fill=filled)
    return found.document(lang)


def _asked(session: Session, told: BroadcastBody, shelf: Shelf, now: datetime, by: str) -> NewBroadcast:
    """The broadcast that is asked for; NotFound for an unknown project, InvalidInput for what cannot go out there."""
    project = registry.project_row(session, told.project)
    history = shelf.history(session, shelf_name(project.pack, project.overlays))
    version = history.on(local_date(now, project.zone))
    params = _said(told, shelf, version.hash)
    check_text(shelf, version.hash, version.pack.language, params["template"], MessageClass(told.class_))
    if told.building is not None and told.batch is not None:
        raise InvalidInput((field_error("batch", "unknown-field"),))
    _refuse_nowhere(session, told, project.id)
    places = {"building": told.building, "batch": told.batch}
    return NewBroadcast(
        project=project.id,
        rule=NOTICE,
        subject=project.id,
        occurrence=told.id or uuid4().hex,
        message_class=MessageClass(told.class_),
        due=now,
        expires=now + timedelta(days=told.days),
        scope={kind: name for kind, name in places.items() if name is not None},
        stages=[stage.value for stage in told.stages],
        tags=told.tags,
        params=params,
        asked_by=told.by or by,
    )


def _said(told: BroadcastBody, shelf: Shelf, pack_hash: str) -> dict[str, Any]:
    """The text that is asked for, and what it is filled with; InvalidInput for neither a text nor words."""
    if told.words is None:
        if told.template in (None, NOTICE):
            raise InvalidInput((field_error("words" if told.template else "template", "required"),))
        return {"template": told.template}
    words = told.words.model_dump(exclude_none=True)
    check_words(shelf, pack_hash, words, told.template, MessageClass(told.class_))
    return {"template": NOTICE, WORDS: words}


def _refuse_nowhere(session: Session, told: BroadcastBody, project: str) -> None:
    """InvalidInput for a building without a home, or a batch, that the project does not have: it would reach nobody."""
    for name, wanted in (("building", told.building), ("batch", told.batch)):
        known = broadcasts.places_of(session, project, name) if wanted is not None else []
        if wanted is not None and wanted not in known:
            raise InvalidInput((field_error(name, "unknown-value", allowed=", ".join(known) or "—"),))
