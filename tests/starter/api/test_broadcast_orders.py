"""Broadcasts are ordered about over the REST API: paused, cancelled, let go by a second person; who did not get it."""

import io
from typing import Any

import httpx2
import pytest
import python_calamine as calamine
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.store.engine import Store
from journey.store.tables import audit, broadcast_recipients, packs, persons
from tests.journey.store.seeds import NOON
from tests.starter.api.conftest import Connect
from tests.starter.api.test_broadcasts import ASKED, MARKETING, begin
from tests.starter.api.told import HOME

EDITORIAL = ASKED | {"class": "contract"}
WHY = {"reason": "号码有误", "by": "stf_7"}


async def opened(client: httpx2.AsyncClient, body: dict[str, Any] = ASKED) -> str:
    """The id of a broadcast that is started."""
    return str((await client.post("/v1/broadcasts", json=body)).raise_for_status().json()["id"])


async def ordered(client: httpx2.AsyncClient, broadcast: str, what: str, **body: Any) -> httpx2.Response:
    """The answer to an order."""
    return await client.post(f"/v1/broadcasts/{broadcast}/{what}", json=WHY | body)


def _actions(session: Session) -> list[tuple[str, str | None]]:
    rows = session.execute(select(audit).where(audit.c.action.startswith("broadcast.")).order_by(audit.c.seq))
    return [(row.action, row.detail.get("by")) for row in rows]


async def test_a_broadcast_is_paused_resumed_paced_and_cancelled_each_once_and_on_record(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer)

    states = []
    for what, more in (
        ("pause", {}), ("pause", {}), ("rate", {"rate": 3}), ("rate", {"rate": 3}),
        ("resume", {}), ("cancel", {}), ("cancel", {}),
    ):  # fmt: skip
        answer = (await ordered(writer, broadcast, what, **more)).raise_for_status().json()
        states.append((what, answer["state"], answer["changed"]))

    assert states == [
        ("pause", "paused", True), ("pause", "paused", False), ("rate", "paused", True), ("rate", "paused", False),
        ("resume", "running", True), ("cancel", "cancelling", True), ("cancel", "cancelling", False),
    ]  # fmt: skip
    assert await store_sqlite.read(_actions) == [
        ("broadcast.opened", "stf_7"), ("broadcast.paused", "stf_7"), ("broadcast.paced", "stf_7"),
        ("broadcast.resumed", "stf_7"), ("broadcast.cancelled", "stf_7"),
    ]  # fmt: skip
    found = (await writer.get(f"/v1/broadcasts/{broadcast}")).json()
    assert next((line["action"], line["by"], line["reason"]) for line in found["control"]) == (
        "pause", "stf_7", "号码有误",
    )  # fmt: skip
    assert found["progress"]["limit"] == 3


async def test_an_order_that_makes_no_sense_is_refused_and_says_what_stands(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer)
    await ordered(writer, broadcast, "cancel")

    refused = await ordered(writer, broadcast, "resume")
    nameless = await writer.post(f"/v1/broadcasts/{broadcast}/pause", json={})
    nowhere = await ordered(writer, "brd_unknown", "pause")

    assert (refused.status_code, refused.json()["reason"]["code"]) == (409, "broadcast-state")
    assert refused.json()["reason"]["params"] == {"state": "cancelling", "order": "resume"}
    assert (nameless.status_code, nameless.json()["errors"][0]["field"]) == (422, "reason")
    assert nowhere.status_code == 404


async def test_marketing_is_a_draft_until_somebody_else_has_seen_it(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer, MARKETING)
    seen = (await writer.get(f"/v1/broadcasts/{broadcast}/review")).raise_for_status().json()["seen"]

    own_key = await writer.post(f"/v1/broadcasts/{broadcast}/approve", json={"seen": seen})
    async with connect("write") as other:
        same_person = await ordered(other, broadcast, "approve", seen=seen)
        somebody = await ordered(other, broadcast, "approve", seen=seen, by="stf_8")
        again = await ordered(other, broadcast, "approve", seen=seen, by="stf_8")

    assert [one.json()["reason"]["code"] for one in (own_key, same_person)] == ["own-broadcast"] * 2
    assert (somebody.json()["state"], somebody.json()["changed"]) == ("running", True)
    assert (again.status_code, again.json()["changed"]) == (200, False)


