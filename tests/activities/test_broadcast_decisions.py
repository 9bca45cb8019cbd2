"""What a person finds out about a broadcast's send counts: for its entry, its message and its recipient."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from journey.adapters.channels import UnknownOutcome
from journey.domain.broadcasts import BroadcastOrder
from journey.domain.rules import NOTICE
from journey.domain.values import MessageClass
from journey.store import broadcast_control
from journey.store.broadcast_control import Command
from journey.store.broadcasts import broadcast_row, due_broadcasts
from journey.store.engine import Store
from journey.store.failures import StoreDown
from tests.activities.broadcast_ground import BEFORE, NEWS, Announcer
from tests.activities.ground import ground
from tests.activities.test_broadcast_repeats import report, sends, told

ALARM = "project.emergency"


async def doubtful(project: Announcer, rule: str = NOTICE, *, hours: int = 24) -> str:
    """A broadcast to one owner of whose send nobody knows the end."""
    await project.home("3-1-1")
    now = project.ground.clock.instant
    project.channel.takes_keys = False
    project.channel.failures = [UnknownOutcome("timeout")]
    asked: dict[str, Any] = {"due": now, "expires": now + timedelta(hours=hours), "rule": rule}
    if rule == ALARM:
        asked |= {"subject": "person", "occurrence": "evt_1/sms", "message_class": MessageClass.EMERGENCY}
        asked |= {"params": {"words": {"zh": "请撤离"}, "channel": "sms"}, "everyone": True}
    else:
        asked |= {"params": {"template": NEWS, "milestones": ["topped-out"]}}
    broadcast = await project.news(**asked)
    await project.run(broadcast)
    assert await project.messages() == ["unknown"]
    assert (await project.row(broadcast)).state == "closed"
    return broadcast


async def decide(project: Announcer, outcome: str) -> str:
    """A person says what was true; the event that this became."""
    project.ground.clock.instant += timedelta(minutes=5)
    key = (await sends(project))[0].entry_key
    body = {"key": key, "outcome": outcome, "reason": "业主说的"}
    acted = await project.ground.doors.act(project.ground.journey, "decide", body, by="李娜")
    await project.ground.plan()
    return acted.answer.event


@pytest.mark.parametrize("rule", [NOTICE, ALARM])
async def test_what_did_not_happen_goes_once_more_under_the_same_key(project: Announcer, rule: str) -> None:
    broadcast = await doubtful(project, rule)

    await decide(project, "not-happened")
    waits = await project.states("3-1-1", rule)
    due = await project.ground.store.read(due_broadcasts, project.ground.clock.instant)
    await project.run(broadcast)
    await project.ground.plan()

    assert waits == [("held", "decided-not-happened")]
    assert due == {broadcast: True}
    assert [call.key for call in project.channel.calls] == [(await sends(project))[0].key] * 2
    assert await project.messages() == ["sent"]
    assert await project.states("3-1-1", rule) == [("sent", None)]
    assert await project.recipients(broadcast) == {"ref-3-1-1": "sent"}
    assert (await project.row(broadcast)).state == "closed"


@pytest.mark.parametrize("rule", [NOTICE, ALARM])
async def test_what_happened_is_sent_for_its_recipient_too(here: Announcer, rule: str) -> None:
    broadcast = await doubtful(here, rule)

    await decide(here, "happened")

    assert await here.messages() == ["sent"]
    assert await here.states("3-1-1", rule) == [("sent", "decided-happened")]
    assert (await report(here, broadcast))["outcome"] == "sent"
    assert (await here.row(broadcast)).state == "closed"


async def test_a_recipient_shows_what_the_provider_said(here: Announcer) -> None:
    broadcast = await doubtful(here)

    assert (await report(here, broadcast))["text"] == "the provider gave no clear answer (timeout)"


async def test_past_its_window_what_did_not_happen_has_failed(here: Announcer) -> None:
    broadcast = await doubtful(here, hours=1)
    here.ground.clock.instant += timedelta(hours=2)

    await decide(here, "not-happened")
    await here.run(broadcast)

    assert await here.states("3-1-1", NOTICE) == [("failed", "decided-not-happened")]
    assert await here.recipients(broadcast) == {"ref-3-1-1": "failed"}
    assert len(here.channel.calls) == 1


async def test_what_was_called_off_meanwhile_does_not_go_again(here: Announcer) -> None:
    await here.home("3-1-1")
    here.channel.takes_keys = False
    here.channel.failures = [UnknownOutcome("timeout")]
    broadcast = await here.news(rule=NOTICE)
    await here.take(broadcast)
    command = Command(order=BroadcastOrder.CANCEL, key="key_1", by="stf_1", reason="不发了")
    await here.ground.store.write(broadcast_control.follow, broadcast, command, here.ground.clock.instant)
    await here.run(broadcast)

    await decide(here, "not-happened")
    await here.run(broadcast)

    assert await here.recipients(broadcast) == {"ref-3-1-1": "failed"}
    assert (await here.row(broadcast)).state == "cancelled"
    assert len(here.channel.calls) == 1


@pytest.mark.parametrize("outcome", ["happened", "not-happened"])
async def test_a_decision_that_is_taken_back_leaves_it_unknown_and_nothing_goes(here: Announcer, outcome: str) -> None:
    broadcast = await doubtful(here)
    event = await decide(here, outcome)

    await here.ground.doors.act(here.ground.journey, "undo", {"event": event, "reason": "看错了"}, by="李娜")
    await here.ground.plan()
    await here.run(broadcast)

    assert await here.states("3-1-1", NOTICE) == [("unknown", "decision-voided")]
    assert await here.messages() == ["unknown"]
    assert await here.recipients(broadcast) == {"ref-3-1-1": "unknown"}
    assert len(here.channel.calls) == 1


async def test_what_arrived_after_all_before_it_goes_again_goes_to_nobody(here: Announcer) -> None:
    broadcast = await doubtful(here)
    await decide(here, "not-happened")

    await told(here, "delivered")
    await here.run(broadcast)

    assert await here.recipients(broadcast) == {"ref-3-1-1": "delivered"}
    assert await here.states("3-1-1", NOTICE) == [("delivered", None)]
    assert len(here.channel.calls) == 1


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    """A store on PostgreSQL, where rows are locked one by one."""
    with Store(postgres_url) as store:
        yield store


@pytest.mark.postgres
async def test_planning_does_not_wait_for_a_page_that_has_the_broadcast(postgres: Store, tmp_path: Path) -> None:
    project = Announcer(await ground(postgres, tmp_path, BEFORE))
    broadcast = await doubtful(project)
    there, go_on = threading.Event(), threading.Event()

    def page(session: Session) -> None:
        broadcast_row(session, broadcast, lock=True)
        there.set()
        assert go_on.wait(30)

    busy = asyncio.create_task(postgres.write(page))
    assert await asyncio.to_thread(there.wait, 30)
    try:
        with pytest.raises(StoreDown):  # it holds its home, which the page may want; its activity asks again
            await decide(project, "not-happened")
    finally:
        go_on.set()
        await busy
    await project.ground.plan()
    await project.run(broadcast)

    assert await project.recipients(broadcast) == {"ref-3-1-1": "sent"}
