"""Persons over HTTP: masked, audited, told of consents and addresses, and merged."""

from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from journey.store.engine import Store
from journey.store.shelf import publish_calendar
from journey.store.tables import audit, events, former_parties, parties
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.conftest import Connect, FixedClock
from tests.starter.api.told import HOME, begin


async def test_a_person_is_shown_masked_with_homes_and_every_reading_leaves_a_trace(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    journey = await begin(writer)

    masked = (await writer.get("/v1/people/zw")).json()
    async with connect("read", "pii:read") as trusted:
        plain = (await trusted.get("/v1/people/zw")).json()
    listed = (await writer.get("/v1/people", params={"project": "XN"})).json()
    read = await store_sqlite.read(
        lambda s: s.execute(select(audit.c.detail).where(audit.c.action == "person.read")).scalars().all()
    )

    assert (masked["name"], masked["contacts"][0]["address"]) == ("张*", "+86138****8000")
    assert (plain["name"], plain["contacts"][0]["address"]) == ("张伟", "+8613800138000")
    assert [home["journey"] for home in masked["homes"]] == [journey]
    assert [row["ref"] for row in listed["data"]] == ["zw"]
    assert list(read) == [{"unmasked": False}, {"unmasked": True}]
    assert (await writer.get("/v1/people/nobody")).status_code == 404


async def test_a_consent_and_an_address_are_told_as_the_facts_they_are(writer: httpx2.AsyncClient) -> None:
    await begin(writer)

    given = await writer.post("/v1/people/zw/consents", json={"purpose": "care", "evidence": "表格 7"})
    withdrawn = await writer.post(
        "/v1/people/zw/consents", json={"purpose": "marketing", "given": False, "evidence": "电话"}
    )
    moved = await writer.post("/v1/people/zw/contacts", json={"channel": "phone", "address": "13900139000"})
    wrong = await writer.post("/v1/people/zw/contacts", json={"channel": "phone", "address": "138"})
    shown = (await writer.get("/v1/people/zw")).json()

    assert [answer.json()["verdict"] for answer in (given, withdrawn, moved)] == ["applied"] * 3
    assert {one["purpose"]: one["given"] for one in shown["consents"]} == {"care": True, "marketing": False}
    assert shown["contacts"][0]["address"] == "+86139****9000"
    since = {one["since"] for part in ("homes", "consents", "contacts") for one in shown[part]}
    assert since == {"2026-03-01T12:00:00+08:00"}
    assert wrong.status_code == 422


async def test_who_left_the_only_home_is_told_on_the_clocks_of_it(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer)

    def leave(session: Session) -> None:
        party = session.execute(select(parties)).one()
        session.execute(delete(parties))
        left = {"episode_id": party.episode_id, "person_id": party.person_id, "left_at": NOON}
        session.execute(insert(former_parties).values(left))

    await store_sqlite.write(leave)
    (home,) = (await writer.get("/v1/people/zw")).json()["homes"]

    assert (home["former"], home["since"]) == (True, "2026-03-01T12:00:00+08:00")


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("consents", {"purpose": "care", "evidence": "表格 7"}, {"evidence": "表格 8"}),
        ("contacts", {"channel": "phone", "address": "13900139000"}, {"address": "13900139001"}),
    ],
)
async def test_a_body_told_again_under_its_id_is_the_same_fact_whatever_the_hour(
    writer: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str], other: dict[str, str]
) -> None:
    async def later(_: FixedClock) -> datetime:
        return NOON + timedelta(hours=1)

    await begin(writer)
    body = body | {"id": "desk-7"}

    first = await writer.post(f"/v1/people/zw/{path}", json=body)
    monkeypatch.setattr(FixedClock, "now", later)
    again = await writer.post(f"/v1/people/zw/{path}", json=body)
    otherwise = await writer.post(f"/v1/people/zw/{path}", json=body | other)

    assert first.json()["verdict"] == again.json()["verdict"] == "applied"
    assert again.json()["event"] == first.json()["event"]
    assert (otherwise.status_code, otherwise.json()["reason"]["code"]) == (409, "told-otherwise")


