"""Persons: their homes, household, consents and contacts, and who turned out to be the same. Reads are audited."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from journey.store import audit, keys, owner_inbox, person_queries
from starter.api import bodies
from starter.api.answers import EventAnswer, ListOf, event_answer
from starter.api.auth import Reader, Writer, require
from starter.api.context import Parts
from starter.api.filters import known_places
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Id, Limit
from starter.api.people_answers import Erased, InboxShown, PersonRow, PersonShown, ReadShown, RetentionReport
from starter.bodies import read_body
from starter.erasing import EraseBody, RetentionBody, erase_person, log_of, retain
from starter.letters import erase_paper
from starter.people import ConsentBody, ContactBody, MergeBody, consent_event, contact_event

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get("", response_model=ListOf[PersonRow])
async def list_people(
    caller: Reader, api: Parts, q: Filter = None, project: Filter = None, limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:  # fmt: skip
    """Persons, masked; `q` is part of a ref."""
    await known_places(api, project)
    found = await api.store.read(person_queries.list_people, q=q, project=project, cursor=cursor, limit=limit)
    return found.document()


@router.get("/{ref}", response_model=PersonShown)
async def get_person(ref: Id, caller: Reader, api: Parts) -> Any:
    """One person, by the ref or a former one; masked without the scope `pii:read`."""
    unmasked = caller.allows(keys.PII)
    found = await api.store.read(person_queries.person_view, ref, unmasked=unmasked)
    # Written before anything is shown: nobody reads without a trace.
    detail = {"unmasked": unmasked}
    await api.store.write(audit.append, await api.clock.now(), caller.id, "person.read", found["id"], detail)
    return found


@router.post("/{ref}/consents", response_model=EventAnswer, openapi_extra=bodies.documented(ConsentBody))
async def tell_consent(
    ref: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """A consent given or withdrawn; it holds for every home of the person."""
    body = await bodies.read_json(request)

    async def tell() -> Response:
        read = read_body(ConsentBody, body)
        event = consent_event(ref, read, await api.clock.now(), caller.id, f"consent-{uuid4().hex}")
        journey = await api.store.read(person_queries.latest_journey, ref)
        return await _told(api, journey, ref, event, body, lang)

    return await once.run(body, tell)


@router.post("/{ref}/contacts", response_model=EventAnswer, openapi_extra=bodies.documented(ContactBody))
async def tell_contact(
    ref: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """An address that is new, verified or invalid."""
    body = await bodies.read_json(request)

    async def tell() -> Response:
        read = read_body(ContactBody, body)
        event = contact_event(ref, read, await api.clock.now(), caller.id, f"contact-{uuid4().hex}")
        journey = await api.store.read(person_queries.home_of_contact, ref, read.channel)
        return await _told(api, journey, ref, event, body, lang)

    return await once.run(body, tell)


@router.post("/{ref}/merge", response_model=PersonShown, openapi_extra=bodies.documented(MergeBody))
async def merge_person(ref: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Make another ref an alias of this person; there is no way back. Nothing that went to one goes to the other."""
    body = await bodies.read_json(request)

    async def merge() -> Response:
        await api.doors.merge_persons(ref, body, actor=caller.id)
        return answered(await api.store.read(person_queries.person_view, ref))

    return await once.run(body, merge)


@router.get("/{ref}/inbox", response_model=ListOf[InboxShown])
async def list_inbox(
    ref: Id, caller: Reader, api: Parts, unread: bool = False, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """What lies in a person's inbox, the latest first; the texts only with the scope `pii:read`."""
    unmasked = caller.allows(keys.PII)
    found = await api.store.read(
        owner_inbox.list_inbox, ref, unread=unread, unmasked=unmasked, cursor=cursor, limit=limit
    )
    person = await api.store.read(person_queries.person_id, ref)
    await api.store.write(audit.append, await api.clock.now(), caller.id, "inbox.read", person, {"unmasked": unmasked})
    return found.document()


@router.post("/{ref}/inbox/{message}/read", response_model=ReadShown)
async def read_message(ref: Id, message: Id, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """The person read a message of the inbox; the first reading counts."""

    async def mark() -> Response:
        return answered(await api.store.write(owner_inbox.mark_read, ref, message, await api.clock.now()))

    return await once.run({}, mark)


@router.post("/retention", response_model=RetentionReport, openapi_extra=bodies.documented(RetentionBody))
async def keep_retention(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """Forget everybody whose time has come, by the numbers of the pack; `dry_run` counts and forgets nobody."""
    body = await bodies.read_json(request)

    async def run() -> Response:
        require(caller, keys.PII)
        read, now = read_body(RetentionBody, body), await api.clock.now()
        log = log_of(api.settings.home.resolve())
        strangers = timedelta(days=api.settings.strangers_kept_days)
        report = await retain(
            api.store, api.shelf, log, read, actor=caller.id, now=now, strangers_kept=strangers
        )  # fmt: skip
        await erase_paper(api.store, api.settings)
        return answered(report.document(lang))

    return await once.run(body, run)


@router.post("/{ref}/erase", response_model=Erased, openapi_extra=bodies.documented(EraseBody))
async def erase(ref: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Forget a person: name, birthday, addresses, words; 409 while a home, open work or a hold needs them.

    There is no way back. Codes, dates and the history of repairs stay.
    """
    body = await bodies.read_json(request)

    async def run() -> Response:
        require(caller, keys.PII)
        read, now = read_body(EraseBody, body), await api.clock.now()
        log = log_of(api.settings.home.resolve())
        done = await erase_person(api.store, api.shelf, log, ref, read, actor=caller.id, now=now)
        await erase_paper(api.store, api.settings)
        return answered({"id": done.person, "ref": done.ref, "at": done.at.isoformat(), "evidence": done.evidence})

    return await once.run(body, run)


async def _told(api: Parts, journey: str, ref: str, event: dict[str, Any], body: Any, lang: Language) -> Response:
    document, status = event_answer(await api.doors.tell_journey(journey, event, {**body, "ref": ref}), lang)
    return answered(document, status)
