"""Journeys: start one, find them, see what happened and what is ahead, tell facts."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from journey.domain.values import JourneyStatus, Stage
from journey.store import audit, case_queries, entry_queries, keys, queries, reach_queries, work_queries
from journey.store.entry_queries import forecast_view, timeline_view
from journey.store.explaining import explain_item
from journey.store.keys import ApiKey
from journey.store.lives import life_view
from journey.store.queries import JourneyFilter
from starter.api import bodies
from starter.api.answers import (
    EntryShown,
    EventAnswer,
    JourneyRow,
    JourneyShown,
    JourneyStarted,
    ListOf,
    TimelineLine,
    event_answer,
)
from starter.api.auth import Reader, Writer, require
from starter.api.case_answers import CaseShown
from starter.api.context import Api, Parts
from starter.api.filters import STATES, known_owner, known_places
from starter.api.language import Lang, Language
from starter.api.once import REPLAYED, OnlyOnce, answered
from starter.api.parameters import (
    DEFAULT_LIMIT,
    Cursor,
    DueBefore,
    Filter,
    ItemName,
    JourneyName,
    Limit,
    due_instant,
    one_of,
)
from starter.api.preview_answers import EventPreview
from starter.api.views import ExplanationShown, LifeShown
from starter.bodies import JourneyBody
from starter.telling_ahead import preview_journey

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])


@router.post("", status_code=201, response_model=JourneyStarted, openapi_extra=bodies.documented(JourneyBody))
async def start_journey(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """Start a journey; 409 names the one that is already there. Owners are masked as where it is read."""
    body = await bodies.read_json(request)

    async def start() -> Response:
        started = await api.doors.start_journey(body)
        journey = started.journey["id"]
        shown = await _shown(api, journey, lang)
        warnings = [{**one.document(), "text": one.text(lang)} for one in started.warnings]
        return answered(shown | {"warnings": warnings}, 201, Location=f"/v1/journeys/{journey}")

    kept = await once.run(body, start)  # without names, whoever repeats it
    if not caller.allows(keys.PII):
        return kept
    shown = await _unmasked(api, caller, json.loads(bytes(kept.body)))
    headers = {name: value for name, value in kept.headers.items() if name in ("location", REPLAYED.lower())}
    return JSONResponse(shown, kept.status_code, headers)


@router.get("", response_model=ListOf[JourneyRow])
async def list_journeys(
    caller: Reader,
    api: Parts,
    project: Filter = None,
    stage: Stage | None = None,
    status: JourneyStatus | None = None,
    q: Filter = None,
    due_before: DueBefore = None,
    limit: Limit = DEFAULT_LIMIT,
    batch: Filter = None,
    building: Filter = None,
    owner: Filter = None,
    overdue: bool | None = None,
    cursor: Cursor = None,
) -> Any:
    """Journeys, the latest start first; `q` is part of a unit's code or of an external id, `owner` a ref of an owner.

    `overdue=true` keeps homes with late tasks.
    """
    await known_places(api, project, batch)
    person = await known_owner(api, owner)
    wanted = JourneyFilter(
        project, stage, status, q, due_instant(due_before), batch, building=building, person=person, overdue=overdue
    )
    return (await api.store.read(queries.list_journeys, wanted, cursor=cursor, limit=limit)).document()


# A name may hold a slash, so what ends in a word of ours stands before what does not.
@router.get("/{journey:path}/timeline", response_model=ListOf[TimelineLine])
async def timeline(
    journey: JourneyName,
    caller: Reader,
    api: Parts,
    lang: Language,
    kind: Literal["facts", "items", "messages"] | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """What happened, oldest first, in words; `kind` shows what was told, what became of items, or what went out."""
    return (await api.store.read(timeline_view, journey, lang, kind=kind, cursor=cursor, limit=limit)).document()


@router.get("/{journey:path}/forecast", response_model=ListOf[EntryShown])
async def forecast(journey: JourneyName, caller: Reader, api: Parts, lang: Language) -> Any:
    """What is still ahead, by due, and why each date is what it is.

    `outlook` is `suppressed`, with its `reason`, for what will not go as things stand: no consent, bereavement.
    """
    now = await api.clock.now()
    return (await api.store.read(forecast_view, journey, now, lang, shelf=api.shelf)).document()


@router.get("/{journey:path}/cases", response_model=ListOf[CaseShown])
async def list_cases(
    journey: JourneyName,
    caller: Reader,
    api: Parts,
    lang: Language,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Repairs and complaints of a home's owner, the last reported first."""
    wanted = case_queries.CaseFilter(journey=journey)
    return (await api.store.read(case_queries.list_cases, wanted, lang, cursor=cursor, limit=limit)).document()


