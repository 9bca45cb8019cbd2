"""Operators' actions on a planned journey, on each engine: what they commit, what they refuse, what they undo."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from journey.domain.entries import State
from journey.domain.errors import Conflict, InvalidInput, NotFound
from journey.store.engine import Store
from journey.store.entry_queries import list_entries, timeline_view
from journey.store.message_queries import list_messages
from journey.store.performing import Wanted, open_task
from journey.store.queries import journey_view
from journey.store.standings import read_standings
from journey.store.tables import holds, journeys, projects, tasks
from journey.store.work_queries import task_view
from starter.answers import Acted
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
WELCOME = "signing.keeper-welcome"
CONTACT = "signing.keeper-contact"
FILING = "signing.filing"
Fields = dict[str, Any]


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A subscribed and signed home, planned once, its clock a minute on."""
    made = await ground(store, tmp_path, MORNING, ScriptedChannel(takes_keys=False))
    await made.start()
    await made.tell("contract.signed", on="2026-03-16", contract_handover_date="2027-06-30")
    await made.plan()
    made.clock.instant += timedelta(minutes=1)
    return made


async def act(home: Ground, action: str, **body: Any) -> Acted:
    """One action by 李娜, then a plan."""
    acted = await home.doors.act(home.journey, action, {"reason": "业主要求"} | body, by="李娜", source="key_1")
    await home.plan()
    return acted


async def state(home: Ground, item: str) -> str:
    """How an item stands."""
    found = await home.store.read(read_standings, home.journey)
    return next(one.state for key, one in found.items() if key.startswith(item))


async def refused(home: Ground, action: str, **body: Any) -> str:
    """The reason code of a refusal."""
    with pytest.raises((Conflict, NotFound)) as caught:
        await act(home, action, **body)
    assert isinstance(caught.value, Conflict | NotFound)
    reason = caught.value.reason
    assert reason is not None
    assert "?" not in reason.text("zh") + reason.text("en")
    return str(reason.code)


async def wrong(home: Ground, action: str, **body: Any) -> list[tuple[str, str]]:
    """Field and rule of everything that is wrong with a body."""
    with pytest.raises(InvalidInput) as caught:
        await act(home, action, **body)
    return [(error.field, error.rule) for error in caught.value.errors]


async def opened(home: Ground, rule: str) -> str:
    """The task of an item, opened by hand; its id."""
    move = await home.move(rule)
    assert move is not None
    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)
    changed = await home.store.write(open_task, wanted)
    assert changed is not None
    await home.plan()
    return changed.task


async def unknown(home: Ground) -> None:
    """The welcome's provider fell silent."""
    home.channel.failures = [TimeoutError()]
    await home.send(WELCOME)
    assert (await home.entry(WELCOME)).state is State.UNKNOWN
    home.clock.instant += timedelta(minutes=5)


async def test_a_skip_names_who_and_why_in_the_timeline_and_is_undone(home: Ground) -> None:
    skipped = await act(home, "skip", item=CONTACT)
    then = await state(home, CONTACT)
    await act(home, "undo", event=skipped.answer.event)

    lines = (await home.store.read(timeline_view, home.journey)).data
    told = next(line for line in lines if line["ref"] == skipped.answer.event)
    assert (then, await state(home, CONTACT)) == ("skipped", "planned")
    assert (told["by"], told["why"], told["item"]) == ("李娜", "业主要求", CONTACT)
    assert told["text"] == "跳过事项 管家首次联系:已采纳(李娜:业主要求)"


async def test_an_action_told_twice_with_one_id_happens_once(home: Ground) -> None:
    first = await act(home, "skip", item=CONTACT, id="s1")
    again = await act(home, "skip", item=CONTACT, id="s1")

    assert (again.answer.event, again.key) == (first.answer.event, first.key)
    with pytest.raises(Conflict):
        await act(home, "redo", item=CONTACT, id="s1")


async def test_an_unknown_item_is_answered_with_what_exists(home: Ground) -> None:
    with pytest.raises(NotFound, match=r"signing\.filing/"):
        await act(home, "skip", item="signing.no-such-thing")
    assert await wrong(home, "skip") == [("key", "required")]


async def test_a_statutory_duty_is_skipped_only_by_the_word_for_it(home: Ground) -> None:
    assert await refused(home, "skip", item=FILING) == "statutory"

    await act(home, "skip", item=FILING, statutory=True)

    assert await state(home, FILING) == "skipped"