async def test_two_refs_of_one_person_are_merged_by_one_call_with_its_reason(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer)
    owner = {"ref": "zw2", "name": "张伟"}
    (await writer.post("/v1/journeys", json={"project": "XN", "unit": "3-9", "owners": [owner]})).raise_for_status()

    merged = await writer.post("/v1/people/zw/merge", json={"alias": "zw2", "reason": "同一身份证", "by": "stf_7"})
    shown = (await writer.get("/v1/people/zw2")).json()
    unreasoned = await writer.post("/v1/people/zw/merge", json={"alias": "zw2"})
    async with connect("read") as reader:
        forbidden = await reader.post("/v1/people/zw/merge", json={"alias": "zw2", "reason": "x"})

    row = await store_sqlite.read(lambda s: s.execute(select(audit).where(audit.c.action == "persons.merged")).one())
    assert (row.actor.partition("_")[0], row.detail["by"]) == ("key", "stf_7")
    assert (merged.status_code, merged.json()["aliases"]) == (200, ["zw2"])
    assert (shown["ref"], len(shown["homes"])) == ("zw", 2)
    assert (unreasoned.status_code, forbidden.status_code) == (422, 403)


async def test_a_person_is_forgotten_at_request_only_by_who_may_read_him_and_not_while_he_has_a_home(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer)
    await store_sqlite.write(publish_calendar, calendar(), NOON)
    body = {"reason": "本人申请", "by": "王芳"}

    refused = await writer.post("/v1/people/zw/erase", json=body)
    async with connect("read", "write", "pii:read") as trusted:
        living = await trusted.post("/v1/people/zw/erase", json=body)
        unknown = await trusted.post("/v1/people/nobody/erase", json=body)
        without = await trusted.post("/v1/people/zw/erase", json={})

    assert [answer.status_code for answer in (refused, living, unknown, without)] == [403, 409, 404, 422]
    assert living.json()["reason"]["code"] == "kept-living"


async def test_a_run_of_retention_says_who_is_kept_and_why(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer)
    await store_sqlite.write(publish_calendar, calendar(), NOON)

    async with connect("read", "write", "pii:read") as trusted:
        found = (await trusted.post("/v1/people/retention?lang=en", json={"dry_run": True})).json()

    assert (found["dry_run"], found["looked_at"], found["erased"]) == (True, 1, 0)
    assert found["kept"] == [{"code": "kept-living", "count": 1, "text": "a home or a purchase of this person goes on"}]


async def test_the_right_number_is_told_to_the_home_in_which_the_wrong_one_was_found(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    homes = {await begin(writer)}
    other = (await writer.post("/v1/journeys", json={**HOME, "unit": "3-1-1203"})).raise_for_status()
    homes.add(other.json()["id"])

    async def say(channel: str, address: str, what: str = "changed") -> str:
        body = {"channel": channel, "address": address, "what": what}
        (await writer.post("/v1/people/zw/contacts", json=body)).raise_for_status()
        told = select(events.c.journey_id).order_by(events.c.seq.desc()).limit(1)
        return await store_sqlite.read(lambda s: str(s.execute(told).scalar_one()))

    latest = await say("email", "z@example.com")
    (first,) = homes - {latest}
    data = {"channel": "sms", "address": "13800138000", "cause": "wrong-person"}
    bad = {"id": "bad", "type": "contact.invalid", "occurred_at": NOON.isoformat(), "person": "zw", "data": data}
    (await writer.post(f"/v1/journeys/{first}/events", json=bad)).raise_for_status()

    assert await say("phone", "13900139000", "verified") == first
    assert await say("email", "zw@example.com") == latest


async def test_who_is_known_already_keeps_his_name_and_the_caller_is_told_what_was_known_otherwise(
    writer: httpx2.AsyncClient,
) -> None:
    first = await begin(writer)
    again = {"ref": "zw", "name": "张大伟", "phone": "13900139000"}

    started = await writer.post("/v1/journeys", json={"project": "XN", "unit": "3-1-99", "owners": [again]})

    assert (first != started.json()["id"], started.status_code) == (True, 201)
    warnings = started.json()["warnings"]
    assert [(one["code"], one["params"].get("channel")) for one in warnings] == [
        ("owner-name-kept", None), ("owner-address-replaced", "phone"),
    ]  # fmt: skip
    assert "13" not in str(warnings)
    shown = (await writer.get("/v1/people/zw")).json()
    assert shown["contacts"][0]["address"] == "+86139****9000"
    assert [(one["address"], one["state"]) for one in shown["earlier_contacts"]] == [("+86138****8000", "replaced")]


async def test_the_same_owner_again_is_no_matter_of_a_warning(writer: httpx2.AsyncClient) -> None:
    await begin(writer)

    started = await writer.post("/v1/journeys", json=HOME | {"unit": "3-1-99", "facts": []})

    assert started.status_code == 201
    assert not started.json().get("warnings")
