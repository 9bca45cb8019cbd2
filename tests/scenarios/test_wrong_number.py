"""Scenario 4 of the domain: unreachable, and a wrong number."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import Client

from journey.store.engine import Store
from journey.store.tables import contacts, events, messages, persons
from starter.simulate.checks import read_scenario
from tests.records import instant
from tests.scenarios.living import FOLDER, Life, live_through, minute

pytestmark = pytest.mark.server
TOLD = instant("2026-06-01 09:30")


def entries(home: Life, item: str) -> list[Any]:
    return [entry for entry in home.journey["entries"] if entry["item"] == item]


def letter(home: Life, person: str) -> Any:
    return next(entry for entry in entries(home, "handover.formal-notice") if entry["person"] == person)


@pytest.mark.slow
async def test_scenario_4_a_stranger_answers_and_the_owner_is_found_otherwise() -> None:
    seen: dict[str, Any] = {}

    async def look(client: Client, store: Store, ahead: timedelta) -> None:
        seen["sent"] = await store.read(
            lambda s: s.execute(
                select(persons.c.ref, messages.c.channel, messages.c.reserved_at, messages.c.template)
                .join(persons, persons.c.id == messages.c.person_id)
                .order_by(messages.c.reserved_at)
            ).all()
        )
        seen["contacts"] = await store.read(
            lambda s: s.execute(
                select(persons.c.ref, contacts.c.channel, contacts.c.state).join(
                    persons, persons.c.id == contacts.c.person_id
                )
            ).all()
        )
        seen["invalid"] = await store.read(
            lambda s: s.execute(
                select(events.c.occurred_at, events.c.person_id).where(events.c.type == "contact.invalid")
            ).all()
        )

    world = await live_through(read_scenario(FOLDER / "wrong_number.yaml"), look=look)
    home, neighbour, alone, other = (world.home(f"3-1-{number}") for number in (1, 2, 3, 4))
    state = {(row.ref, row.channel): row.state for row in seen["contacts"]}
    later = [row for row in seen["sent"] if row.reserved_at > TOLD]

    # The number is invalid at once, for everybody who has it, and nothing goes to it any more.
    assert (state["a", "phone"], state["c", "phone"], state["a", "wechat"]) == ("invalid", "invalid", "ok")
    assert [(row.occurred_at - TOLD) <= timedelta(minutes=1) for row in seen["invalid"][:2]] == [True, True]
    assert not [row for row in later if row.ref in ("a", "c") and row.channel == "sms"]

    # The notice goes again by WeChat; what was for the first contact of the neighbours goes to the co-owner.
    notices = sorted(minute(entry["at"]) for entry in entries(home, "handover.notice"))
    assert notices == ["2026-06-01T08:00", "2026-06-01T09:30"]
    assert ("a", "wechat", "handover.notice") in [(row.ref, row.channel, row.template) for row in later]
    assert ("d", "sms", "handover.information") in [(row.ref, row.channel, row.template) for row in later]

    # Three calls on three days at three hours, then the co-owner.
    call = home.entry("handover.call")
    assert (call["outcome"], call["reason"]) == ("failed", "unreachable")
    assert [entry["person"] for entry in entries(home, "handover.call-co-owner")] == ["b"]

    # Paper proves it, receipts never do.
    assert (letter(home, "a")["outcome"], minute(letter(home, "a")["at"])) == ("served", "2026-06-10T10:00")
    assert letter(other, "f")["outcome"] != "served"

    # Somebody finds the right number; it is used once it is verified.
    (task,) = entries(home, "contact.verify")
    assert (task["role"], minute(task["due"]), task["outcome"]) == ("keeper", "2026-06-02T18:00", "open")
    assert len(entries(neighbour, "contact.verify")) == 1
    (found,) = entries(alone, "contact.verify")
    assert found["outcome"] == "done"
    to_new = [row for row in later if row.ref == "e"]
    assert [row.template for row in to_new][:1] == ["handover.notice"]
    assert min(row.reserved_at for row in to_new) >= instant("2026-06-16 10:00")
    assert state["e", "phone"] == "ok"


async def test_receipts_told_as_events_act_as_the_carriers_own() -> None:
    sent: list[Any] = []

    async def look(client: Client, store: Store, ahead: timedelta) -> None:
        query = (
            select(persons.c.ref, messages.c.channel, messages.c.template)
            .join(persons, persons.c.id == messages.c.person_id)
            .order_by(messages.c.reserved_at)
        )
        sent[:] = await store.read(lambda s: s.execute(query).all())

    world = await live_through(read_scenario(FOLDER / "told_receipts.yaml"), look=look)

    assert world.home("3-1-1").entry("signing.keeper-welcome")["outcome"] == "delivered"
    welcomes = [(row.ref, row.channel) for row in sent if row.template == "signing.keeper-welcome"]
    assert ("ln", "wechat") in welcomes
    assert len([ref for ref, _ in welcomes if ref == "zw"]) == 1