async def test_an_entry_that_changed_meanwhile_is_left_as_it_is(home: Ground) -> None:
    seen = (await home.store.read(list_entries, home.journey)).data
    expected = next(each["expected"] for each in seen if each["item"] == WELCOME)
    await home.send(WELCOME)

    assert await refused(home, "skip", item=WELCOME, expected=expected) == "changed-meanwhile"
    assert await refused(home, "skip", item=WELCOME) == "already-ended"
    assert await wrong(home, "skip", item=CONTACT, expected="planned@soon") == [("expected", "not-an-instant")]


async def test_a_date_that_moved_meanwhile_counts_as_changed(home: Ground) -> None:
    seen = (await home.store.read(list_entries, home.journey)).data
    expected = next(each["expected"] for each in seen if each["item"] == CONTACT)
    await act(home, "reschedule", item=CONTACT, to="2026-03-20T10:00:00+08:00", expected=expected)

    again = {"item": CONTACT, "to": "2026-03-21T10:00:00+08:00"}

    assert await refused(home, "reschedule", **again, expected=expected) == "changed-meanwhile"
    assert (await act(home, "reschedule", **again, expected="planned")).answer.verdict == "taken"


async def test_what_an_entry_is_now_is_told_as_lists_show_it_and_taken_as_it_is_told(home: Ground) -> None:
    with pytest.raises(Conflict) as caught:
        await act(home, "skip", item=CONTACT, expected="done")
    listed = (await home.store.read(list_entries, home.journey)).data
    assert caught.value.reason is not None
    present = caught.value.reason.params["present"]

    assert present == next(each["expected"] for each in listed if each["item"] == CONTACT)
    assert present.endswith("+08:00")
    assert (await act(home, "skip", item=CONTACT, expected=present)).answer.verdict == "taken"


async def test_what_a_task_is_now_is_told_on_the_clocks_of_the_project(home: Ground) -> None:
    task = await opened(home, CONTACT)

    with pytest.raises(Conflict, match=r"open@\S+\+08:00"):
        await home.doors.assign_task(task, {"to": "finance", "reason": "休假", "expected": "done"}, by="李娜")


async def test_of_two_actions_at_once_on_what_both_saw_one_comes_too_late(home: Ground) -> None:
    task = await opened(home, CONTACT)
    both = [
        home.doors.assign_task(task, {"to": to, "reason": "休假", "expected": "open"}, by="李娜")
        for to in ("sales", "sales")
    ]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(one).__name__ for one in outcomes) == ["Acted", "Conflict"]


@pytest.mark.parametrize(
    ("item", "to", "rule"),
    [
        (CONTACT, "2026-03-16T10:01:00+08:00", "in-the-past"),
        (CONTACT, "2026-06-16T10:00:00+08:00", "after-window"),
        (FILING, "2026-06-16T10:00:00+08:00", "after-legal-due"),
    ],
)
async def test_a_new_date_lies_ahead_in_the_window_and_within_the_law(
    home: Ground, item: str, to: str, rule: str
) -> None:
    assert await wrong(home, "reschedule", item=item, to=to) == [("to", rule)]


async def test_a_new_date_moves_our_target_and_leaves_the_law_alone(home: Ground) -> None:
    before = {key: one for key, one in (await home.store.read(read_standings, home.journey)).items() if FILING in key}
    await act(home, "reschedule", item=FILING, to="2026-03-30T10:00:00+08:00")
    after = {key: one for key, one in (await home.store.read(read_standings, home.journey)).items() if FILING in key}

    assert [one.due for one in after.values()] == [instant("2026-03-30 10:00")]
    assert [one.legal_due for one in after.values()] == [one.legal_due for one in before.values()]


async def test_only_what_ended_is_redone_and_not_twice_at_once(home: Ground) -> None:
    assert await refused(home, "redo", item=WELCOME) == "not-ended"
    await home.send(WELCOME)

    redone = await act(home, "redo", item=WELCOME)

    assert redone.key is not None
    assert redone.key.endswith(f"~{redone.answer.event}")
    assert await refused(home, "redo", item=WELCOME) == "not-ended"


async def test_a_redo_no_plan_has_seen_is_not_ordered_again(home: Ground) -> None:
    await home.send(WELCOME)
    await home.doors.act(home.journey, "redo", {"item": WELCOME, "reason": "x"}, by="李娜")

    assert await refused(home, "redo", item=WELCOME) == "not-ended"


