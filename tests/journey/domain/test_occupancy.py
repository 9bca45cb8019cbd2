"""Occupancy: what the keys bring, the first months, segments, care, and the ledgers (C1, C5, A114, A203, A436)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from journey.domain.entries import RUNNING, Entry, State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.planner import plan
from journey.domain.record import Batch, Place
from journey.domain.values import ItemKind, Role, Segment
from tests.lives import Life, begin, done_after, item_of, items_of, planned
from tests.packs import test_pack
from tests.records import completion, instant, record, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
ROUTE = "occupancy.repair-route"


def due(when: str, rule: str, *events: Event, **more: Any) -> Any:
    """The due of the one item of a rule."""
    (item,) = items_of(planned(when, *events, **more), rule)
    return item.due


def test_what_the_keys_bring() -> None:
    found = planned("2026-06-27 10:01", KEYS)

    dues = {item.rule.removeprefix("occupancy."): item.due for item in found.agenda if "occupancy." in item.rule}
    assert dues == {
        "repair-route": instant("2026-06-27 10:00"),
        "property-fee": instant("2026-06-28 08:00"),
        "moving-services": instant("2026-06-30 09:00"),
        "ambassador": instant("2026-07-01 18:00"),
        "move-in-survey": instant("2026-07-07 18:00"),
        "anniversary": instant("2027-06-27 09:00"),
        "property-takeover": instant("2028-06-27 18:00"),
    } | ({"home-visit": dues["home-visit"]} if "home-visit" in dues else {})


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("2026-06-01", "2026-07-07 18:00"),  # domain F 1: June's move-ins
        ("2026-06-30", "2026-07-07 18:00"),
        ("2026-09-15", "2026-10-13 18:00"),  # 10-01 to 10-07 off, 10-10 worked
        ("2026-12-31", "2027-01-08 18:00"),  # 元旦 rests, published or not
    ],
)
def test_move_ins_of_a_month_are_asked_by_the_fifth_working_day_of_the_next(keys: str, expected: str) -> None:
    handed_over = told("handover.accepted", f"{keys} 10:00")

    assert due(f"{keys} 10:01", "occupancy.move-in-survey", handed_over) == instant(expected)


def test_the_answer_to_the_survey_of_the_move_in_meets_it() -> None:
    answer = told("survey.answered", "2026-07-03 10:00", survey="occupancy.move-in-survey", answers={"q1": 5})
    life = begin("2026-06-27 10:00", KEYS, answer)

    life.run(instant("2026-07-03 11:00"))

    assert life.state("occupancy.move-in-survey/epi_1/once") is State.DONE


def test_the_property_fee_is_the_owners_from_the_month_after_the_handover() -> None:
    (item,) = items_of(planned("2026-06-27 10:01", KEYS), "occupancy.property-fee")

    assert item.params == {"owner_pays_from": "2026-07-01"}


def test_who_has_moved_in_needs_no_help_with_the_move_and_is_registered() -> None:
    moved = told("moved_in", "2026-06-28 10:00", on="2026-06-28")
    found = planned("2026-06-28 10:01", KEYS, moved)

    assert not items_of(found, "occupancy.moving-services")
    assert items_of(found, "occupancy.residents")[0].due == instant("2026-07-03 18:00")
    assert found.ledgers["moved_in"] == "2026-06-28"


def test_papers_for_a_licence_are_for_packs_that_want_them() -> None:
    duty = {"within": "10wd", "warn": None, "escalate": "1d", "window": "60d", "attempts": 1}
    office = test_pack(**{"occupancy.licence_papers": duty}).pack

    assert not items_of(planned("2026-06-27 10:01", KEYS), "occupancy.licence-papers")
    assert items_of(planned("2026-06-27 10:01", KEYS, packs=[office]), "occupancy.licence-papers")


# -- home visits


def visited(rank: int, homes: int) -> bool:
    batch = Batch(place=Place(rank, homes))
    return bool(items_of(planned("2026-06-27 10:01", KEYS, batch=batch), "occupancy.home-visit"))


@pytest.mark.parametrize(("homes", "visits"), [(1, 1), (9, 1), (11, 2), (600, 60), (1000, 60)])
def test_a_tenth_of_a_batch_is_visited_and_sixty_homes_at_most(homes: int, visits: int) -> None:
    assert visited(visits - 1, homes)
    assert not visited(visits, homes)


@pytest.mark.slow
def test_a_home_without_a_batch_is_drawn_by_its_own_lot() -> None:
    now = instant("2026-06-27 10:01")
    plans = [plan(replace(record([KEYS]), episode=f"epi_{number}"), now) for number in range(300)]
    drawn = [bool(items_of(found, "occupancy.home-visit")) for found in plans]

    assert 10 < sum(drawn) < 60


def test_a_home_visit_is_done_within_half_a_year() -> None:
    batch = Batch(place=Place(0, 10))
    (visit,) = items_of(planned("2026-06-27 10:01", KEYS, batch=batch), "occupancy.home-visit")

    assert (visit.kind, visit.due) == (ItemKind.VISIT, instant("2026-12-27 18:00"))
    assert visit.opens == instant("2026-10-28 18:00")
    assert visit.params == {"segment": "settling-in", "focus": ["房屋质量", "收楼服务"]}


# -- the property company takes over


def test_the_home_goes_over_to_the_property_company_after_two_years_or_with_its_warranty() -> None:
    at_end = test_pack(**{"occupancy.property_takeover.at_warranty_end": True}).pack

    assert due("2026-06-27 10:01", "occupancy.property-takeover", KEYS) == instant("2028-06-27 18:00")
    assert due("2026-06-27 10:01", "occupancy.property-takeover", KEYS, packs=[at_end]) == instant("2031-06-27 18:00")


TAKEOVER = "occupancy.property-takeover"


def at_takeover(*events: Event, on_time: int, late: int, running: int = 0) -> Item:
    """The gate ten days before its day, with tasks of the months before."""
    done, overdue = instant("2028-05-01 18:00"), instant("2028-05-02 09:00")
    tasks = [
        *(entry(number, State.DONE, at=done) for number in range(on_time)),
        *(entry(number, State.DONE, at=overdue) for number in range(on_time, on_time + late)),
        *(entry(100 + number, State.ESCALATED, at=overdue) for number in range(running)),
        entry(200, State.DONE, at=overdue, due="2028-02-01 18:00"),  # too long ago
        entry(201, State.WITHDRAWN, at=overdue),
    ]
    known = frozenset(each.task for each in tasks if each.task)
    entries = {each.key: each for each in tasks}
    found = planned("2028-06-17 10:00", KEYS, *events, entries=entries, known=known)
    return item_of(found, f"{TAKEOVER}/epi_1/once")


def entry(number: int, state: State, at: datetime, due: str = "2028-05-01 18:00") -> Entry:
    key = f"repair.fix/epi_1/{number}"
    return Entry(key, state, at, due=instant(due), task=f"tsk_{number}", fact="keys")


@pytest.mark.parametrize(
    ("on_time", "late", "running", "percent", "ready"),
    [(19, 1, 0, 95, True), (18, 1, 0, 94, False), (19, 0, 1, 95, True), (19, 0, 2, 90, False), (0, 0, 0, 100, True)],
)
def test_whether_the_last_months_were_on_time_is_shown_at_the_takeover(
    on_time: int, late: int, running: int, percent: int, ready: bool
) -> None:
    gate = at_takeover(on_time=on_time, late=late, running=running)

    due = on_time + late + running
    assert gate.params["ready"] is ready
    assert (gate.params["on_time"], gate.params["due"]) == (on_time, due)
    (told,) = [reason for reason in gate.because if reason.code in ("on-time-share", "none-due")]
    assert told.params["percent"] == percent
    assert str(due or "没有") in told.text("zh")


def test_what_was_reported_of_a_task_counts_for_the_takeover_in_the_plan_that_hears_of_it() -> None:
    reported = told("task.result", "2028-06-17 09:00", ident="late", outcome="done", task="tsk_100",
                    at=instant("2028-05-01 17:00").isoformat())  # fmt: skip

    gate = at_takeover(reported, on_time=9, late=0, running=1)

    assert (gate.params["on_time"], gate.params["due"]) == (10, 10)


def test_a_case_open_at_the_group_stands_against_the_takeover_by_name() -> None:
    leak = told("defect.reported", "2028-06-01 10:00", ident="leak", category="plumbing", severity="general", text="x")
    noise = told("complaint.raised", "2028-06-02 10:00", ident="noise", category="service", severity="major", text="x")
    solved = told("complaint.raised", "2028-05-02 10:00", ident="old", category="service", severity="major", text="x")
    closed = told("case.accepted", "2028-05-03 10:00", about={"case": "old"}, by="owner")

    gate = at_takeover(leak, noise, solved, closed, on_time=20, late=0)

    assert gate.params["ready"] is False
    assert {r.params["case"]: r.params["level"] for r in gate.because if r.code == "at-the-group"} == {
        "leak": "L3", "noise": "L2",
    }  # fmt: skip


def test_until_the_takeover_opens_nothing_is_counted_for_it() -> None:
    (gate,) = items_of(planned("2028-06-12 10:00", KEYS), TAKEOVER)

    assert gate.params == {"on_time_percent": 95, "months": 3}
    assert {reason.code for reason in gate.because} <= {"provisional-calendar"}


# -- segments


@pytest.mark.parametrize(
    ("day", "segment"),
    [
        ("2026-06-27", Segment.SETTLING_IN),
        ("2027-06-27", Segment.SETTLING_IN),
        ("2027-06-28", Segment.SETTLED),
        ("2028-06-27", Segment.SETTLED),
        ("2028-06-28", Segment.LONG_STANDING),
    ],
)
def test_segments_count_from_the_handover(day: str, segment: Segment) -> None:
    assert planned(f"{day} 11:00", KEYS).segment is segment


def test_before_the_handover_an_owner_is_prospective_whatever_else_is_known() -> None:
    assert planned("2026-06-01 11:00", told("contract.signed", "2025-03-20 10:00")).segment is Segment.PROSPECTIVE


def test_the_journey_wakes_when_the_segment_changes() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"))
    life.staff = done_after()
    seen: dict[Segment, date] = {}

    def note(life: Life, found: Any) -> None:
        seen.setdefault(found.segment, (life.now + timedelta(hours=8)).date())

    life.run(instant("2029-01-01 00:00"), note)

    assert seen == {
        Segment.SETTLING_IN: date(2026, 6, 27),
        Segment.SETTLED: date(2027, 6, 28),
        Segment.LONG_STANDING: date(2028, 6, 28),
    }


def test_a_pack_without_the_section_asks_for_nothing_and_still_has_segments() -> None:
    older = test_pack(occupancy=None, fit_out=None).pack
    found = planned("2027-06-28 10:00", KEYS, packs=[older])

    assert found.segment is Segment.SETTLED
    assert not [item for item in found.agenda if item.rule.startswith(("occupancy.", "fit-out."))]


# -- the repair route


def told_route(life: Life) -> Sequence[Any]:
    return [entry.item["params"]["route"][0]["by"] for entry in sorted(life.of(ROUTE), key=lambda entry: entry.at)]


def test_the_repair_route_is_told_again_whenever_a_name_changes_and_only_then() -> None:
    life = begin("2026-06-27 10:00", KEYS, posts={"property-cs": ("wang",)})
    life.run(instant("2026-08-01 10:00"))

    for name, when in (("li", "2026-09-01 10:00"), ("wang", "2026-10-20 10:00"), ("li", "2026-11-20 10:00")):
        life.record = replace(life.record, posts={"property-cs": (name,)})
        life.run(instant(when))

    assert told_route(life) == [["wang"], ["li"], ["wang"], ["li"]]
    assert [key.rsplit("/", 1)[-1].split("-")[0] for _, key in life.sent if key.startswith(ROUTE)] == list("1234")
    assert {entry.state for entry in life.of(ROUTE)} == {State.SENT}


def test_a_new_name_of_a_post_in_the_pack_is_a_new_route() -> None:
    newer = test_pack(**{
        "version": "2026.2", "effective_from": "2026-08-01", "posts.group-cs.zh": "集团客服热线",
    }).pack  # fmt: skip
    life = begin("2026-06-27 10:00", KEYS, packs=[test_pack().pack, newer])
    life.run(instant("2026-07-31 10:00"))
    before = len(life.of(ROUTE))

    life.run(instant("2026-08-02 10:00"))

    again = max(life.of(ROUTE), key=lambda entry: entry.at)
    assert (before, len(life.of(ROUTE))) == (1, 2)
    assert again.item["because"][0]["code"] == "route-changed"


# -- suggestions, counters


def test_a_suggestion_is_acknowledged_at_once_and_answered_in_48_hours() -> None:
    raised = told("suggestion.raised", "2026-08-03 10:00", ident="s1", person="psn_2", text="多种树")
    found = planned("2026-08-03 10:01", KEYS, raised, owners=("psn_1", "psn_2"))
    answer = item_of(found, "occupancy.suggestion/epi_1/s1")
    text = item_of(found, "occupancy.suggestion-received/epi_1/s1")

    assert (answer.due, answer.role) == (instant("2026-08-05 10:00"), Role.PROPERTY_CS)
    assert (text.due, text.recipients, text.params) == (instant("2026-08-03 10:00"), "named", {"person": "psn_2"})


def test_what_an_owner_said_and_was_promised_is_counted() -> None:
    life = begin(
        "2026-06-27 10:00", KEYS,
        told("complaint.raised", "2026-08-01 10:00", category="service", severity="general", text="x"),
        told("suggestion.raised", "2026-08-03 10:00", text="x"),
        told("suggestion.raised", "2026-08-04 10:00", text="x"),
        told("promise.recorded", "2026-08-05 10:00", what="x"),
    )  # fmt: skip
    life.run(instant("2026-08-05 12:00"))
    open_ = life.plan().ledgers["counts"]
    life.tell(told("task.result", "2026-08-05 13:00", outcome="done", about={"item": "occupancy.suggestion"}))

    life.run(instant("2026-08-05 14:00"))

    assert open_ == {
        "complaints": 1, "suggestions": 2, "promises": 1, "promises_breached": 0, "suggestions_answered": 0
    }  # fmt: skip
    assert life.plan().ledgers["counts"]["suggestions_answered"] == 2
    assert planned("2026-08-05 12:00", KEYS).ledgers == {}


# -- care by tag, gifts


def test_care_by_tag_comes_one_round_at_a_time_while_the_tag_stands() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", tag="留守老人")
    gone = told("tag.removed", "2026-10-15 10:00", tag="留守老人")
    life = begin("2026-06-27 10:00", KEYS, tagged, gone)
    life.run(instant("2026-10-14 10:00"))
    asked = {entry.key.rsplit("/", 1)[-1]: entry.due for entry in life.of("occupancy.tag-care")}
    ahead = [item.due for item in items_of(life.plan(), "occupancy.tag-care") if item.occurrence.endswith("m3")]

    life.run(instant("2026-10-16 10:00"))

    assert asked == {"m1": instant("2026-08-31 18:00"), "m2": instant("2026-09-30 18:00")}
    assert ahead == [instant("2026-10-30 18:00")]  # the 31st is a Saturday
    assert not items_of(life.plan(), "occupancy.tag-care")


ALONE: dict[str, Any] = {"tag": "留守老人"}
TAG_CARE = "occupancy.tag-care"


def test_who_is_told_of_an_owner_who_lives_alone_is_asked_for_once() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", **ALONE)
    named = told("tag.added", "2026-08-05 10:00", ident="t2", inform="son", **ALONE)
    life = begin("2026-06-27 10:00", KEYS, tagged, named)
    life.run(instant("2026-08-01 10:00"))

    asked = item_of(life.plan(), "occupancy.next-contact/epi_1/elderly-alone/t1")
    life.run(instant("2026-08-05 11:00"))

    assert (asked.due, asked.role) == (instant("2026-08-07 18:00"), Role.PROPERTY_CS)
    assert life.state(asked.key) is State.DONE
    holiday = told("tag.added", "2026-07-31 10:00", tag="度假")
    assert not items_of(planned("2026-08-01 10:00", KEYS, holiday), "occupancy.next-contact")


def test_after_each_visit_to_an_owner_who_lives_alone_the_next_contact_is_told() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", inform="son", **ALONE)
    life = begin("2026-06-27 10:00", KEYS, tagged, consents={"psn_1": {"care": instant("2026-06-27 10:00")}})
    life.run(instant("2026-08-24 10:00"))
    (task,) = [entry.task for entry in life.of("occupancy.tag-care")]
    visit = told("visit.recorded", "2026-08-25 10:00", ident="seen", about={"task": task})
    other = told("visit.recorded", "2026-08-25 11:00", about={"item": "occupancy.home-visit"})

    life.tell(visit, other)
    life.run(instant("2026-08-25 12:00"))

    (call,) = items_of(life.plan(), "occupancy.inform-next-contact")
    assert (call.occurrence, call.kind, call.due) == ("elderly-alone/seen", "call", instant("2026-08-26 10:00"))
    assert call.params == {"care": "elderly-alone", "inform": "son"}


@pytest.mark.parametrize("uncalled", [frozenset[str](), frozenset({"care"})])
def test_a_call_of_care_ends_when_he_may_not_be_called_any_more(uncalled: frozenset[str]) -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", inform="son", **ALONE)
    seen = told("visit.recorded", "2026-08-25 10:00", ident="seen",
                about={"item": TAG_CARE, "occurrence": "elderly-alone/t1/m1"})  # fmt: skip
    life = begin("2026-06-27 10:00", KEYS, tagged, seen, consents={"psn_1": {"care": instant("2026-06-27 10:00")}})
    life.run(instant("2026-08-25 12:00"))
    key = "occupancy.inform-next-contact/epi_1/elderly-alone/seen"
    assert life.state(key) in RUNNING

    life.record = replace(life.record, uncalled={"psn_1": uncalled})
    life.run(instant("2026-08-25 13:00"))

    assert life.state(key) is State.SUPPRESSED if uncalled else life.state(key) in RUNNING


def test_a_visit_that_found_nobody_is_no_news_for_the_next_contact() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", **ALONE)
    life = begin("2026-06-27 10:00", KEYS, tagged).run(instant("2026-08-24 10:00"))
    (task,) = [entry.task for entry in life.of("occupancy.tag-care")]

    life.tell(told("visit.recorded", "2026-08-25 10:00", reached=False, about={"task": task}))

    assert not items_of(life.run(instant("2026-08-25 12:00")).plan(), "occupancy.inform-next-contact")


def test_a_word_of_whom_to_tell_that_names_no_tag_is_about_nobodys_care() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", inform="son", **ALONE)
    bare = told("tag.added", "2026-08-01 10:00", ident="t2", inform="daughter")
    seen = told("visit.recorded", "2026-08-02 10:00", about={"item": TAG_CARE, "occurrence": "elderly-alone/t1/m1"})

    (call,) = items_of(planned("2026-08-02 11:00", KEYS, tagged, bare, seen), "occupancy.inform-next-contact")

    assert call.params["inform"] == "son"


def test_a_round_of_care_that_never_had_a_task_makes_no_other_visit_news_for_the_next_contact() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", ident="t1", inform="son", **ALONE)
    key = f"{TAG_CARE}/epi_1/elderly-alone/t1/m1"
    skipped = Entry(key, State.SKIPPED, instant("2026-08-01 10:00"), due=instant("2026-08-31 18:00"))
    other = told("visit.recorded", "2026-08-25 11:00", about={"item": "occupancy.home-visit"})

    found = planned("2026-08-25 12:00", KEYS, tagged, other, entries={key: skipped})

    assert not items_of(found, "occupancy.inform-next-contact")


def test_only_long_standing_owners_get_gifts_and_what_was_given_is_kept() -> None:
    keys = told("handover.accepted", "2024-05-10 10:00")
    young = told("handover.accepted", "2025-05-10 10:00")
    life = begin("2026-06-01 10:00", keys, started=instant("2024-05-01 10:00"))
    life.staff = done_after()
    life.run(instant("2026-10-15 10:00"))

    assert life.state("occupancy.festival-gift/epi_1/2026-mid-autumn") is State.DONE
    assert life.plan().ledgers["gifts"] == [{"feast": "2026-mid-autumn", "given_on": "2026-09-04"}]
    assert not items_of(planned("2026-09-01 10:00", young), "occupancy.festival-gift")


@pytest.mark.slow
def test_recurring_care_does_not_keep_a_journey_open() -> None:
    tagged = told("tag.added", "2026-07-31 10:00", tag="留守老人")
    life = begin("2026-06-27 10:00", KEYS, tagged, batch=completion("2026-04-28"), birthdays={"psn_1": (7, 1)})
    tagless = done_after()
    life.staff = lambda item, task, now: None if item.rule == "occupancy.tag-care" else tagless(item, task, now)

    life.run(instant("2035-01-01 00:00"))

    assert life.last is not None
    assert (life.last.over, life.now) == (True, instant("2031-06-28 00:00"))