async def test_more_recipients_than_the_pack_lets_one_person_send_to_need_a_second_one(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    await store_sqlite.write(_let_alone, 1)

    many = (await writer.post("/v1/broadcasts", json=EDITORIAL)).json()
    few = (await writer.post("/v1/broadcasts", json=EDITORIAL | {"id": "few", "building": "3"})).json()

    assert (many["state"], few["state"]) == ("draft", "running")


async def test_a_review_tells_counts_costs_and_masked_texts(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer, MARKETING)

    found = (await writer.get(f"/v1/broadcasts/{broadcast}/review")).json()
    preview = (await writer.post("/v1/broadcasts/preview", json=EDITORIAL)).json()

    assert {(one["outcome"], one["reason"]) for one in found["outcomes"]} == {("suppressed", "no-consent")}
    assert (found["cost"], found["currency"]) == ("0.00", "CNY")
    assert preview["channels"] == [{"channel": "sms", "messages": 2, "parts": 2, "cost": "0.10"}]
    assert preview["cost"] == "0.10"
    texts = [one["text"] for one in preview["sample"]]
    assert all("张*" in text and "张伟" not in text for text in texts)
    assert ("broadcast.reviewed", None) in await store_sqlite.read(_actions)


@pytest.mark.parametrize(
    ("change", "code"),
    [("club.opening", "text-changed"), ("club.opening.sms", "text-changed"), ("", "audience-changed")],
)
async def test_what_changed_since_it_was_seen_is_not_let_go(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store, change: str, code: str
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer, MARKETING)
    seen = (await writer.get(f"/v1/broadcasts/{broadcast}/review")).json()["seen"]
    if change:
        await store_sqlite.write(_reword, change)
    else:
        owner = {"ref": "third", "name": "李四", "phone": "13800138009"}
        (await writer.post("/v1/journeys", json=HOME | {"unit": "3-1-9", "owners": [owner]})).raise_for_status()

    async with connect("write") as second:
        refused = await ordered(second, broadcast, "approve", seen=seen, by="stf_8")

    assert (refused.status_code, refused.json()["reason"]["code"]) == (409, code)
    assert (await writer.get(f"/v1/broadcasts/{broadcast}")).json()["state"] == "draft"


async def test_a_draft_is_rejected_by_somebody_else_and_never_goes(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer, MARKETING)

    own = await ordered(writer, broadcast, "reject", by="stf_9")
    async with connect("write") as second:
        other = await ordered(second, broadcast, "reject", by="stf_8", reason="措辞不当")
    late = await ordered(writer, broadcast, "approve", seen="0" * 16 + ".1", by="stf_8")

    assert own.json()["reason"]["code"] == "own-broadcast"
    assert other.json()["state"] == "rejected"
    assert late.json()["reason"]["code"] == "broadcast-state"
    assert (await writer.get(f"/v1/broadcasts/{broadcast}")).json()["control"][-1]["reason"] == "措辞不当"


async def test_who_did_not_get_it_is_listed_by_reason_masked_and_on_record(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer)
    await store_sqlite.write(_met, broadcast, {"3-1-1": ("sent", None), "5-1-1": ("suppressed", "no-consent")})

    missed = (await writer.get(f"/v1/broadcasts/{broadcast}/recipients", params={"missed": True})).json()["data"]
    everybody = (await writer.get(f"/v1/broadcasts/{broadcast}/recipients", params={"limit": 1})).json()
    async with connect("read", "pii:read") as reader:
        open_ones = (await reader.get(f"/v1/broadcasts/{broadcast}/recipients", params={"outcome": "sent"})).json()

    (one,) = missed
    assert (one["person"], one["name"], one["outcome"], one["reason"]) == ("5-1-1", "张*", "suppressed", "no-consent")
    assert one["at"].startswith("2026-")
    assert everybody["next_cursor"]
    assert [row["name"] for row in open_ones["data"]] == ["张伟"]
    told = await store_sqlite.read(
        lambda s: s.execute(select(audit.c.detail).where(audit.c.action == "broadcast.recipients")).scalars().all()
    )
    assert [detail["unmasked"] for detail in told] == [False, False, True]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_list_is_exported_for_a_spreadsheet_which_runs_none_of_it(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store, form: str
) -> None:
    await begin(writer, store_sqlite)
    broadcast = await opened(writer)
    await store_sqlite.write(_met, broadcast, {"3-1-1": ("sent", None), "5-1-1": ("failed", "invalid-address")})
    await store_sqlite.write(lambda s: s.execute(update(persons).values(name="=1+1")))

    async with connect("read", "pii:read") as reader:
        answer = await reader.get(f"/v1/broadcasts/{broadcast}/export", params={"form": form, "missed": True})

    assert answer.status_code == 200
    if form == "csv":
        head, cells = (line.split(",") for line in answer.content.decode("utf-8-sig").splitlines())
        assert cells[1] == "'=1+1"
    else:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)) as book:
            head, cells = ([str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python())
        assert cells[1] == "=1+1"
    assert head == ["业主编号", "姓名", "房号", "渠道", "联系方式", "结果", "原因", "时间", "延至", "曾退回"]
    assert (cells[0], cells[5]) == ("5-1-1", "failed")


def _met(session: Session, broadcast: str, ends: dict[str, tuple[str, str | None]]) -> None:
    people = {row.ref: row.id for row in session.execute(select(persons))}
    common = {"broadcast_id": broadcast, "journey_id": "jrn_1", "at": NOON}
    rows = [
        common | {"person_id": people[ref], "state": state, "reason": reason} for ref, (state, reason) in ends.items()
    ]
    session.execute(insert(broadcast_recipients), rows)


def _document(session: Session) -> dict[str, Any]:
    return dict(session.execute(select(packs.c.document)).scalar_one())


def _let_alone(session: Session, count: int) -> None:
    document = _document(session)
    document["broadcast"] = {**document["broadcast"], "control": {**document["broadcast"]["control"], "alone": count}}
    session.execute(update(packs).values(document=document))


def _reword(session: Session, text: str) -> None:
    """Another wording is another version of the pack."""
    row = session.execute(select(packs)).one()._mapping
    texts = {name: dict(by) for name, by in row["document"]["templates"].items()}
    texts["zh"][text] += "请勿回复。"
    later = {key: value for key, value in row.items() if key != "seq"}
    document = {**row["document"], "templates": texts}
    session.execute(insert(packs).values(**later | {"hash": "reworded", "document": document}))
