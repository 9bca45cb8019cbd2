"""News that comes late, outages of ours, and duties from before the journey's start."""

from datetime import date

import pytest

from journey.domain.asking import message
from journey.domain.entries import State
from journey.domain.facts import Facts
from journey.domain.items import Late
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.periods import Period
from journey.domain.rules import RELEASES, Items, rule
from tests.lives import Life, begin, item_of
from tests.packs import test_pack as pack_with
from tests.records import instant, told

CALLBACK = "signing.service-callback/epi_1/once"
CONTACT = "signing.keeper-contact/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"
pytestmark = pytest.mark.usefixtures("rules")
TEST = "signing.test-weekly"


def state_of(life: Life, key: str) -> tuple[State, str | None]:
    entry = life.record.entries[key]
    return entry.state, entry.reason.code if entry.reason else None


def weekly(late: Late, *, times: int = 1, since: str = "2026.1", window: str = "30d") -> None:
    """A text every week from the subscription on."""

    @rule(TEST, zh="测试", since=since)
    def ask(j: Facts, n: SigningNumbers) -> Items:
        if j.subscription:
            for week in range(1, times + 1):
                last = j.after(j.subscription, Period(days=7 * week))
                yield message(j.episode, j.subscription, last, Period.parse(window), occurrence=f"d{week}", late=late)


def outage(late: Late, *, times: int = 1, window: str = "30d") -> Life:
    """Nothing runs from the subscription until a week after the first text was due."""
    weekly(late, times=times, window=window)
    life = begin("2025-03-03 10:00", told("subscription.signed", "2025-03-03 10:00"))
    life.run(instant("2025-03-09 10:00"))
    life.down_until(instant("2025-03-17 10:00"))
    return life.run(instant("2025-03-17 12:00"))


def test_a_window_that_closed_before_the_fact_was_told_is_missed() -> None:
    life = begin("2025-03-20 10:00", told("subscription.signed", "2025-03-15 10:00", recorded="2025-03-20 10:00"))

    life.run(instant("2025-03-21 10:00"))

    assert state_of(life, WELCOME) == (State.MISSED, "late-news")
    assert life.sent != [(instant("2025-03-20 10:00"), WELCOME)]


def test_an_open_window_gives_two_working_days_from_the_telling() -> None:
    life = begin("2025-03-28 10:00", told("subscription.signed", "2025-03-15 10:00", recorded="2025-03-28 10:00"))

    life.run(instant("2025-03-28 11:00"))

    assert life.last is not None
    late = item_of(life.last, CONTACT)
    assert late.due == instant("2025-04-01 18:00")
    assert [reason.code for reason in late.because] == ["late-news"]
    assert late.original_due == instant("2025-03-22 18:00")
    assert life.state(CONTACT) is State.WARNED or life.state(CONTACT) is State.OPEN


def test_a_statutory_duty_learnt_late_opens_overdue() -> None:
    life = begin("2027-01-05 10:00", told("contract.signed", "2025-03-20 10:00", recorded="2027-01-05 10:00"))

    life.run(instant("2027-01-05 11:00"))

    assert [key for _, key in life.opened] == [FILING]
    assert [rung.step for key, rung in life.rungs if key == FILING] == ["overdue", "escalated"]
    assert state_of(life, CALLBACK) == (State.MISSED, "late-news")


def test_a_fact_of_today_told_after_closing_time_gets_grace() -> None:
    life = begin("2025-03-22 20:00", told("subscription.signed", "2025-03-15 10:00", recorded="2025-03-22 20:00"))

    life.run(instant("2025-03-22 20:30"))

    assert life.last is not None
    assert item_of(life.last, CONTACT).due == instant("2025-03-25 18:00")


@pytest.mark.parametrize("limit", ["started", "go_live_at"])
def test_what_was_due_before_the_start_is_missed_and_never_done(limit: str) -> None:
    told_late = told("contract.signed", "2025-03-20 10:00", recorded="2026-01-10 10:00")
    life = begin("2026-01-10 10:00", told_late, **{limit: instant("2026-01-01 00:00")})

    life.run(instant("2026-02-10 10:00"))

    assert state_of(life, FILING) == (State.MISSED, "before-go-live")
    assert state_of(life, CALLBACK) == (State.MISSED, "before-go-live")
    assert life.opened == []
    assert life.rungs == []
    assert life.last is not None
    assert life.last.overdue == 0


def test_a_statutory_duty_that_a_fact_met_before_the_start_is_missed_too() -> None:
    life = begin(
        "2026-01-10 10:00",
        told("contract.signed", "2025-03-20 10:00", recorded="2026-01-10 10:00"),
        told("contract.filed", "2025-04-10 10:00", recorded="2026-01-10 10:00"),
        started=instant("2026-01-01 00:00"),
    )

    life.run(instant("2026-01-11 10:00"))

    assert state_of(life, FILING) == (State.MISSED, "before-go-live")


def test_what_falls_due_after_the_start_is_ours() -> None:
    life = begin(
        "2025-04-05 10:00",
        told("contract.signed", "2025-03-20 10:00", recorded="2025-04-05 10:00"),
        started=instant("2025-04-05 00:00"),
    )

    life.run(instant("2025-04-06 10:00"))

    assert state_of(life, CALLBACK) == (State.MISSED, "before-go-live")
    assert life.state(FILING) is State.OPEN