async def test_a_redo_is_undone_until_it_goes_out(home: Ground) -> None:
    await home.send(WELCOME)
    first = await act(home, "redo", item=WELCOME)
    await act(home, "undo", event=first.answer.event)
    second = await act(home, "redo", item=WELCOME)
    found = [move for move in (await home.plan()).moves if move.key.startswith(WELCOME)]
    await home.send(WELCOME, move=found[0])

    assert [move.key.split("~")[1] for move in found] == [second.answer.event]
    assert len(home.channel.calls) == 2
    assert await refused(home, "undo", event=second.answer.event) == "gone-out"
    assert await refused(home, "undo", event=first.answer.event) == "undone-already"


async def test_only_an_operators_event_of_this_journey_is_undone(home: Ground) -> None:
    assert await refused(home, "undo", event="subscription.signed") == "not-an-action"
    assert await refused(home, "undo", event="evt_nobody") == "no-such-event"


async def test_a_send_that_did_not_happen_goes_once_more_and_no_more(home: Ground) -> None:
    await unknown(home)
    await act(home, "decide", item=WELCOME, outcome="not-happened")

    again = [await home.send(WELCOME) for _ in range(2)]

    assert (again, len(home.channel.calls)) == (["changed", "none"], 2)
    assert len({call.key for call in home.channel.calls}) == 1
    assert (await home.entry(WELCOME)).state is State.SENT
    assert await refused(home, "decide", item=WELCOME, outcome="happened") == "not-unknown"


async def test_a_send_that_is_unknown_again_needs_another_decision(home: Ground) -> None:
    await unknown(home)
    first = await act(home, "decide", item=WELCOME, outcome="not-happened")
    await unknown(home)

    assert [move.key for move in (await home.plan()).moves if move.key.startswith(WELCOME)] == []
    assert await refused(home, "undo", event=first.answer.event) == "gone-out"


async def test_a_send_that_happened_counts_as_sent_until_that_is_taken_back(home: Ground) -> None:
    await unknown(home)
    decided = await act(home, "decide", item=WELCOME, outcome="happened")
    then = (await home.entry(WELCOME)).state, (await home.store.read(list_messages)).data[0]["state"]

    await act(home, "undo", event=decided.answer.event)

    assert then == (State.SENT, "sent")
    assert (await home.entry(WELCOME)).state is State.UNKNOWN
    assert (await home.store.read(list_messages)).data[0]["state"] == "unknown"
    assert len(home.channel.calls) == 1


async def test_a_decision_after_the_window_gives_the_send_up(home: Ground) -> None:
    await unknown(home)
    home.clock.instant += timedelta(days=10)

    await act(home, "decide", item=WELCOME, outcome="not-happened")

    assert (await home.entry(WELCOME)).state is State.FAILED
    assert await home.send(WELCOME) == "none"


async def test_what_was_redone_cannot_be_decided_to_go_again(home: Ground) -> None:
    await unknown(home)
    await act(home, "redo", item=WELCOME)

    key = (await home.entry(WELCOME)).key
    assert await refused(home, "decide", key=key, outcome="not-happened") == "decided-by-redo"


async def test_a_hold_is_placed_once_and_resumed_by_its_scope(home: Ground) -> None:
    await act(home, "pause", scope="all")
    assert await refused(home, "pause", scope="all") == "held-already"
    assert await refused(home, "resume", scope="care") == "no-hold"
    assert await refused(home, "mute", scope="signing.nothing") == "no-such-item"
    paused = await status(home)

    await act(home, "mute")
    resumed = await act(home, "resume")

    assert (paused, await status(home)) == ("paused", "active")
    assert len(resumed.also) == 1
    assert await refused(home, "resume") == "no-hold"


async def test_a_hold_on_a_person_holds_every_journey_of_that_owner_at_once(home: Ground) -> None:
    other = {"project": "XN", "unit": "3-1-1203", "owners": [{"ref": "zw", "name": "张伟"}], "facts": []}
    second = (await home.doors.start_journey(other)).journey["id"]

    placed = await act(home, "mute", scope="care", person="zw")

    assert placed.answer.verdict == "applied"
    assert await home.store.read(lambda s: [row.journey_id for row in s.execute(select(holds))]) == [None]
    stale = await home.store.read(lambda s: s.scalar(select(journeys.c.stale_since).where(journeys.c.id == second)))
    assert stale is not None
    assert await refused(home, "resume", scope="care") == "no-hold"
    assert (await act(home, "resume", scope="care", person="zw")).answer.verdict == "applied"
    assert await wrong(home, "mute", person="nobody") == [("person", "unknown-person")]


