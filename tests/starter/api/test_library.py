"""Approved answers over the API: only what was approved and holds is offered, and beside the right task."""

from typing import Any

import httpx2
from sqlalchemy import insert, select

from journey.store import tables
from journey.store.engine import Store
from tests.journey.store.seeds import NOON
from tests.starter.api.told import begin

URL = "/v1/answers"
PARKING = {
    "id": "parking", "topic_zh": "车位", "topic_en": "Parking", "text_zh": "车位以公示为准。",
    "text_en": "Parking is as displayed.", "categories": ["service"], "kinds": ["complaint"], "by": "stf_1",
}  # fmt: skip


async def add(client: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    """The parking answer, or another version of it."""
    return dict((await client.post(URL, json=PARKING | more)).raise_for_status().json())


async def approve(client: httpx2.AsyncClient, party: str = "legal") -> httpx2.Response:
    """A post's approval of it."""
    return await client.post(f"{URL}/parking/approve", json={"party": party, "by": "stf_2"})


async def offered(client: httpx2.AsyncClient, **wanted: Any) -> list[str]:
    """Ids of what may be given today."""
    page = (await client.get(URL, params={"offered": "true", **wanted})).raise_for_status().json()
    return [row["id"] for row in page["data"]]


async def test_the_packs_own_answers_are_offered_and_found_by_words_and_category(writer: httpx2.AsyncClient) -> None:
    assert {"handover-delay", "leak-report", "noise", "property-fee", "title-certificate"} <= set(await offered(writer))
    assert await offered(writer, q="闭水") == ["leak-report"]
    assert await offered(writer, q="title registry") == ["title-certificate"]
    assert await offered(writer, category="waterproofing", kind="repair") == ["leak-report"]


async def test_an_answer_is_offered_once_every_post_has_approved_it(writer: httpx2.AsyncClient) -> None:
    await add(writer, approvals=["legal", "marketing"])
    before = await offered(writer, q="车位")
    (await approve(writer)).raise_for_status()
    between = await offered(writer, q="车位")
    found = (await approve(writer, "marketing")).raise_for_status().json()

    assert (before, between) == ([], [])
    assert (found["state"], found["approved_by"]) == ("approved", ["legal", "marketing"])
    assert await offered(writer, q="车位") == ["parking"]


async def test_the_version_before_goes_on_until_the_new_one_is_approved(writer: httpx2.AsyncClient) -> None:
    await add(writer)
    await approve(writer)
    await add(writer, text_zh="车位以合同为准。")

    meanwhile = (await writer.get(f"{URL}/parking")).json()
    after = (await approve(writer)).json()

    assert (meanwhile["version"], meanwhile["text"]) == (1, "车位以公示为准。")
    assert (after["version"], after["text"]) == (2, "车位以合同为准。")
    assert [row["state"] for row in after["history"]] == ["draft", "approved", "draft", "approved"]


async def test_the_same_text_again_is_no_new_version(writer: httpx2.AsyncClient) -> None:
    first, again = await add(writer), await add(writer)

    assert (first["added"], again["added"]) == (1, 1)
    assert len(again["history"]) == 1


async def test_what_has_not_begun_or_has_ended_is_not_offered(writer: httpx2.AsyncClient) -> None:
    await add(writer, valid_from="2026-03-05", valid_until="2026-03-31")  # it is noon of 2026-03-01
    await approve(writer)
    early = await offered(writer, q="车位")
    await add(writer, valid_until="2026-02-28")
    await approve(writer)

    assert (early, await offered(writer, q="车位")) == ([], [])


async def test_a_retired_answer_is_offered_no_more_a_packs_own_likewise(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    told = {"by": "stf_1", "reason": "另行发文"}

    found = (await writer.post(f"{URL}/noise/retire", json=told)).raise_for_status().json()
    traces = await store_sqlite.read(
        lambda s: (
            s.execute(select(tables.audit.c.subject).where(tables.audit.c.action == "answer.retired")).scalars().all()
        )
    )

    assert found["state"] == "retired"
    assert "noise" not in await offered(writer)
    assert traces == ["noise"]


async def test_a_retired_answer_comes_back_with_a_new_version_only(writer: httpx2.AsyncClient) -> None:
    await add(writer)
    await approve(writer)
    (await writer.post(f"{URL}/parking/retire", json={"by": "stf_1", "reason": "有误"})).raise_for_status()
    refused = await approve(writer)
    await add(writer, text_zh="车位以新公示为准。")
    (await approve(writer)).raise_for_status()

    assert refused.status_code == 409
    assert await offered(writer, q="车位") == ["parking"]


async def test_what_cannot_be_is_refused(writer: httpx2.AsyncClient) -> None:
    await add(writer)
    answers = [
        await writer.post(URL, json=PARKING | {"rules": ["no.such"]}),
        await writer.post(URL, json=PARKING | {"valid_from": "2026-03-05", "valid_until": "2026-03-01"}),
        await writer.post(URL, json=PARKING | {"text_en": ""}),
        await approve(writer, "marketing"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422]
    assert (await writer.get(f"{URL}/no-such")).status_code == 404


async def test_a_task_shows_what_may_be_said_about_its_rule_or_its_case(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    journey = await begin(writer)
    await store_sqlite.write(_task, journey, "tsk_title", "handover.title")
    await store_sqlite.write(_task, journey, "tsk_leak", "complaint.reply", {"case": "cas_1"})
    await store_sqlite.write(_task, journey, "tsk_other", "signing.service-callback")

    shown = {
        task: [row["id"] for row in (await writer.get(f"/v1/tasks/{task}")).raise_for_status().json()["answers"]]
        for task in ("tsk_title", "tsk_leak", "tsk_other")
    }

    assert shown == {"tsk_title": ["title-certificate"], "tsk_leak": ["leak-report"], "tsk_other": []}


def _task(session: Any, journey: str, task: str, rule: str, params: dict[str, Any] | None = None) -> None:
    project = session.execute(select(tables.journeys.c.project_id).where(tables.journeys.c.id == journey)).scalar_one()
    key = f"{rule}/x/once"
    row = {"id": task, "journey_id": journey, "project_id": project, "key": key, "rule": rule, "kind": "task"}
    session.execute(
        insert(tables.tasks).values(**row, role="keeper", state="open", opened_at=NOON, due=NOON, attempts=0)
    )
    entry = {"scope": "journey", "scope_id": journey, "key": key, "state": "open", "at": NOON, "steps": []}
    session.execute(insert(tables.entries).values(**entry, item={"rule": rule, "params": params or {}}))
    if params:
        case = {"id": params["case"], "journey_id": journey, "project_id": project, "kind": "complaint"}
        case |= {"severity": "general", "state": "open", "level": "L0", "opened_at": NOON}
        session.execute(insert(tables.cases).values(**case, document={"category": "waterproofing"}))
