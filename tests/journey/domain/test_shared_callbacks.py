"""One callback asks about repairs that ended together; when it reopens them, each goes on by itself (A411)."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.case_documents import case_documents
from journey.domain.clocks import local
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.opinions import judged_of
from journey.domain.planner import Plan
from tests.lives import Life, begin, items_of, planned
from tests.records import SHANGHAI, completion, instant, pack, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
STARTED = instant("2026-06-01 09:00")
STEPS = ["called", "called", "accepted", "accepted", "accepted", "fixed", "reopened", "reassigned"]
GAPS = st.sampled_from([1, 20, 60])
FEW = settings(max_examples=60, deadline=None)


def report(case: str, when: str) -> Event:
    return told(
        "defect.reported", when, ident=case, person="psn_1", category="plumbing", component="wet-room",
        severity="contractor", text="漏水",
    )  # fmt: skip


def step(kind: str, case: str, when: str) -> Event:
    return told(f"case.{kind}", when, ident=f"{kind}_{case}_{when}", about={"case": case}, by="stf_1")


def call(occurrence: str, when: str, *, satisfied: bool, ident: str = "call") -> Event:
    about = {"item": "repair.callback", "occurrence": occurrence}
    return told("call.result", when, ident=ident, person="psn_1", about=about, reached=True, satisfied=satisfied)


REOPENED = (
    report("leak", "2026-08-03 09:10"),
    report("lamp", "2026-08-03 10:00"),
    step("accepted", "leak", "2026-08-04 15:00"),
    step("accepted", "lamp", "2026-08-05 16:00"),
    call("leak", "2026-08-05 17:00", satisfied=False),
)
APART = (step("accepted", "leak", "2026-08-07 10:00"), step("accepted", "lamp", "2026-08-12 10:00"))


def seen(now: str, *events: Event) -> Plan:
    return planned(now, KEYS, *events, started=STARTED, batch=completion("2026-04-28"))


def lived(until: str, *events: Event) -> Life:
    life = begin("2026-06-27 09:00", KEYS, *events, started=STARTED, batch=completion("2026-04-28"))
    return life.run(instant(until))


def states(life: Life) -> dict[str, str]:
    judged = judged_of(life.record, life.record.events, life.now)
    return {each["id"]: each["state"] for each in case_documents(Facts(life.record, judged, pack(), life.now))}


def keys_of(found: Plan, rule: str) -> set[str]:
    return {item.key for item in items_of(found, rule)}


def report_done(life: Life, when: str, about: dict[str, str]) -> None:
    life.now = instant(when)
    life.tell(told("task.result", when, ident="done", about=about, outcome="done", by="stf_1"))
    life.plan()


def test_a_call_that_reopens_two_repairs_names_the_first_by_itself_and_the_other_with_its_case() -> None:
    found = seen("2026-08-05 18:00", *REOPENED)

    for rule in ("repair.acknowledge", "repair.on-site", "repair.fix"):
        assert keys_of(found, rule) >= {f"{rule}/leak/call", f"{rule}/lamp/call-lamp"}
    assert keys_of(found, "repair.update") == {"repair.update/leak/call", "repair.update/lamp/call-lamp"}


@pytest.mark.parametrize(("mended", "left", "name"), [("leak", "lamp", "call"), ("lamp", "leak", "call-lamp")])
@pytest.mark.parametrize("by_task", [True, False])
def test_what_is_reported_of_one_repair_that_a_call_reopened_says_nothing_of_the_other(
    mended: str, left: str, name: str, by_task: bool
) -> None:
    life = lived("2026-08-05 17:30", *REOPENED)
    task = life.record.entries[f"repair.fix/{mended}/{name}"].task
    assert task is not None
    other = next(key for key in life.record.entries if key.startswith(f"repair.fix/{left}/call"))

    report_done(life, "2026-08-06 10:00", {"task": task} if by_task else {"item": "repair.fix", "occurrence": name})

    assert states(life) == {mended: "fixed", left: "open"}
    assert life.state(f"repair.fix/{mended}/{name}") is State.DONE
    assert life.state(other) is State.OPEN


def test_an_owner_told_of_one_repair_that_a_call_reopened_is_still_to_be_told_of_the_other() -> None:
    told_of_lamp = told(
        "task.result", "2026-08-06 10:00", ident="told", outcome="done", by="stf_1",
        about={"item": "repair.update", "occurrence": "call-lamp"},
    )  # fmt: skip

    found = seen("2026-08-06 11:00", *REOPENED, told_of_lamp)

    assert {item.key for item in items_of(found, "repair.update") if item.met is None} == {
        "repair.update/leak/call", "repair.update/lamp/told",
    }  # fmt: skip


def test_repairs_that_a_call_reopened_and_that_end_apart_have_a_call_and_a_survey_each() -> None:
    found = seen("2026-08-12 11:00", *REOPENED, *APART)

    calls = {item.key: item.params["cases"] for item in items_of(found, "repair.callback")}
    assert calls == {"repair.callback/epi_1/call": ["leak"], "repair.callback/epi_1/call-lamp": ["lamp"]}
    assert len(items_of(found, "repair.callback")) == 2
    surveys = {item.key: item.params["cases"] for item in items_of(found, "survey.repair")}
    assert surveys == {"survey.repair/psn_1/call": ["leak"], "survey.repair/psn_1/call-lamp": ["lamp"]}


def test_a_repair_is_called_back_after_the_call_for_the_other_one_is_done() -> None:
    satisfied = call("call", "2026-08-08 10:00", satisfied=True, ident="call-2")

    life = lived("2026-08-12 11:00", *REOPENED, APART[0], satisfied, APART[1])

    assert life.state("repair.callback/epi_1/call") is State.DONE
    assert life.state("repair.callback/epi_1/call-lamp") is State.OPEN


def test_a_repair_reopened_by_itself_is_named_after_what_reopened_it() -> None:
    reopened = told("case.reopened", "2026-08-06 10:00", ident="again", about={"case": "lamp"}, by="stf_1")

    found = seen("2026-08-06 11:00", *REOPENED[:-1], reopened)

    assert "repair.fix/lamp/again" in keys_of(found, "repair.fix")
    assert keys_of(found, "repair.update") == {"repair.update/lamp/again"}


@pytest.mark.slow
@FEW
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(["leak", "lamp"]), GAPS), min_size=3, max_size=9))
def test_no_two_items_of_a_plan_share_a_key(steps: list[tuple[str, str, int]]) -> None:
    """Whatever repairs that ended together are called back, reopened and end again, together or apart."""
    at, events = instant("2026-08-05 16:00"), list(REOPENED[:-1])
    for number, (kind, case, gap) in enumerate(steps):
        at += timedelta(hours=gap)
        when = local(at, SHANGHAI).strftime("%Y-%m-%d %H:%M")
        calls = [item.occurrence for item in items_of(seen(when, *events), "repair.callback") if item.met is None]
        if kind != "called":
            events.append(step(kind, case, when))
        elif calls:
            events.append(call(calls[0], when, satisfied=False, ident=f"call_{number}"))

        keys = Counter(item.key for item in seen(when, *events).agenda)
        assert [key for key, times in keys.items() if times > 1] == []
