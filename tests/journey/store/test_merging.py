"""Two persons who are one: homes, words and keys of both stand under one, and nothing goes out twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.errors import Conflict, NotFound
from journey.domain.moves import Move, MoveKind
from journey.store import tables as t
from journey.store.engine import Store
from journey.store.merging import MEMBERS, RECIPIENTS, REFOLDED
from journey.store.person_queries import list_people, person_view
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
WELCOME = "signing.keeper-welcome"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """张伟 known under two refs, a home under each, in two projects."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    await made.doors.create_project({"code": "YQ", "name": "云栖", "city": "成都"})
    return made


async def second_home(home: Ground, ref: str = "zw2") -> str:
    """The same man's home in the other project, subscribed, under another ref."""
    on = {"on": "2026-03-16"}
    fact = {"id": "sub", "type": "subscription.signed", "occurred_at": MORNING.isoformat(), "data": on}
    owner = {"ref": ref, "name": "张伟", "phone": "13800138000", "consents": ["care"]}
    body = {"project": "YQ", "unit": "1-101", "owners": [owner], "facts": [fact]}
    return str((await home.doors.start_journey(body)).journey["id"])


async def merge(home: Ground, keep: str = "zw", alias: str = "zw2") -> str:
    return await home.doors.merge_persons(keep, {"alias": alias, "reason": "同一身份证"}, actor="clerk")


async def greeting(home: Ground, journey: str, person: str, *, year: str = "2026") -> str:
    """Make the welcome of a journey a greeting to a person: a key that names him and no home."""
    home.journey = journey
    await home.plan()
    key = f"{WELCOME}/{person}/{year}"
    await home.store.write(_rewrite, journey, key)
    return key


def _rewrite(session: Session, journey: str, key: str) -> None:
    found = session.execute(select(t.agenda.c.document).where(t.agenda.c.scope_id == journey)).scalar_one()
    item = next(one for one in found["items"] if one["rule"] == WELCOME)
    items = [{**item, "key": key, "occurrence": key.split("/")[2]}]
    session.execute(
        update(t.agenda)
        .where(t.agenda.c.scope_id == journey)
        .values(document={**found, "items": items, "planned": [key]})
    )


async def send(home: Ground, key: str) -> str:
    """Send the greeting of the present journey; the state of its entry."""
    move = Move(MoveKind.SEND, key, home.clock.instant, "")
    await home.send(WELCOME, move=move)
    return await home.store.read(
        lambda s: str(
            s.execute(
                select(t.entries.c.state).where(t.entries.c.key == key, t.entries.c.scope_id == home.journey)
            ).scalar()
        )
    )


async def id_of(home: Ground, ref: str) -> str:
    return await home.store.read(lambda s: s.execute(select(t.persons.c.id).where(t.persons.c.ref == ref)).scalar_one())


async def test_a_greeting_goes_once_to_a_person_with_homes_in_two_projects(home: Ground) -> None:
    first, second, zw = home.journey, await second_home(home, ref="zw"), await id_of(home, "zw")

    states = [await send(home, await greeting(home, journey, zw)) for journey in (first, second)]

    assert states == ["sent", "merged"]
    assert len(home.channel.taken) == 1


async def test_what_went_to_an_alias_does_not_go_to_the_one_who_is_kept(home: Ground) -> None:
    first, second = home.journey, await second_home(home)
    alias, kept = await id_of(home, "zw2"), await id_of(home, "zw")
    assert await send(home, await greeting(home, second, alias)) == "sent"

    await merge(home)
    state = await send(home, await greeting(home, first, kept))

    assert state == "merged"
    assert len(home.channel.taken) == 1


async def test_a_merged_person_is_found_by_either_ref_with_every_home_and_the_last_word_on_consent(
    home: Ground,
) -> None:
    second = await second_home(home)
    home.clock.instant += timedelta(minutes=5)
    await home.tell("consent.withdrawn", person="zw", purpose="care", evidence="短信")

    kept = await merge(home)
    assert await merge(home) == kept  # twice is harmless
    by_alias, by_ref = [await home.store.read(person_view, ref) for ref in ("zw2", "zw")]
    listed = await home.store.read(list_people)

    assert by_alias == by_ref
    assert {one["journey"] for one in by_ref["homes"]} == {home.journey, second}
    assert (by_ref["aliases"], by_ref["name"]) == (["zw2"], "张*")
    assert [one["given"] for one in by_ref["consents"] if one["channel"] is None] == [False]
    assert [row["ref"] for row in listed.data] == ["zw"]