@router.get("/{journey:path}/explain", response_model=ExplanationShown)
async def explain(
    journey: JourneyName,
    caller: Reader,
    api: Parts,
    lang: Language,
    item: ItemName,
    occurrence: Filter = None,
) -> Any:
    """Why an item is as it is: rule, dates, waits, decisions, what happened, what would change it.

    `asked` is false, with the nearest keys, for one that no rule ever asked for.
    """
    now = await api.clock.now()
    return await api.store.read(explain_item, journey, item, now, lang, shelf=api.shelf, occurrence=occurrence)


@router.get("/{journey:path}/life", response_model=LifeShown)
async def get_life(
    journey: JourneyName,
    caller: Reader,
    api: Parts,
    lang: Language,
    names: Annotated[bool, Query(description="Owners' names as they are; needs the scope `pii:read`.")] = False,
) -> Any:
    """One whole life as it is drawn: stages, facts, items, covers; owners are masked unless `names` asks otherwise."""
    now = await api.clock.now()
    if names:
        require(caller, keys.PII)
    found = await api.store.read(life_view, journey, now, lang, shelf=api.shelf, unmasked=names)
    if names:
        # Written before anything is shown: nobody reads without a trace.
        await api.store.write(audit.append, now, caller.id, "owners.read", found["id"])
    return {**found, "no_valid_contact": await api.store.read(reach_queries.is_unreachable, found["id"])}


@router.get("/{journey:path}/entries", response_model=ListOf[EntryShown])
async def list_entries(journey: JourneyName, caller: Reader, api: Parts, lang: Language, state: Filter = None) -> Any:
    """Every item, by due: ahead, running and ended; `state` is an outcome such as `unknown`, or an exact state."""
    wanted = one_of("state", state, STATES)
    return (await api.store.read(entry_queries.list_entries, journey, lang, state=wanted)).document()


@router.post("/{journey:path}/preview", response_model=EventPreview, openapi_extra=bodies.documented(bodies.NewEvent))
async def preview_event(journey: JourneyName, request: Request, caller: Reader, api: Parts, lang: Language) -> Any:
    """What a fact would do before it is told: its verdict, what moves, what goes out next; nothing is written."""
    body = await bodies.read_json(request)
    return await preview_journey(api.store, api.shelf, journey, body, await api.clock.now(), lang)


@router.post("/{journey:path}/events", response_model=EventAnswer, openapi_extra=bodies.documented(bodies.NewEvent))
async def tell_journey(
    journey: JourneyName, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Tell a fact; the same `id` of the same `source` twice changes nothing, with another body it is a 409."""
    body = await bodies.read_json(request)

    async def tell() -> Response:
        document, status = event_answer(await api.doors.tell_journey(journey, body), lang)
        return answered(document, status)

    return await once.run(body, tell)


@router.get("/{journey:path}", response_model=JourneyShown)
async def get_journey(journey: JourneyName, caller: Reader, api: Parts, lang: Language) -> Any:
    """One journey; owners are masked without the scope `pii:read`, and reading them is written to the audit log."""
    shown = await _shown(api, journey, lang)
    return await _unmasked(api, caller, shown) if caller.allows(keys.PII) else shown


async def _shown(api: Api, journey: str, lang: Lang) -> dict[str, Any]:
    """A journey as those see it who may not read names."""
    now = await api.clock.now()

    def read(session: Session) -> dict[str, Any]:
        found = queries.journey_view(session, journey, now=now)
        return {
            **found,
            "no_valid_contact": reach_queries.is_unreachable(session, found["id"]),
            "events": work_queries.started_with(session, found["id"], lang),
        }

    return await api.store.read(read)


async def _unmasked(api: Api, caller: ApiKey, shown: dict[str, Any]) -> dict[str, Any]:
    """The same with its owners as they are."""
    if not shown["owners"]:
        return shown
    # Written before anything is shown: nobody reads without a trace.
    await api.store.write(audit.append, await api.clock.now(), caller.id, "owners.read", shown["id"])
    return {**shown, "owners": await api.store.read(queries.owners_view, shown["id"], unmasked=True)}
