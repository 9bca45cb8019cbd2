"""What holds for every life, whatever is told in whatever order (kernel, section on tests)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from journey.domain.entries import RUNNING, WENT_OUT, State
from journey.domain.events import Event
from journey.domain.items import read_row
from journey.domain.planner import Plan, plan
from journey.domain.verdicts import Verdict
from tests.lives import Life, done_after, nobody_answers, written
from tests.records import completion, instant, record, told

START = instant("2025-03-01 09:00")
HAPPENED = WENT_OUT | {State.DONE, State.UNKNOWN}
KINDS = [
    "subscription.signed", "contract.signed", "contract.filed", "handover.notice_served", "handover.refused",
    "handover.accepted", "handover.conditional", "defect.reported", "message.replied", "contract.cancelled",
    "handover.no_show", "handover.deemed", "handover.demanded", "delay.new_date", "contract.amended",
    "maintenance_fund.paid", "title.issued", "refund.settled", "contact.invalid",
    "event.voided", "event.corrected", "item.skipped", "item.redone", "item.rescheduled",
]  # fmt: skip
KEYS = [
    "signing.keeper-welcome/epi_1/once",
    "signing.keeper-contact/epi_1/once",
    "signing.service-callback/epi_1/once",
    "signing.filing/epi_1/once",
    "handover.notice/epi_1/once",
    "handover.formal-notice/epi_1/psn_2",
    "handover.call/epi_1/once",
    "handover.title/epi_1/once",
    "warranty.expiry-notice/unt_1/pipe-blockage/m-2",
    "warranty.joint-check/unt_1/sanitary-ware",
]
OWNERS = ("psn_1", "psn_2")
Check = Callable[[Life, Plan], None]
FEW = settings(max_examples=25, deadline=None)


@st.composite
def facts(draw: st.DrawFn, most: int = 8, without: tuple[str, ...] = ()) -> list[Event]:
    """A few events over two years, some told late, some of them about earlier ones."""
    events: list[Event] = []
    kinds = [kind for kind in KINDS if kind not in without]
    for number in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        at = START + timedelta(hours=draw(st.integers(0, 2 * 365 * 24)))
        late = timedelta(hours=draw(st.sampled_from([0, 0, 0, 5, 24 * 9, 24 * 200])))
        data = _data(draw, kind, events, at)
        if data is not None:
            ident = f"evt_{number}"
            person = draw(st.sampled_from([None, *OWNERS]))
            events.append(Event(ident, kind, at, at + late, data, "test", ident, person))
    return events


def _data(draw: st.DrawFn, kind: str, events: list[Event], at: datetime) -> dict[str, object] | None:
    if kind.startswith("event."):
        if not events:
            return None
        target = draw(st.sampled_from(events)).id
        on = (at - timedelta(days=draw(st.integers(0, 700)))).date().isoformat()
        return {"event_id": target, "reason": "x", "data": {"on": on}}
    if kind.startswith("item."):
        to = (at + timedelta(days=draw(st.integers(-5, 60)))).isoformat()
        return {"key": draw(st.sampled_from(KEYS)), "by": "op", "reason": "x", "to": to}
    if kind == "defect.reported":
        return {"component": draw(st.sampled_from(["decoration", "pipe-blockage", "insulation"]))}
    if kind == "message.replied":
        return {"text": "好"}
    owed = (at + timedelta(days=draw(st.sampled_from([20, 60, 300])))).date().isoformat()
    terms = {"contract_handover_date": owed} if kind in ("contract.signed", "contract.amended") else {}
    promised = {"on": owed} if kind == "delay.new_date" else {}
    on = (at - timedelta(days=draw(st.sampled_from([0, 0, 3])))).date().isoformat()
    return {"on": on, "proof": "ems", "reviewed_by": "stf_9", **terms, **promised}


def check(life: Life, found: Plan) -> None:
    """What must hold after every single plan."""
    again = plan(life.record, life.now, life.seen)
    assert again.changes == []
    assert (again.agenda, again.moves, again.wake_at) == (found.agenda, found.moves, found.wake_at)
    assert found.moves or found.wake_at > life.now
    assert not (found.over and found.moves)
    tasks = [entry.task for entry in life.record.entries.values() if entry.state in RUNNING]
    assert len(tasks) == len(set(tasks))
    assert [read_row(item) for item in in_json([item.row for item in found.agenda])] == in_json(
        [item.document() for item in found.agenda]
    )


def in_json(value: Any) -> Any:
    return from_json(to_json(value))


def lived(events: list[Event], *, busy: bool = True, days: int = 900, checked: Check = check) -> Life:
    blank = record([], batch=completion("2026-04-28"), owners=OWNERS)
    life = Life(blank, START, staff=done_after() if busy else nobody_answers)
    life.tell(*events)
    return life.run(START + timedelta(days=days), checked)


def no_fact_falls() -> Check:
    """The check of every plan; a life in which a later fact refuses one that counted is no example of the property."""
    counted: set[str] = set()

    def checked(life: Life, found: Plan) -> None:
        check(life, found)
        assume(all(life.seen.get(event) is not Verdict.REFUSED for event in counted))
        counted.update(event for event, verdict in life.seen.items() if verdict is Verdict.APPLIED)

    return checked


@pytest.mark.slow
@FEW
@given(facts(), st.booleans())
def test_nothing_is_sent_twice_and_planning_again_changes_nothing(events: list[Event], busy: bool) -> None:
    life = lived(events, busy=busy)

    assert all(times == 1 for times in Counter(key for _, key in life.sent).values())


@pytest.mark.slow
@FEW
@given(facts(without=("event.voided", "event.corrected", "contract.cancelled", "item.skipped")))
def test_without_facts_taken_back_no_task_opens_twice(events: list[Event]) -> None:
    life = lived(events, checked=no_fact_falls())

    assert all(times == 1 for times in Counter(key for _, key in life.opened).values())


@pytest.mark.slow
@FEW
@given(facts(), facts(most=3))
def test_later_news_never_changes_what_was_done(events: list[Event], news: list[Event]) -> None:
    life = lived(events, days=760)
    done = {key: entry for key, entry in life.record.entries.items() if entry.state in HAPPENED}
    later = [replace(event, id=f"new_{event.id}", source_id=f"new_{event.id}", recorded_at=life.now) for event in news]

    life.tell(*later)
    life.run(life.now + timedelta(days=100), check)

    for key, was in done.items():
        now = life.record.entries[key]
        if was.fact is None:
            assert (now.state, now.at, now.due) == (was.state, was.at, was.due)
        elif now.state is was.state and now.fact == was.fact:
            assert now.at == was.at
    assert all(times == 1 for times in Counter(key for _, key in life.sent).values())


@FEW
@given(facts(), st.data())
def test_verdicts_and_agenda_do_not_depend_on_the_order_of_telling(events: list[Event], data: st.DataObject) -> None:
    now = START + timedelta(days=800)
    at_once = [replace(event, recorded_at=now) for event in events]
    shuffled = data.draw(st.permutations(at_once))

    first, second = plan(record(at_once), now), plan(record(shuffled), now)

    assert first == second
    assert written(record(at_once), first)[1] == written(record(shuffled), second)[1]


@FEW
@given(facts())
def test_news_that_is_voided_leaves_what_was_without_it(events: list[Event]) -> None:
    now = START + timedelta(days=800)
    told_once = [replace(event, recorded_at=event.occurred_at) for event in events]
    extra = told("subscription.cancelled", "2025-03-05 10:00", ident="extra", reason="x")
    void = told("event.voided", "2025-03-06 10:00", ident="void", event_id="extra", reason="x")

    plain = plan(record(told_once), now)
    with_both = plan(record([*told_once, extra, void]), now)

    assert with_both.agenda == plain.agenda
    assert {k: v for k, v in with_both.opinions.items() if k not in ("extra", "void")} == plain.opinions


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 400), facts(most=4, without=("contract.cancelled",)))
def test_every_life_that_was_handed_over_ends_after_its_warranty(days: int, events: list[Event]) -> None:
    keys = told("handover.accepted", "2027-06-27 10:00", ident="keys")
    at = keys.occurred_at + timedelta(days=days)
    moved = replace(keys, data={"on": at.date().isoformat()}, occurred_at=at, recorded_at=at)

    life = lived([*events, moved], days=365 * 10)

    assert life.last is not None
    assert life.last.over
    assert not [entry for entry in life.record.entries.values() if entry.state in RUNNING]


@pytest.mark.slow
@FEW
@given(facts(), st.integers(0, 900))
def test_an_outage_of_a_week_loses_nothing_and_doubles_nothing(events: list[Event], day: int) -> None:
    life = Life(record([], batch=completion("2026-04-28")), START, staff=done_after())
    life.tell(*events)
    life.run(START + timedelta(days=day), check)

    life.down_until(life.now + timedelta(days=7))
    life.run(START + timedelta(days=1000), check)

    assert life.last is not None
    waiting = [item for item in life.last.agenda if item.key in life.last.planned]
    assert all(item.opens >= life.now for item in waiting)
    assert all(times == 1 for times in Counter(key for _, key in life.sent).values())


def test_a_fact_that_counts_late_is_planned_the_same_way_twice() -> None:
    """Found by chance: what an outage delayed was carried by the next one of the plan before, not of this one."""
    served = told(
        "handover.notice_served", "2025-03-15 10:00", recorded="2025-10-01 10:00", on="2025-03-15", proof="ems"
    )
    deemed = told("handover.deemed", "2025-04-18 10:00", on="2025-04-18", proof="ems", reviewed_by="stf_9")

    life = lived([told("subscription.signed", "2025-03-01 10:00", on="2025-03-01"), served, deemed], days=300)

    assert life.seen[deemed.id] is Verdict.APPLIED
