"""Packs and calendars under running journeys: previewed, then brought into force, and nothing in between."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.domain.overlays import set_path
from journey.store import shelf, tables
from journey.store.engine import Store
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf
from starter import previewing
from tests.journey.store.seeds import NOON
from tests.packs import built_in
from tests.records import calendar
from tests.starter.api.test_batches import everything, settle
from tests.starter.api.told import HOME, PROJECT

CALLBACK = "signing.service-callback"
YEAR = {
    "country": "cn", "year": 2027, "off": {"2027-06-23": "端午节"}, "work": [], "no_call": ["2027-02-05", "2027-02-06"],
}  # fmt: skip


def version(effective: str = "2026-01-01", **changes: Any) -> dict[str, Any]:
    """A body with one new version of the built-in pack."""
    document = built_in().document
    for path, value in {"version": "2026.9", "effective_from": effective, **changes}.items():
        set_path(document, path.replace("__", "."), value)
    return {"versions": [{"document": document}]}


async def begin(client: httpx2.AsyncClient, store: Store) -> None:
    """Two homes, signed today, planned."""
    await store.write(shelf.publish_calendar, calendar(), NOON)
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    for number in range(2):
        data = {"on": "2026-03-01", "contract_handover_date": "2027-06-30"}
        fact = {"type": "contract.signed", "id": "sig", "occurred_at": "2026-03-01T10:00:00+08:00", "source": "crm"}
        body = HOME | {"unit": f"3-1-{number}", "facts": [fact | {"data": data}]}
        body |= {"owners": [{"ref": f"o{number}", "name": "张伟", "phone": "13800138000"}]}
        (await client.post("/v1/journeys", json=body)).raise_for_status()
    await settle(store)


async def dues(store: Store) -> dict[str, dict[str, str]]:
    """The due of every item of every home."""
    rows = await store.read(lambda s: s.execute(select(tables.agenda.c.scope_id, tables.agenda.c.document)).all())
    return {row.scope_id: {item["key"]: item["due"] for item in row.document["items"]} for row in rows}


async def test_a_changed_number_is_previewed_and_nothing_is_written(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    before = await store_sqlite.read(everything)

    said = await writer.post("/v1/packs/preview", json=version(signing__service_callback__within="5d"))

    found = said.json()
    assert said.status_code == 200
    assert (found["homes"], found["moved_homes"]) == (2, 2)
    assert [(item["rule"], item["what"], item["count"]) for item in found["items"]] == [(CALLBACK, "moved", 2)]
    assert found["posts"] == [{"role": "keeper", "items": 2}]
    assert "签约服务回访 期限:7 天 → 5 天" in [each["text_zh"] for each in found["policies"][0]["changes"]]
    assert {(each["kind"], each["role"], each["count"]) for each in found["leaving"]} >= {("call", "keeper", 2)}
    assert await store_sqlite.read(everything) == before
    assert await store_sqlite.read(_packs) == 1


async def test_what_a_preview_says_is_what_planning_then_does(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    body = version(signing__service_callback__within="5d")
    before = await dues(store_sqlite)

    said = (await writer.post("/v1/packs/preview", json=body)).json()
    applied = (await writer.post("/v1/packs", json=body | {"by": "stf_1"})).json()["data"]
    for name in before:
        await store_sqlite.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))

    after = await dues(store_sqlite)
    moved = {key for name in before for key in before[name] if before[name][key] != after[name].get(key)}
    assert [(each["state"], each["journeys"]) for each in applied] == [("published", 2)]
    assert len(moved) == sum(item["count"] for item in said["items"]) == 2
    assert {key.split("/")[0] for key in moved} == {CALLBACK}


async def test_a_version_from_a_later_day_is_looked_at_as_of_that_day(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    body = version("2026-03-05", signing__service_callback__within="5d")
    found = (await writer.post("/v1/packs/preview", json=body)).json()

    assert found["as_of"] == "2026-03-05T00:00:00+08:00"
    assert found["moved_homes"] == 2
    assert found["leaving"] == []  # what people do until then nobody knows


async def test_a_change_is_told_once_and_not_again_under_overlays_that_no_home_has(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    body = version(signing__service_callback__within="5d")
    body["versions"] += [body["versions"][0] | {"overlays": [name]} for name in ("shandong", "zhejiang")]

    found = (await writer.post("/v1/packs/preview", json=body)).json()
    nowhere = (await writer.post("/v1/packs/preview", json={"versions": body["versions"][1:]})).json()

    assert [each["name"] for each in found["policies"]] == ["cn-residential"]
    assert [each["name"] for each in nowhere["policies"]] == ["cn-residential+shandong", "cn-residential+zhejiang"]


async def test_a_calendar_concerns_the_homes_of_its_country_only(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    await store_sqlite.write(shelf.publish_calendar, replace(calendar(), country="xx"), NOON)

    said = (await writer.post("/v1/calendars/preview", json=YEAR | {"country": "xx"})).json()
    applied = (await writer.post("/v1/calendars", json=YEAR | {"country": "xx"})).json()["data"]

    assert (said["homes"], applied[0]["state"], applied[0]["journeys"]) == (0, "published", 0)


async def test_a_version_that_is_published_already_changes_nothing(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    body = version(signing__service_callback__within="5d")
    (await writer.post("/v1/packs", json=body)).raise_for_status()

    said = (await writer.post("/v1/packs/preview", json=body)).json()
    again = (await writer.post("/v1/packs", json=body)).json()["data"]

    assert (said["moved_homes"], said["text"]) == (0, "已发布过,无变化")
    assert [(each["state"], each["journeys"]) for each in again] == [("there-already", 0)]
    assert await store_sqlite.read(_changes) == ["pack"]
    assert [row["version"] for row in (await writer.get("/v1/packs")).json()["data"]] == ["2026.1", "2026.9"]


async def test_a_version_that_another_of_its_day_replaced_holds_again_when_it_is_applied_again(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    right, typo = (version(signing__service_callback__within=within) for within in ("5d", "4d"))
    for body in (right, typo):
        (await writer.post("/v1/packs", json=body)).raise_for_status()

    said = (await writer.post("/v1/packs/preview", json=right)).json()
    again = (await writer.post("/v1/packs", json=right)).json()["data"]

    history = store_sqlite.read_sync(Shelf(read_pack).history, "cn-residential")
    assert "签约服务回访 期限:4 天 → 5 天" in [each["text_zh"] for each in said["policies"][0]["changes"]]
    assert [(each["state"], each["journeys"]) for each in again] == [("published", 2)]
    assert str(history.on(NOON.date()).pack.signing.service_callback.within) == "5d"
    assert len(history.versions) == 3


async def test_a_pack_below_the_law_is_refused_with_the_article_and_nothing_is_published(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    body = version(signing__filing__within="45d")

    answers = [await writer.post(path, json=body) for path in ("/v1/packs/preview", "/v1/packs")]
    body["versions"][0]["law"] = {"signing.filing.within": "某条例 12"}
    allowed = await writer.post("/v1/packs", json=body)

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "开发条例26" in answers[0].json()["errors"][0]["text"]
    assert allowed.status_code == 200
    assert await store_sqlite.read(_packs) == 2


async def test_homes_of_another_project_are_not_looked_at(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/projects", json=PROJECT | {"code": "YQ"})).raise_for_status()
    body = version(signing__service_callback__within="5d")

    other = (await writer.post("/v1/packs/preview", json=body | {"project": "YQ"})).json()
    missing = await writer.post("/v1/packs/preview", json=body | {"project": "ZZ"})

    assert other["homes"] == 0
    assert missing.status_code == 404


async def test_a_calendar_published_late_moves_what_falls_on_its_days_and_is_then_planned_by(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    before, asleep = await store_sqlite.read(everything), await dues(store_sqlite)

    said = (await writer.post("/v1/calendars/preview", json=YEAR)).json()
    unwritten = await store_sqlite.read(everything)
    applied = (await writer.post("/v1/calendars", json=YEAR)).json()["data"]
    for name in asleep:
        await store_sqlite.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))

    after = await dues(store_sqlite)
    pairs = [(asleep[name], after[name], key) for name in asleep for key in {*asleep[name], *after[name]}]
    differing = [key for was, now, key in pairs if was.get(key) != now.get(key)]
    assert unwritten == before
    assert said["moved_homes"] == 2
    assert sum(item["count"] for item in said["items"]) == len(differing) > 0
    assert [(each["state"], each["journeys"]) for each in applied] == [("published", 2)]
    assert await store_sqlite.read(_changes) == ["calendar"]


async def test_the_audit_log_names_the_key_and_keeps_the_person_apart(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    (await writer.post("/v1/packs", json=version() | {"by": "stf_1"})).raise_for_status()
    (await writer.post("/v1/calendars", json=YEAR | {"by": "stf_2"})).raise_for_status()

    rows = await store_sqlite.read(lambda s: s.execute(select(tables.audit).order_by(tables.audit.c.seq)).all())
    assert [(row.action, row.detail["by"]) for row in rows] == [
        ("pack.published", "stf_1"),
        ("calendar.published", "stf_2"),
    ]
    assert all(row.actor.startswith("key_") for row in rows)


async def test_a_calendar_told_again_changes_nothing(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/calendars", json=YEAR)).raise_for_status()

    again = (await writer.post("/v1/calendars", json=YEAR)).json()["data"]

    assert [(each["state"], each["journeys"]) for each in again] == [("there-already", 0)]
    assert await store_sqlite.read(_changes) == ["calendar"]


async def test_a_calendar_that_cannot_be_is_refused(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)

    outside = await writer.post("/v1/calendars", json=YEAR | {"off": {"2026-06-28": "端午节"}})
    both = await writer.post("/v1/calendars", json=YEAR | {"work": ["2027-06-23"]})
    nowhere = await writer.post("/v1/calendars", json=YEAR | {"country": "zz"})

    assert [answer.status_code for answer in (outside, both, nowhere)] == [422, 422, 404]


def _packs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(tables.packs)) or 0


def _changes(session: Session) -> list[str]:
    return list(session.execute(select(tables.changes.c.kind)).scalars())


@pytest.mark.slow
async def test_many_homes_are_counted_by_several_processes_with_the_same_result(
    writer: httpx2.AsyncClient, store_sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(writer, store_sqlite)
    body = version(signing__service_callback__within="5d")
    alone = (await writer.post("/v1/packs/preview", json=body)).json()

    monkeypatch.setattr(previewing, "MANY", 1)
    monkeypatch.setattr(previewing, "PAGE", 1)
    together = (await writer.post("/v1/packs/preview", json=body)).json()

    assert together == alone
    assert together["homes"] == 2
