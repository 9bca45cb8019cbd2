"""An operator steers a living journey: every action acts on the running workflow, and is taken back there too."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.messaging import MessagingActivities
from journey.adapters.channels import Gateway
from journey.store.engine import Store
from journey.store.entry_queries import list_entries, timeline_view
from starter.answers import Acted
from tests.activities.ground import ScriptedChannel
from tests.engine import TestEngine, engine
from tests.workflows.runs import SIGNED, open_tasks

pytestmark = pytest.mark.server

CONTACT = "signing.keeper-contact"
FILING = "signing.filing"
WELCOME = "signing.keeper-welcome"


async def act(home: TestEngine, journey: str, action: str, **body: Any) -> Acted:
    """One action of an operator, judged by the workflow."""
    acted = await home.doors.act(journey, action, {"reason": "业主要求"} | body, by="李娜")
    assert acted.answer.verdict == "applied"
    return acted


async def entry(home: TestEngine, journey: str, item: str) -> dict[str, Any]:
    """An item as lists show it."""
    found = (await home.store.read(list_entries, journey)).data
    return next(each for each in found if each["item"] == item)


async def eventually_open(home: TestEngine, journey: str, rule: str) -> str:
    """The open task of a rule; its id."""
    async with asyncio.timeout(60):
        while rule not in (found := await home.store.read(open_tasks, journey)):
            await home.move(seconds=1)
    return found[rule]


async def test_a_living_journey_is_steered_from_skip_to_cancel(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    first = await eventually_open(home, journey, CONTACT)

    skipped = await act(home, journey, "skip", item=CONTACT)
    assert (await entry(home, journey, CONTACT))["outcome"] == "skipped"
    await act(home, journey, "undo", event=skipped.answer.event)
    again = await eventually_open(home, journey, CONTACT)
    assert again != first

    to = (await home.now()) + timedelta(days=12)
    await act(home, journey, "reschedule", item=CONTACT, to=to.isoformat())
    assert datetime.fromisoformat((await entry(home, journey, CONTACT))["due"]) == to
    legal = (await entry(home, journey, FILING))["legal_due"]

    await act(home, journey, "pause")
    await home.move(days=20)
    assert (await home.states(journey))[CONTACT] == "open"
    await act(home, journey, "resume")

    due = datetime.fromisoformat((await entry(home, journey, CONTACT))["due"])
    assert timedelta(days=19) < due - to < timedelta(days=21)
    assert (await entry(home, journey, FILING))["legal_due"] == legal
    await home.move(days=15)
    assert (await home.states(journey))[CONTACT] == "escalated"

    cancelled = await act(home, journey, "cancel")
    await asyncio.wait_for(home.handle(journey).result(), 60)

    assert [key.split("/")[0] for key in cancelled.closes if key.startswith(CONTACT)] == [CONTACT]
    assert (await home.row(journey)).status == "cancelled"
    assert await home.store.read(open_tasks, journey) == {}
    lines = (await home.store.read(timeline_view, journey, limit=200)).data
    told = [line["code"].removeprefix("event.") for line in lines if line["by"] == "李娜"]
    assert told == [
        "item.skipped", "event.voided", "item.rescheduled", "hold.placed", "hold.released", "journey.cancelled"
    ]  # fmt: skip


async def test_a_cancelled_journey_that_is_wanted_after_all_runs_again(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    await eventually_open(home, journey, CONTACT)
    cancelled = await act(home, journey, "cancel")
    await asyncio.wait_for(home.handle(journey).result(), 60)

    await act(home, journey, "undo", event=cancelled.answer.event)

    await eventually_open(home, journey, CONTACT)
    assert (await home.row(journey)).status == "active"


async def test_an_assigned_task_is_escalated_above_its_new_post(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    task = await eventually_open(home, journey, CONTACT)

    assigned = await home.doors.assign_task(task, {"to": "warranty-office", "reason": "休假"}, by="李娜")
    await home.move(days=12)

    steps = (await entry(home, journey, CONTACT))["steps"]
    assert assigned.answer.verdict == "applied"
    assert [(step["step"], step["to"]) for step in steps] == [
        ("warned", "warranty-office"),
        ("overdue", "warranty-office"),
        ("escalated", "developer-cs"),
    ]


async def test_an_unknown_send_that_did_not_happen_goes_exactly_once_more(store_sqlite: Store, tmp_path: Path) -> None:
    mail = ScriptedChannel(takes_keys=False, failures=[TimeoutError()])
    others = [ScriptedChannel(name) for name in ("wechat", "email")]
    replaced = {"messaging.send": lambda site, _: MessagingActivities(site, Gateway([mail, *others])).send}
    async with engine(store_sqlite, tmp_path, replaced=replaced) as home:
        journey = await home.start(facts=SIGNED)
        await home.move(days=1)
        unknown = await entry(home, journey, WELCOME)
        calls = len(mail.calls)

        await act(home, journey, "decide", item=WELCOME, outcome="not-happened", expected=unknown["expected"])
        await home.move(days=2)
        sent = await entry(home, journey, WELCOME)
        await home.move(days=30)

        assert (unknown["outcome"], sent["outcome"]) == ("unknown", "sent")
        assert len([call for call in mail.calls if call.key == mail.calls[0].key]) == calls + 1
        assert [key for key in mail.taken if key.startswith(f"{WELCOME}/")] == [mail.calls[0].key]
