"""What people are shown."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.domain.errors import NotFound
from journey.store import message_queries, queries, work_queries
from journey.store.engine import Store
from journey.store.entry_queries import entries_view, forecast_view, list_entries, timeline_view
from journey.store.paging import BadCursor, Page
from journey.store.queries import JourneyFilter
from journey.store.shelf import Shelf
from journey.store.tables import events, journeys, messages, persons
from journey.store.work_queries import TaskFilter
from tests.journey.store.seeds import CALLBACK, FILING, NOON, WELCOME, person, seed, seed_work

ALL = JourneyFilter()


def ids(page: Page) -> list[str]:
    return [row["id"] for row in page.data]


async def test_a_list_goes_on_where_its_cursor_says_and_ends_with_none(store: Store) -> None:
    await store.write(seed)

    first = await store.read(queries.list_journeys, ALL, limit=1)
    second = await store.read(queries.list_journeys, ALL, cursor=first.next_cursor, limit=1)

    assert (ids(first), ids(second)) == (["jrn_2"], ["jrn_1"])
    assert second.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "!!", "bnVsbA", "WyJ0YXNrcyIsMSwyXQ"])
async def test_a_cursor_of_another_list_or_of_nobody_is_refused(store: Store, cursor: str) -> None:
    await store.write(seed)

    with pytest.raises(BadCursor):
        await store.read(queries.list_journeys, ALL, cursor=cursor)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (JourneyFilter(project="XN"), ["jrn_2", "jrn_1"]),
        (JourneyFilter(project="nowhere"), []),
        (JourneyFilter(stage="signing"), ["jrn_1"]),
        (JourneyFilter(status="lost"), []),
        (JourneyFilter(q="1203"), ["jrn_2"]),
        (JourneyFilter(q="crm_1"), ["jrn_1"]),
        (JourneyFilter(q="%"), []),
        (JourneyFilter(due_before=NOON + timedelta(days=4)), ["jrn_1"]),
        (JourneyFilter(due_before=NOON), []),
        (JourneyFilter(building="3"), ["jrn_2", "jrn_1"]),
        (JourneyFilter(building="4"), []),
        (JourneyFilter(person="psn_1"), ["jrn_1"]),
        (JourneyFilter(person="psn_none"), []),
        (JourneyFilter(overdue=True), ["jrn_2"]),
        (JourneyFilter(overdue=False), ["jrn_1"]),
    ],
)
async def test_journeys_are_filtered(store: Store, wanted: JourneyFilter, found: list[str]) -> None:
    await store.write(seed)
    await store.write(lambda s: s.execute(update(journeys).where(journeys.c.id == "jrn_2").values(overdue=1)))

    assert ids(await store.read(queries.list_journeys, wanted)) == found


async def test_a_journey_is_named_by_its_id_or_by_project_and_unit(store: Store) -> None:
    await store.write(seed)

    assert await store.read(queries.find_journey, "jrn_1") == "jrn_1"
    assert await store.read(queries.find_journey, "XN/3-1-1203") == "jrn_2"
    for unknown in ("jrn_9", "XN/9", "nowhere/3-1-1202"):
        with pytest.raises(NotFound):
            await store.read(queries.find_journey, unknown)


async def test_owners_are_masked_unless_somebody_may_read_them(store: Store) -> None:
    await store.write(seed)

    masked = await store.read(queries.journey_view, "jrn_1")
    plain = await store.read(queries.journey_view, "jrn_1", unmasked=True)

    assert masked["owners"][0] == {"ref": "zw", "name": "张*", "phone": "+86138****8000"}
    assert plain["owners"][0] == {"ref": "zw", "name": "张伟", "phone": "+8613800138000"}
    assert [owner["ref"] for owner in masked["owners"]] == ["zw", "lf"]


async def test_a_journey_is_one_flat_object_with_its_warranty_and_open_tasks(store: Store) -> None:
    await store.write(seed_work)

    view = await store.read(queries.journey_view, "XN/3-1-1202")

    assert (view["id"], view["project"], view["unit"]) == ("jrn_1", "XN", "3-1-1202")
    assert (view["stage"], view["status"], view["open_tasks"]) == ("signing", "active", 1)
    assert view["next_due"] == "2026-03-04T12:00:00+08:00"
    assert view["warranty"] == [
        {"component": "structure", "owner_ends": None, "contractor_ends": None, "gap_days": None},
        {"component": "wet-room", "owner_ends": "2031-06-27", "contractor_ends": "2031-04-28", "gap_days": 60},
    ]


async def test_entries_join_the_ledger_with_what_is_planned(store: Store) -> None:
    await store.write(seed_work)

    entries = await store.read(entries_view, "jrn_1", "en")
    shown = {entry["key"]: entry for entry in entries}

    assert [entry["key"] for entry in entries] == [WELCOME, CALLBACK, FILING]
    assert (shown[WELCOME]["outcome"], shown[WELCOME]["channel"], shown[WELCOME]["person"]) == ("sent", "sms", "zw")
    assert (shown[CALLBACK]["outcome"], shown[CALLBACK]["channel"]) == ("open", "phone")
    assert shown[CALLBACK]["due"] == "2026-03-04T12:00:00+08:00"
    assert shown[CALLBACK]["steps"] == [{"at": "2026-03-03T12:00:00+08:00", "step": "warned", "to": "keeper"}]


async def test_what_is_planned_again_wins_over_an_earlier_try_that_does_not_bind(store: Store) -> None:
    await store.write(seed_work)

    entries = await store.read(entries_view, "jrn_1", "zh")
    filing = next(entry for entry in entries if entry["key"] == FILING)

    assert (filing["outcome"], filing["at"], filing["reason"]) == ("planned", None, None)
    assert filing["because"][0]["text"] == "原定 2026-03-08,遇节假日,提前到之前最后一个工作日"


async def test_the_forecast_is_what_is_still_ahead(store: Store) -> None:
    await store.write(seed_work)

    page = await store.read(forecast_view, "XN/3-1-1202", NOON, shelf=Shelf(read_pack))

    assert [entry["key"] for entry in page.data] == [FILING]
    assert page.next_cursor is None


async def test_a_timeline_says_in_words_what_happened_in_order(store: Store) -> None:
    await store.write(seed_work)

    chinese = await store.read(timeline_view, "jrn_1", "zh")
    english = await store.read(timeline_view, "jrn_1", "en")

    assert [line["text"] for line in chinese.data] == [
        "签约:已采纳",
        "管家短信问候:已发送",
        "签约服务回访:任务已派发",
        "合同备案:未发送;已静默",
    ]
    assert english.data[3]["text"] == "filing: not sent; muted"
    assert [line["item"] for line in english.data][:2] == [None, "signing.keeper-welcome"]


async def test_a_timeline_has_pages(store: Store) -> None:
    await store.write(seed_work)

    first = await store.read(timeline_view, "jrn_1", limit=3)
    second = await store.read(timeline_view, "jrn_1", cursor=first.next_cursor, limit=3)

    assert [line["code"] for line in second.data] == ["entry.suppressed"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TaskFilter(), ["tsk_2", "tsk_1"]),
        (TaskFilter(state="open"), ["tsk_1"]),
        (TaskFilter(state="done", role="keeper"), ["tsk_2"]),
        (TaskFilter(role="legal"), []),
        (TaskFilter(due_before=NOON + timedelta(days=2)), ["tsk_2"]),
        (TaskFilter(project="XN", journey="XN/3-1-1203"), []),
    ],
)
async def test_tasks_are_filtered_and_the_first_due_comes_first(
    store: Store, wanted: TaskFilter, found: list[str]
) -> None:
    await store.write(seed_work)

    assert ids(await store.read(work_queries.list_tasks, wanted)) == found


async def test_messages_are_listed_without_addresses(store: Store) -> None:
    await store.write(seed_work)

    page = await store.read(message_queries.list_messages, journey="jrn_1", state="sent")

    assert [(row["id"], row["key"], row["person"]) for row in page.data] == [("msg_1", f"{WELCOME}/psn_1", "zw")]
    assert "138" not in str(page.data)


async def test_every_item_is_listed_with_what_an_action_may_expect(store: Store) -> None:
    await store.write(seed_work)

    every = (await store.read(list_entries, "jrn_1")).data
    running = (await store.read(list_entries, "XN/3-1-1202", state="open")).data
    exact = (await store.read(list_entries, "jrn_1", state="escalated")).data

    assert {each["key"]: each["expected"] for each in every} == {
        WELCOME: "sent@2026-03-01T12:00:00+08:00",
        CALLBACK: "escalated@2026-03-04T12:00:00+08:00",
        FILING: "planned@2026-03-10T12:00:00+08:00",
    }
    assert [each["key"] for each in running] == [each["key"] for each in exact] == [CALLBACK]


async def test_what_went_out_since_the_last_plan_is_not_shown_as_planned(store: Store) -> None:
    await store.write(seed_work)
    await store.write(lambda session: session.execute(update(journeys).values(planned_at=NOON)))

    found = {each["key"]: each["outcome"] for each in (await store.read(list_entries, "jrn_1")).data}

    assert found[FILING] == "suppressed"


async def test_an_event_is_shown_without_its_data_by_our_id(store: Store) -> None:
    await store.write(seed)
    told: dict[str, Any] = {"id": "evt_9", "target": "jrn_1", "journey_id": "jrn_1", "source": "crm", "source_id": "c1"}
    told |= {"type": "moved_in", "occurred_at": NOON, "recorded_at": NOON, "data": {"notes": "x"}, "verdict": "applied"}
    told |= {"digest": "d"}
    await store.write(lambda session: session.execute(insert(events).values(**told)))

    shown = await store.read(work_queries.event_view, "evt_9")

    assert (shown["journey"], shown["type"], shown["occurred_at"]) == ("jrn_1", "moved_in", "2026-03-01T12:00:00+08:00")
    assert "data" not in shown
    with pytest.raises(NotFound):
        await store.read(work_queries.event_view, "evt_8")


@pytest.mark.parametrize("co_owners", [{"msg_0": 0, "msg_9": 0}, {"msg_0": -5, "msg_9": -5}], ids=["at once", "before"])
async def test_an_entry_with_several_recipients_shows_the_primary_contact(
    store: Store, co_owners: dict[str, int]
) -> None:
    def tell(session: Session) -> None:
        seed_work(session)
        session.execute(insert(persons).values(**person("psn_3", "aa", "王")))
        sent = session.execute(select(messages).where(messages.c.id == "msg_1")).one()._asdict()
        for (ident, seconds), owner in zip(co_owners.items(), ("psn_2", "psn_3"), strict=True):
            row = {"id": ident, "key": f"{WELCOME}/{owner}", "person_id": owner, "channel": "wechat"}
            at = sent["reserved_at"] + timedelta(seconds=seconds)
            session.execute(insert(messages).values(**{**sent, **row, "reserved_at": at}))

    await store.write(tell)

    (welcome,) = [one for one in await store.read(entries_view, "jrn_1") if one["key"] == WELCOME]
    assert (welcome["person"], welcome["channel"]) == ("zw", "sms")