async def test_holds_stand_in_the_timeline_with_who_and_why(home: Ground) -> None:
    await act(home, "mute", scope="marketing")

    lines = (await home.store.read(timeline_view, home.journey)).data
    assert [line["why"] for line in lines if line["code"] == "event.hold.placed"] == ["业主要求"]


async def test_a_cancelled_journey_names_the_work_that_it_closes_and_comes_back_when_undone(home: Ground) -> None:
    task = await opened(home, CONTACT)
    cancelled = await act(home, "cancel", expected="active")
    closed = (await home.store.read(task_view, task))["state"]
    assert await refused(home, "cancel") == "journey-ended"
    ended = await status(home)

    await act(home, "undo", event=cancelled.answer.event)

    assert [key.split("/")[0] for key in cancelled.closes] == [CONTACT]
    assert (closed, ended, await status(home)) == ("withdrawn", "cancelled", "active")


async def test_a_cancel_is_not_undone_once_the_home_has_another_journey(home: Ground) -> None:
    cancelled = await act(home, "cancel")
    other = {"project": "XN", "unit": "3-1-1202", "owners": [{"ref": "lf", "name": "李芳"}]}
    await home.doors.start_journey(other)

    assert await refused(home, "undo", event=cancelled.answer.event) == "home-taken"


async def test_a_status_that_changed_meanwhile_refuses(home: Ground) -> None:
    await act(home, "pause")

    assert await refused(home, "cancel", expected="active") == "changed-meanwhile"


async def test_an_assigned_task_loses_its_claim_moves_its_ladder_and_comes_back(home: Ground) -> None:
    task = await opened(home, CONTACT)
    await home.doors.claim_task(task, "wang")
    acted = await home.doors.assign_task(task, {"to": "Finance", "reason": "休假"}, by="李娜")
    at_once = await home.store.read(task_view, task)
    await home.plan()
    found = (await home.store.read(list_entries, home.journey, state="open")).data

    await act(home, "undo", event=acted.answer.event)

    assert (at_once["role"], at_once["claimed_by"]) == ("finance", None)
    assert [(each["role"], each["because"][-1]["code"]) for each in found] == [("finance", "assigned")]
    assert (await home.store.read(task_view, task))["role"] == "keeper"


async def test_a_task_given_to_a_colleague_is_claimed_for_him_until_that_is_undone(home: Ground) -> None:
    task = await opened(home, CONTACT)
    acted = await home.doors.assign_task(task, {"to": "wang", "reason": "熟悉业主"}, by="李娜")
    given = await home.store.read(task_view, task)
    await home.plan()

    await act(home, "undo", event=acted.answer.event)

    assert (given["role"], given["claimed_by"]) == ("keeper", "wang")
    assert (await home.store.read(task_view, task))["claimed_by"] is None


async def test_a_task_goes_to_nobody_who_is_not_there(home: Ground) -> None:
    task = await opened(home, CONTACT)
    posts = {"keeper": ["wang"], "project-cs": ["chen"]}
    await home.store.write(lambda s: s.execute(update(projects).values(posts=posts)))

    with pytest.raises(InvalidInput, match="chen"):
        await home.doors.assign_task(task, {"to": "finance", "reason": "休假"}, by="李娜")
    await home.doors.assign_task(task, {"to": "chen", "reason": "休假"}, by="李娜")
    with pytest.raises(NotFound):
        await home.doors.assign_task("tsk_9", {"to": "chen", "reason": "休假"}, by="李娜")


async def test_a_closed_task_stays_where_it_is(home: Ground) -> None:
    task = await opened(home, CONTACT)
    await home.store.write(lambda s: s.execute(update(tasks).values(closed_at=MORNING, state="done")))

    with pytest.raises(Conflict, match="closed"):
        await home.doors.assign_task(task, {"to": "finance", "reason": "休假"}, by="李娜")


async def status(home: Ground) -> str:
    """The journey's status."""
    return str((await home.store.read(journey_view, home.journey))["status"])