def test_after_an_outage_do_does_what_was_delayed() -> None:
    life = outage(Late.DO)

    assert (instant("2025-03-17 10:00"), f"{TEST}/epi_1/d1") in life.sent


def test_after_an_outage_skip_leaves_it() -> None:
    life = outage(Late.SKIP)

    assert state_of(life, f"{TEST}/epi_1/d1") == (State.SKIPPED, "late")
    assert all(TEST not in key for _, key in life.sent)


def test_after_an_outage_merge_lets_the_next_one_carry_it() -> None:
    life = outage(Late.MERGE, times=3)

    merged = life.record.entries[f"{TEST}/epi_1/d1"]
    assert (merged.state, merged.carrier) == (State.MERGED, f"{TEST}/epi_1/d2")
    life.run(instant("2025-04-17 12:00"))
    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d2", f"{TEST}/epi_1/d3"]


def test_after_an_outage_merge_with_nothing_following_goes_out() -> None:
    life = outage(Late.MERGE)

    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d1"]


def test_after_an_outage_escalate_gives_it_to_a_person() -> None:
    life = outage(Late.ESCALATE, window="10d")

    assert f"{TEST}/epi_1/d1" in [key for _, key in life.opened]
    assert all(TEST not in key for _, key in life.sent)
    assert life.state(f"{TEST}/epi_1/d1") is State.OVERDUE


@pytest.mark.parametrize("late", list(Late))
def test_without_an_outage_every_policy_sends_on_time(late: Late) -> None:
    weekly(late, times=2)
    life = begin("2025-03-03 10:00", told("subscription.signed", "2025-03-03 10:00"))

    life.run(instant("2025-04-17 10:00"))

    assert [at for at, key in life.sent if TEST in key] == [instant("2025-03-10 08:00"), instant("2025-03-17 08:00")]


def test_a_message_held_until_its_window_closed_is_missed() -> None:
    weekly(Late.DO, window="2d")
    life = begin("2025-03-03 10:00", told("subscription.signed", "2025-03-03 10:00"))
    life.run(instant("2025-03-09 10:00"))

    life.down_until(instant("2025-03-13 10:00"))
    life.run(instant("2025-03-13 11:00"))

    assert state_of(life, f"{TEST}/epi_1/d1") == (State.MISSED, "window-closed")


def test_a_rule_younger_than_the_window_does_not_reach_back() -> None:
    RELEASES["2026.9"] = date(2026, 9, 1)
    weekly(Late.DO, since="2026.9", window="7d")
    life = begin("2026-09-10 10:00", told("subscription.signed", "2026-08-10 10:00", recorded="2026-08-11 10:00"))

    life.run(instant("2026-09-11 10:00"))

    assert state_of(life, f"{TEST}/epi_1/d1") == (State.MISSED, "newer-rule")


def test_a_rule_that_begins_inside_the_window_asks_for_its_item() -> None:
    RELEASES["2026.9"] = date(2026, 9, 1)
    weekly(Late.DO, since="2026.9", window="30d")
    life = begin("2026-09-02 10:00", told("subscription.signed", "2026-08-10 10:00", recorded="2026-08-11 10:00"))

    life.run(instant("2026-09-03 10:00"))

    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d1"]


def test_a_pack_version_published_ahead_counts_from_its_local_day() -> None:
    slower = {"version": "2", "effective_from": "2025-03-24", "signing.service_callback.within": "10d"}
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00"),
        packs=(pack_with().pack, pack_with(**slower).pack),
    )

    life.run(instant("2025-03-23 23:59:59"))
    before = life.record.entries[CALLBACK].due
    life.run(instant("2025-03-24 00:00"))

    assert before == instant("2025-03-27 18:00")
    assert life.record.entries[CALLBACK].due == instant("2025-03-30 18:00")


def test_what_was_due_before_the_journey_began_shows_the_day_on_which_it_was_due() -> None:
    signed = told("contract.signed", "2026-10-01 10:00", recorded="2026-11-27 09:00")
    start = instant("2026-11-27 09:00")
    life = begin("2026-11-27 09:00", signed, started=start)
    life.run(instant("2026-11-28 10:00"))

    before = [entry for entry in life.record.entries.values() if entry.reason and entry.reason.code == "before-go-live"]
    assert "pre-handover.club-invitation/epi_1/once" in {entry.key for entry in before}
    assert all(entry.state is State.MISSED and entry.due is not None and entry.due < start for entry in before)
    assert life.record.entries["pre-handover.club-invitation/epi_1/once"].item["because"] == []


def test_a_call_that_a_festival_would_push_is_not_pushed_out_of_the_past() -> None:
    signed = told("contract.signed", "2026-02-09 10:00", recorded="2026-02-18 09:00")  # the seventh day: 除夕
    life = begin("2026-02-18 09:00", signed, started=instant("2026-02-18 09:00"))
    life.run(instant("2026-02-25 10:00"))

    assert state_of(life, CALLBACK) == (State.MISSED, "before-go-live")
    assert life.record.entries[CALLBACK].due == instant("2026-02-16 18:00")
