"""The approved answers 统一口径: search, versions, approval, retirement (A309, A408)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from journey.domain.case_values import CaseKind, Category
from journey.domain.clocks import local_date
from journey.store.answers import Wanted
from journey.store.template_queries import DEFAULT_PACK, version_on
from starter import library
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.filters import known_rule
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import Filter, Id
from starter.api.template_answers import AnswerHistory, AnswerShown
from starter.library import AnswerBody, RetireBody, SignBody

router = APIRouter(prefix="/v1/answers", tags=["answers"])
OfPack = Annotated[str, Query(max_length=200, description="The pack, with overlays: cn-residential+zhejiang.")]


@router.get("", response_model=ListOf[AnswerShown])
async def list_answers(
    caller: Reader,
    api: Parts,
    lang: Language,
    q: Filter = None,
    category: Category | None = None,
    kind: CaseKind | None = None,
    rule: Filter = None,
    offered: Annotated[bool, Query(description="Only those that may be given today.")] = False,
    pack: OfPack = DEFAULT_PACK,
) -> Any:
    """Answers by id; `q` are words that their topic or text has."""
    now = await api.clock.now()
    version = await api.store.read(version_on, api.shelf, pack, now)
    today = local_date(now, version.pack.zone) if offered else None
    wanted = Wanted(q or "", category, known_rule(rule), kind, today)
    return {"data": await library.search(api.store, api.shelf, pack, wanted, now, lang), "next_cursor": None}


@router.post("", response_model=AnswerHistory, status_code=201, openapi_extra=bodies.documented(AnswerBody))
async def add_answer(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """A new answer, or a new version of one: a draft until every post has approved it."""
    body = await bodies.read_json(request)

    async def keep() -> Response:
        now = await api.clock.now()
        return answered(await library.add(api.store, api.shelf, body, now, caller.id, lang), 201)

    return await once.run(body, keep)


@router.get("/{answer}", response_model=AnswerHistory)
async def get_answer(answer: Id, caller: Reader, api: Parts, lang: Language, pack: OfPack = DEFAULT_PACK) -> Any:
    """One answer with its history."""
    return await library.view(api.store, api.shelf, answer, pack, await api.clock.now(), lang)


@router.post("/{answer}/approve", response_model=AnswerHistory, openapi_extra=bodies.documented(SignBody))
async def approve_answer(
    answer: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """A post approves the newest version."""
    body = await bodies.read_json(request)

    async def keep() -> Response:
        now = await api.clock.now()
        return answered(await library.approve(api.store, api.shelf, answer, body, now, caller.id, lang))

    return await once.run(body, keep)


@router.post("/{answer}/retire", response_model=AnswerHistory, openapi_extra=bodies.documented(RetireBody))
async def retire_answer(
    answer: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Offer an answer no more."""
    body = await bodies.read_json(request)

    async def keep() -> Response:
        now = await api.clock.now()
        return answered(await library.retire(api.store, api.shelf, answer, body, now, caller.id, lang))

    return await once.run(body, keep)
