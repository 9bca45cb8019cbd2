"""Journeys: start one, find them, see what happened and what is ahead, tell facts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from journey.domain.values import JourneyStatus, Stage
from journey.store import audit, entry_queries, keys, queries
from journey.store.entry_queries import forecast_view, timeline_view
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
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, DueBefore, Filter, JourneyName, Limit, due_instant
from starter.bodies import JourneyBody

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])


@router.post("", status_code=201, response_model=JourneyStarted, openapi_extra=bodies.documented(JourneyBody))
async def start_journey(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """Start a journey; 409 names the one that is already there."""
    body = await bodies.read_json(request)

    async def start() -> Response:
        started = await api.doors.start_journey(body)
        events = [event_answer(answer, lang)[0] for answer in started.events]
        journey = started.journey["id"]
        shown = await api.store.read(queries.journey_view, journey)
        return answered({**shown, "events": events}, 201, Location=f"/v1/journeys/{journey}")

    return await once.run(body, start)


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
    cursor: Cursor = None,
) -> Any:
    """Journeys, the latest start first; `q` is part of a unit's code or of an external id."""
    wanted = JourneyFilter(project, stage, status, q, due_instant(due_before))
    return (await api.store.read(queries.list_journeys, wanted, cursor=cursor, limit=limit)).document()


# A name may hold a slash, so what ends in a word of ours stands before what does not.
@router.get("/{journey:path}/timeline", response_model=ListOf[TimelineLine])
async def timeline(
    journey: JourneyName,
    caller: Reader,
    api: Parts,
    lang: Language,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """What happened, oldest first, in words."""
    return (await api.store.read(timeline_view, journey, lang, cursor=cursor, limit=limit)).document()


@router.get("/{journey:path}/forecast", response_model=ListOf[EntryShown])
async def forecast(journey: JourneyName, caller: Reader, api: Parts, lang: Language) -> Any:
    """What is still ahead, by due, and why each date is what it is."""
    return (await api.store.read(forecast_view, journey, lang)).document()


@router.get("/{journey:path}/entries", response_model=ListOf[EntryShown])
async def list_entries(journey: JourneyName, caller: Reader, api: Parts, lang: Language, state: Filter = None) -> Any:
    """Every item, by due: ahead, running and ended; `state` is an outcome such as `unknown`, or an exact state."""
    return (await api.store.read(entry_queries.list_entries, journey, lang, state=state)).document()


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
async def get_journey(journey: JourneyName, caller: Reader, api: Parts) -> Any:
    """One journey; owners are masked without the scope `pii:read`, and reading them is written to the audit log."""
    unmasked = caller.allows(keys.PII)
    found = await api.store.read(queries.journey_view, journey, unmasked=unmasked)
    if unmasked and found["owners"]:
        # Written before anything is shown: nobody reads without a trace.
        await api.store.write(audit.append, await api.clock.now(), caller.id, "owners.read", found["id"])
    return found