async def test_a_fact_told_of_the_alias_is_one_of_the_person_kept(home: Ground) -> None:
    await second_home(home)
    await merge(home)

    await home.tell("contact.changed", person="zw2", channel="email", address="zw@example.com")

    shown = await home.store.read(person_view, "zw", unmasked=True)
    assert {one["channel"]: one["address"] for one in shown["contacts"]}["email"] == "zw@example.com"


async def test_two_owners_of_one_home_who_are_one_stay_one_owner_at_the_better_place(home: Ground) -> None:
    owners = [{"ref": "a", "name": "甲"}, {"ref": "b", "name": "甲"}]
    await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": owners})

    await merge(home, "b", "a")

    shown = await home.store.read(person_view, "a")
    assert [one["unit"] for one in shown["homes"]] == ["3-1-9"]
    assert shown["household"] == []


async def test_a_running_task_that_names_the_alias_goes_on_under_the_person_kept(home: Ground) -> None:
    await second_home(home)
    alias, kept = await id_of(home, "zw2"), await id_of(home, "zw")
    await home.store.write(_begin_notice, home.journey, alias)

    await merge(home)

    key = f"handover.formal-notice/epi_1/{kept}"
    assert await home.store.read(_keys_of_notices) == ([key], [key])


def _keys_of_notices(session: Session) -> tuple[list[str], list[str]]:
    """In the ledger, and of tasks."""
    entries, tasks = (
        list(session.execute(select(table.c.key).where(table.c.key.contains("formal-notice"))).scalars())
        for table in (t.entries, t.tasks)
    )
    return entries, tasks


def _begin_notice(session: Session, journey: str, person: str) -> None:
    """A notice that runs and names somebody who has left the home since."""
    row = session.execute(select(t.journeys).where(t.journeys.c.id == journey)).one()
    key = f"handover.formal-notice/epi_1/{person}"
    entry: dict[str, Any] = {
        "scope": "journey", "scope_id": journey, "key": key, "state": "open", "at": MORNING, "item": {}, "steps": [],
        "tries": 0, "attempts": 0, "task": "tsk_1",
    }  # fmt: skip
    task: dict[str, Any] = {
        "id": "tsk_1", "journey_id": journey, "project_id": row.project_id, "key": key, "kind": "task",
        "rule": "handover.formal-notice", "role": "keeper", "state": "open", "opened_at": MORNING, "due": MORNING,
    }  # fmt: skip
    left = {"episode_id": row.episode_id, "person_id": person, "left_at": MORNING}
    for table, values in ((t.entries, entry), (t.tasks, task), (t.former_parties, left)):
        session.execute(insert(table).values(**values))


async def test_nobody_is_merged_with_himself_or_with_nobody(home: Ground) -> None:
    await second_home(home)
    await merge(home)

    with pytest.raises(Conflict):
        await merge(home, "zw", "zw")
    with pytest.raises(Conflict):
        await merge(home, "zw2", "zw")
    with pytest.raises(NotFound):
        await merge(home, "zw", "nobody")


async def test_a_merge_leaves_a_trace_without_names(home: Ground) -> None:
    await second_home(home)

    kept = await merge(home)

    row = await home.store.read(lambda s: s.execute(select(t.audit).where(t.audit.c.action == "persons.merged")).one())
    assert (row.actor, row.subject) == ("clerk", kept)


def test_every_table_that_names_a_person_is_merged_by_a_rule() -> None:
    keyed = {
        table.name
        for table in t.metadata.tables.values()
        if "person_id" in table.c and "person_id" in table.primary_key.columns
    }
    assert keyed <= {table.name for table in (*REFOLDED, *MEMBERS, *RECIPIENTS)}


async def test_a_letter_that_came_back_to_an_alias_is_proved_by_the_next_to_the_one_who_is_kept(home: Ground) -> None:
    home.journey = await second_home(home)
    alias, kept = await id_of(home, "zw2"), await id_of(home, "zw")

    async def tell(kind: str, person: str, **data: Any) -> None:
        about = {"item": "handover.delay-letter", "occurrence": f"evt_9/{person}"}
        fact = {"id": kind, "type": kind, "occurred_at": home.clock.instant.isoformat(), "about": about}
        await home.doors.tell_journey(home.journey, fact | {"data": {"on": "2026-03-16", **data}})

    async def visit() -> State | None:
        decided = (await home.plan()).decided
        return next(one.state for one in decided if one.key.startswith("letter.serve-otherwise/"))

    await tell("letter.returned", alias)
    before = await visit()
    await merge(home)
    await tell("letter.delivered", kept, tracking="EMS1", proof="signed")

    assert (before, await visit()) == (None, State.DONE)
