"""The plan as a whole: parked facts, waking, ending, reasons, and the permanent ids of rules."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from journey.domain import reasons
from journey.domain.entries import State
from journey.domain.planner import plan
from journey.domain.rules import RULES
from journey.domain.showing import details
from journey.domain.values import Stage
from tests.lives import begin, done_after, planned
from tests.records import SHANGHAI, completion, instant, record, told

ROOT = Path(__file__).resolve().parents[3]
RULE_IDS = ROOT / "tests" / "replay" / "rule_ids.txt"
LEAD = told("lead.registered", "2025-03-01 10:00", source="walk-in")


def test_a_journey_without_work_wakes_once_a_quarter_and_not_all_on_one_day() -> None:
    now = instant("2025-03-01 11:00")
    wakes = {plan(replace(record([]), journey=f"jrn_{number}"), now).wake_at for number in range(20)}

    assert all(timedelta(days=90) <= wake - now <= timedelta(days=97) for wake in wakes)
    assert len(wakes) > 15


def test_a_parked_fact_wakes_the_journey_at_its_time() -> None:
    life = begin("2025-03-16 10:00", told("contract.signed", "2025-03-16 10:00", on="2025-03-20"))
    life.run(instant("2025-03-19 23:59:59"))
    assert life.last is not None
    before = (life.last.wake_at, life.last.stage)

    life.run(instant("2025-03-20 00:00"))

    assert before == (instant("2025-03-20 00:00"), Stage.PROSPECT)
    assert life.last.stage is Stage.PRE_HANDOVER
    assert life.state("signing.service-callback/epi_1/once") is State.OPEN


def test_a_hand_over_alone_implies_the_stages_before_it() -> None:
    found = planned("2026-06-27 11:00", told("handover.accepted", "2026-06-27 10:00"))

    assert found.stage is Stage.OCCUPANCY


def test_stages_follow_the_facts() -> None:
    seen = []
    events = []
    for kind, when in (
        ("lead.registered", "2025-03-01 10:00"),
        ("subscription.signed", "2025-03-15 10:00"),
        ("contract.signed", "2025-03-20 10:00"),
        ("handover.notice_served", "2026-06-12 10:00"),
        ("handover.accepted", "2026-06-27 10:00"),
    ):
        events.append(told(kind, when, source="x"))
        seen.append(planned(f"{when[:10]} 11:00", *events).stage)

    assert seen == [Stage.PROSPECT, Stage.SIGNING, Stage.PRE_HANDOVER, Stage.HANDOVER, Stage.OCCUPANCY]


def test_two_plans_of_one_record_differ_in_nothing() -> None:
    one = record([LEAD, told("contract.signed", "2025-03-20 10:00")], batch=completion("2024-04-28"))

    assert plan(one, instant("2025-04-01 10:00")) == plan(one, instant("2025-04-01 10:00"))


def test_moves_come_in_the_order_of_their_dues_with_what_they_must_find() -> None:
    life = begin("2025-03-15 10:00", told("subscription.signed", "2025-03-15 10:00"))
    found = life.plan()

    assert [move.due for move in found.moves] == sorted(move.due for move in found.moves)
    assert {move.seen for move in found.moves} == {""}


def test_a_lost_lead_is_over_and_any_later_news_is_judged() -> None:
    lost = told("lead.lost", "2025-03-02 10:00", reason="x", ident="lost")
    found = planned("2025-03-02 11:00", LEAD, lost)
    void = told("event.voided", "2025-03-05 10:00", event_id="lost", reason="came back")

    assert (found.over, found.status.value) == (True, "lost")
    assert not planned("2025-03-05 11:00", LEAD, lost, void).over


def test_a_closed_journey_with_a_parked_fact_is_not_over() -> None:
    signed = told("contract.signed", "2025-03-20 10:00")
    cancelled = told("contract.cancelled", "2025-03-22 10:00", reason="x")
    ahead = told("refund.settled", "2025-03-22 10:00", on="2025-04-01")

    assert not planned("2025-03-23 10:00", signed, cancelled, ahead).over
    assert planned("2025-04-01 10:00", signed, cancelled, ahead).over


def test_what_temporal_shows_names_the_stage_the_next_items_and_what_is_late() -> None:
    life = begin("2025-03-15 10:00", told("subscription.signed", "2025-03-15 10:00"))
    life.run(instant("2025-03-23 10:00"))
    assert life.last is not None

    zh = details(life.last, lang="zh", zone=SHANGHAI, now=life.now)
    en = details(life.last, lang="en", zone=SHANGHAI, now=life.now)

    assert "**[签约]**" in zh
    assert "管家首次联系 · 管家 · 最晚 2025-03-22 ⚠ 逾期" in zh
    assert "keeper contact · Keeper · due 2025-03-22 ⚠ overdue" in en
    assert life.last.segment == "prospective"


def test_a_whole_life_is_lived_in_order() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-20 10:00"),
        told("handover.accepted", "2026-06-27 10:00"),
        batch=completion("2026-04-28", "2026-04-29 09:00"),
    )
    life.staff = done_after()

    life.run(instant("2035-01-01 00:00"))

    assert life.last is not None
    assert life.last.over
    assert life.now == instant("2031-06-28 00:00")
    assert len(life.sent) == len({key for _, key in life.sent}) == 29
    assert {rung.step for _, rung in life.rungs} == set()


def test_every_reason_that_the_domain_gives_has_words_in_both_languages() -> None:
    used: set[str] = set()
    for source in (ROOT / "journey" / "domain").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        used |= set(re.findall(r"(?:Reason|Suppress|Fail)\(\s*\"([a-z-]+)\"", text))
        used |= set(re.findall(r"Hold\([^()\"]+, \"([a-z-]+)\"\)", text))
    used |= {"in-cover", "out-of-cover", "cover-unknown"}

    assert len(used) > 30
    assert used <= reasons.TEXTS.keys()
    assert all(zh and en for zh, en in reasons.TEXTS.values())


def test_rule_ids_are_permanent() -> None:
    listed = RULE_IDS.read_text(encoding="utf-8").split()
    former = {old for rule in RULES.values() for old in rule.formerly}

    assert listed == sorted(set(listed))
    assert RULES.keys() <= set(listed), "list every new rule in tests/replay/rule_ids.txt"
    assert set(listed) <= RULES.keys() | former, (
        "an id was taken away: name it in formerly= of the rule that follows it"
    )


def test_while_a_move_is_due_the_journey_is_awake_so_that_nobody_takes_it_for_asleep() -> None:
    found = plan(record([told("subscription.signed", "2026-03-16 10:00")]), instant("2026-03-16 10:01"))

    assert found.moves
    assert found.wake_at == instant("2026-03-16 10:01")
