"""What a project's events say of its batches."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.events import Event
from journey.domain.project_facts import ToldProject, fold_project
from journey.domain.reasons import Reason
from journey.domain.verdicts import Verdict
from tests.records import SHANGHAI, instant, told

PLANNED: dict[str, Any] = {"batch": "A", "buildings": ["3", "4"], "contract_handover_date": "2026-06-30"}


def folded(*events: Event, now: str = "2026-05-10 10:00") -> ToldProject:
    return fold_project(events, {"B": ["7"]}, now=instant(now), zone=SHANGHAI)


def reached(
    when: str, ident: str, scope: dict[str, str] | None = None, milestone: str = "completion-accepted"
) -> Event:
    event = told("milestone.reached", when, ident=ident, milestone=milestone, on=when[:10])
    return Event(
        event.id, event.type, event.occurred_at, event.recorded_at, event.data, "test", ident, None, None, scope
    )


def completion(found: ToldProject, batch: str) -> str | None:
    date = found.batches[batch].dates.get("completion")
    return date["on"] if date else None


def test_a_batch_is_planned_with_its_buildings_and_dates() -> None:
    found = folded(told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED))

    batch = found.batches["A"]
    assert batch.buildings == ["3", "4"]
    assert batch.dates["contract_handover"] == {
        "on": "2026-06-30",
        "at": instant("2026-01-10 10:00").isoformat(),
        "known_at": instant("2026-01-10 10:00").isoformat(),
        "event": "p",
        "moved_by": "p",
    }


def test_batches_known_without_an_event_stay() -> None:
    assert folded().batches["B"].buildings == ["7"]


def test_a_rescheduled_batch_keeps_what_was_not_named() -> None:
    later: dict[str, Any] = {"batch": "A", "handover_from": "2026-07-01", "handover_to": "2026-07-10"}

    found = folded(
        told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED),
        told("batch.rescheduled", "2026-02-10 10:00", ident="r", **later),
    )

    batch = found.batches["A"]
    assert batch.buildings == ["3", "4"]
    assert batch.dates["contract_handover"]["event"] == "p"
    assert batch.dates["handover_from"]["event"] == "r"


def test_a_completion_holds_for_the_building_the_batch_or_the_whole_project() -> None:
    planned = told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED)

    whole = folded(planned, reached("2026-04-28 10:00", "m"))
    building = folded(planned, reached("2026-04-28 10:00", "m", {"building": "3"}))
    batch = folded(planned, reached("2026-04-28 10:00", "m", {"batch": "B"}))

    assert (completion(whole, "A"), completion(whole, "B")) == ("2026-04-28", "2026-04-28")
    assert (completion(building, "A"), completion(building, "B")) == ("2026-04-28", None)
    assert (completion(batch, "A"), completion(batch, "B")) == (None, "2026-04-28")


def test_another_milestone_is_no_completion() -> None:
    assert completion(folded(reached("2026-04-28 10:00", "m", milestone="topped-out")), "B") is None


def test_a_corrected_completion_is_learnt_when_it_is_corrected() -> None:
    fix = told("event.corrected", "2026-05-02 10:00", ident="c", event_id="m", data={"on": "2026-04-30"}, reason="x")

    date = folded(reached("2026-04-28 10:00", "m"), fix).batches["B"].dates["completion"]

    assert (date["on"], date["event"], date["moved_by"]) == ("2026-04-30", "m", "c")
    assert date["known_at"] == instant("2026-05-02 10:00").isoformat()


def test_a_voided_completion_is_unknown_again() -> None:
    void = told("event.voided", "2026-05-02 10:00", ident="v", event_id="m", reason="x")

    assert completion(folded(reached("2026-04-28 10:00", "m"), void), "B") is None


def test_a_milestone_that_lies_ahead_is_kept_with_its_date_and_parked() -> None:
    found = folded(reached("2026-06-28 10:00", "m"))

    assert found.judged.opinions["m"].until is not None
    assert completion(found, "B") == "2026-06-28"


def test_a_batch_is_not_moved_to_before_the_day_on_which_that_is_told() -> None:
    planned = told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED, handover_from="2026-06-20")
    back = told("batch.rescheduled", "2026-05-01 10:00", ident="r", batch="A", handover_from="2026-01-15")

    found = folded(planned, back)

    assert found.batches["A"].dates["handover_from"]["on"] == "2026-06-20"
    assert (found.judged.opinions["r"].verdict, found.judged.opinions["r"].reason) == (
        Verdict.REFUSED,
        Reason("into-the-past-date", {"on": "2026-01-15", "told": "2026-05-01"}),
    )


def opinions(found: ToldProject) -> dict[str, tuple[Verdict, Reason | None]]:
    return {event: (opinion.verdict, opinion.reason) for event, opinion in found.judged.opinions.items()}


APPLIED = (Verdict.APPLIED, None)


def test_the_day_of_a_milestone_told_first_stands_though_another_is_said_to_have_been_seen_before() -> None:
    first = replace(reached("2026-04-08 10:00", "a"), recorded_at=instant("2026-04-10 10:00"))
    second = replace(reached("2026-04-07 10:00", "b"), recorded_at=instant("2026-04-20 10:00"))

    found = folded(first, second)

    refused = Reason("milestone-told", {"milestone": "completion-accepted", "on": "2026-04-07", "first": "2026-04-08"})
    assert opinions(found) == {"a": APPLIED, "b": (Verdict.REFUSED, refused)}
    assert completion(found, "B") == "2026-04-08"


def batch(ident: str, occurred: str, recorded: str, kind: str = "planned", **data: Any) -> Event:
    return told(f"batch.{kind}", f"{occurred} 10:00", recorded=f"{recorded} 10:00", ident=ident, **data)


def in_batch(building: str, code: str, other: str) -> tuple[Verdict, Reason]:
    return Verdict.REFUSED, Reason("building-in-batch", {"building": building, "batch": code, "other": other})


def test_a_building_stays_in_the_batch_told_first_though_another_is_said_to_be_planned_before() -> None:
    first = batch("a", "2026-01-10", "2026-01-10", **PLANNED)
    second = batch("z", "2026-01-05", "2026-03-01", **PLANNED | {"batch": "Z", "buildings": ["3"]})

    found = folded(first, second)

    assert opinions(found) == {"a": APPLIED, "z": in_batch("3", "Z", "A")}
    assert set(found.batches) == {"A", "B"}


def test_a_batch_has_a_building_until_it_lets_it_go_in_whatever_order_that_is_told() -> None:
    wide = batch("a1", "2026-01-10", "2026-01-10", **PLANNED)
    narrow = batch("a2", "2026-03-01", "2026-03-01", "rescheduled", batch="A", buildings=["3"])
    told_late = batch("a3", "2026-02-01", "2026-03-05", "rescheduled", batch="A", buildings=["3", "4"])
    during = batch("y", "2026-02-10", "2026-03-08", **PLANNED | {"batch": "Y", "buildings": ["4"]})
    after = batch("z", "2026-03-10", "2026-03-10", **PLANNED | {"batch": "Z", "buildings": ["4"]})

    found = folded(wide, narrow, told_late, during, after)

    assert opinions(found) == {"a1": APPLIED, "a2": APPLIED, "a3": APPLIED, "y": in_batch("4", "Y", "A"), "z": APPLIED}
    assert (found.batches["A"].buildings, found.batches["Z"].buildings) == (["3"], ["4"])


def test_a_batch_that_waited_for_its_day_takes_no_building_of_one_that_counted_meanwhile() -> None:
    bare = batch("a1", "2026-02-01", "2026-02-01", batch="A", buildings=["3"])
    other = batch("z", "2026-02-10", "2026-02-10", **PLANNED | {"batch": "Z", "buildings": ["3"]})
    dated = batch("a2", "2026-01-15", "2026-03-01", "rescheduled", batch="A", contract_handover_date="2026-06-30")

    before, found = folded(bare, other), folded(bare, other, dated)

    assert opinions(before)["z"] == opinions(found)["z"] == APPLIED
    assert opinions(found)["a1"] == in_batch("3", "A", "Z")
    assert found.batches["Z"].buildings == ["3"]


def test_a_batch_that_is_refused_has_no_building() -> None:
    other = batch("z", "2026-01-05", "2026-01-05", **PLANNED | {"batch": "Z", "buildings": ["3"]})
    refused = batch("a", "2026-01-10", "2026-01-10", **PLANNED)
    past = batch("y", "2026-01-11", "2026-01-11", "rescheduled", batch="Y", buildings=["4"],
                 handover_from="2026-01-02")  # fmt: skip
    free = batch("x", "2026-01-20", "2026-01-20", **PLANNED | {"batch": "X", "buildings": ["4"]})

    found = opinions(folded(other, refused, past, free))

    assert (found["a"], found["x"]) == (in_batch("3", "A", "Z"), APPLIED)


MOVES = st.lists(
    st.tuples(
        st.integers(0, 90), st.sampled_from([0, 10, 40]), st.sampled_from("AYZ"),
        st.sets(st.sampled_from("345"), max_size=2), st.booleans(),
    ),
    max_size=7,
)  # fmt: skip


@given(MOVES)
@settings(deadline=None)
def test_what_counted_still_counts_after_later_news_and_no_building_is_in_two_batches(
    moves: list[tuple[int, int, str, set[str], bool]],
) -> None:
    begin, events = instant("2026-01-01 10:00"), []
    for number, (day, late, code, buildings, is_dated) in enumerate(sorted(moves, key=lambda move: move[0])):
        day_told: dict[str, Any] = {"contract_handover_date": "2026-06-30"} if is_dated else {}
        move = batch(f"e{number}", "2026-01-01", "2026-01-01", batch=code, buildings=sorted(buildings), **day_told)
        recorded = begin + timedelta(days=day)
        events.append(replace(move, occurred_at=recorded - timedelta(days=late), recorded_at=recorded))
    counted: set[str] = set()
    for so_far in range(len(events) + 1):
        found = folded(*events[:so_far])
        applied = {ident for ident, opinion in opinions(found).items() if opinion == APPLIED}
        assert counted <= applied
        counted = applied
        held = [building for told_batch in found.batches.values() for building in told_batch.buildings]
        assert len(held) == len(set(held))


def test_a_milestone_of_a_building_that_nobody_knows_waits_for_it() -> None:
    stray = reached("2026-03-01 10:00", "stray", {"building": "99"}, "topped-out")
    known = [reached("2026-03-01 10:00", f"of-{name}", {"building": name}, "topped-out") for name in ("1", "3", "7")]
    batch = told("batch.planned", "2026-04-10 10:00", ident="p", **PLANNED)

    found = fold_project(
        [stray, *known, batch], {"B": ["7"]}, now=instant("2026-05-10 10:00"), zone=SHANGHAI, homes=frozenset({"1"})
    )

    opinion = found.judged.opinions["stray"]
    assert (opinion.verdict, opinion.reason) == (Verdict.PARKED, Reason("unknown-building", {"building": "99"}))
    assert {event.id for event in found.judged.live} == {"of-1", "of-3", "of-7", "p"}


def test_a_milestone_of_a_batch_that_nobody_planned_waits_for_it_and_a_phase_needs_none() -> None:
    stray = reached("2026-03-01 10:00", "stray", {"batch": "Z"}, "topped-out")
    phase = reached("2026-03-01 10:00", "phase", {"phase": "2"}, "topped-out")

    found = fold_project([stray, phase], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI, homes=frozenset())

    assert found.judged.opinions["stray"].reason == Reason("unknown-batch", {"batch": "Z"})
    assert found.judged.opinions["phase"].verdict is Verdict.APPLIED


def test_a_milestone_that_waits_for_its_place_refuses_nobodys() -> None:
    lost = replace(reached("2026-03-01 10:00", "lost", {"building": "99"}), recorded_at=instant("2026-03-02 10:00"))
    right = reached("2026-03-05 10:00", "right", {"building": "99"})
    batch = told("batch.planned", "2026-04-10 10:00", ident="p", **PLANNED)

    apart = fold_project([lost, right, batch], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI, homes=frozenset())
    known = fold_project(
        [lost, right, batch], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI, homes=frozenset({"99"})
    )

    parked = (Verdict.PARKED, Reason("unknown-building", {"building": "99"}))
    assert (opinions(apart)["lost"], opinions(apart)["right"]) == (parked, parked)
    assert opinions(known)["lost"] == APPLIED
    assert opinions(known)["right"][0] is Verdict.REFUSED
