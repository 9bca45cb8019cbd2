"""What an outage of a provider kept waiting goes by `late=`: later, not at all, merged, by a person (kernel §4)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from journey.domain.entries import State
from journey.domain.items import Item, Late
from journey.domain.reasons import Reason
from tests.journey.domain.test_late_news import TEST, state_of, weekly
from tests.lives import Life, begin
from tests.records import completion, instant, told

pytestmark = pytest.mark.usefixtures("rules")
SENT_ON, BACK = instant("2025-03-10 08:00"), instant("2025-03-11 08:00")
Sent = tuple[State, Reason | None, datetime | None]


def away(
    until: datetime, code: str = "provider-away", every: timedelta = timedelta(hours=1), rule: str = TEST
) -> "Callable[..., Sent]":
    """A provider that takes nothing of a rule before an instant and is asked hourly."""

    def send(item: Item, now: datetime) -> Sent:
        if now >= until or not item.key.startswith(rule):
            return State.SENT, None, None
        return State.HELD, Reason(code, {"error": "down"}), min(now + every, until)

    return send


def outage(
    late: Late, *, times: int = 1, until: datetime = BACK, code: str = "provider-away", window: str = "30d"
) -> Life:
    """Texts a week apart, the first of them due when the provider goes away."""
    weekly(late, times=times, window=window)
    life = begin("2025-03-03 10:00", told("subscription.signed", "2025-03-03 10:00"))
    life.send = away(until, code)
    return life.run(until + timedelta(hours=2))


@pytest.mark.parametrize("code", ["provider-away", "provider-stopped", "catching-up", "template-stopped"])
def test_what_is_still_wanted_goes_out_late(code: str) -> None:
    life = outage(Late.DO, code=code)

    assert [(at, key) for at, key in life.sent if TEST in key] == [(BACK, f"{TEST}/epi_1/d1")]


def test_what_makes_no_sense_late_is_skipped_while_the_provider_is_still_away() -> None:
    life = outage(Late.SKIP)

    assert state_of(life, f"{TEST}/epi_1/d1") == (State.SKIPPED, "late")
    assert life.record.entries[f"{TEST}/epi_1/d1"].at < BACK
    assert all(TEST not in key for _, key in life.sent)


def test_of_several_that_waited_the_last_one_carries_the_others() -> None:
    life = outage(Late.MERGE, times=3, until=instant("2025-03-25 08:00"))

    states = [state_of(life, f"{TEST}/epi_1/d{week}") for week in (1, 2)]
    assert states == [(State.MERGED, "merged"), (State.MERGED, "merged")]
    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d3"]


def test_a_merge_stands_while_its_carrier_waits() -> None:
    life = outage(Late.MERGE, times=2, until=instant("2025-03-25 08:00"))

    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d2"]
    assert len(life.record.entries[f"{TEST}/epi_1/d1"].carrier or "") > 0


def test_what_may_not_wait_is_given_to_a_person_when_half_of_its_window_is_over() -> None:
    life = outage(Late.ESCALATE, window="20h")

    assert [(at, key) for at, key in life.opened if TEST in key] == [(instant("2025-03-10 18:00"), f"{TEST}/epi_1/d1")]
    assert all(TEST not in key for _, key in life.sent)


def test_until_then_it_still_goes_out_by_itself() -> None:
    life = outage(Late.ESCALATE, window="20h", until=instant("2025-03-10 17:00"))

    assert [(at, key) for at, key in life.sent if TEST in key] == [(instant("2025-03-10 17:00"), f"{TEST}/epi_1/d1")]
    assert all(TEST not in key for _, key in life.opened)


def test_one_whose_own_day_is_nearer_than_the_next_ones_goes_out_late() -> None:
    life = outage(Late.MERGE, times=2, until=instant("2025-03-12 08:00"))

    assert [at for at, key in life.sent if TEST in key] == [instant("2025-03-12 08:00")]
    assert life.run(instant("2025-03-17 12:00")).sent[-1] == (instant("2025-03-17 08:00"), f"{TEST}/epi_1/d2")


def test_a_window_that_closed_during_the_outage_is_missed() -> None:
    life = outage(Late.DO, window="12h")

    assert state_of(life, f"{TEST}/epi_1/d1") == (State.MISSED, "window-closed")


@pytest.mark.parametrize("late", list(Late))
def test_quiet_hours_are_no_outage(late: Late) -> None:
    life = outage(late, code="quiet-hours")

    assert [(at, key) for at, key in life.sent if TEST in key] == [(BACK, f"{TEST}/epi_1/d1")]


@pytest.mark.parametrize("late", list(Late))
def test_a_few_minutes_are_no_outage(late: Late) -> None:
    life = outage(late, until=SENT_ON + timedelta(minutes=20))

    assert [key for _, key in life.sent if TEST in key] == [f"{TEST}/epi_1/d1"]


# -- the rules of the pack --------------------------------------------------------------------------------------------

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
EXPIRY, REMINDER, INFORMATION = "warranty.expiry-notice", "handover.reminder", "handover.information"
FOLLOW_UP = "handover.title-follow-up"


def signed(until: datetime, rule: str) -> Life:
    """A home handed over on 2026-06-30; texts of a rule do not get through until then."""
    life = begin("2026-01-10 10:00", told("contract.signed", "2026-01-10 10:00", contract_handover_date="2026-06-30"))
    life.send = away(until, rule=rule)
    return life.run(instant("2026-06-30 12:00"))


def test_a_reminder_of_the_handover_that_may_not_wait_any_longer_is_the_keepers_to_tell() -> None:
    life = signed(instant("2026-06-30 20:00"), REMINDER)

    assert [(at, key) for at, key in life.opened if REMINDER in key] == [
        (instant("2026-06-29 20:00"), f"{REMINDER}/epi_1/once")
    ]
    assert life.last is not None
    (item,) = [item for item in life.last.agenda if item.rule == REMINDER]
    assert (item.role, item.escalates_to) == ("keeper", "project-cs")
    assert ("escalated", "project-cs") in {(rung.step, rung.to) for key, rung in life.rungs if REMINDER in key}
    assert all(REMINDER not in key for _, key in life.sent)


def test_a_reminder_that_an_hour_or_two_delayed_still_goes_out() -> None:
    life = signed(instant("2026-06-29 11:00"), REMINDER)

    assert [at for at, key in life.sent if REMINDER in key] == [instant("2026-06-29 11:00")]
    assert all(REMINDER not in key for _, key in life.opened)


def test_what_to_bring_is_told_by_the_keeper_when_the_text_waits_for_a_week() -> None:
    life = signed(instant("2026-06-30 20:00"), INFORMATION)

    assert [at for at, key in life.opened if INFORMATION in key] == [instant("2026-06-23 04:00")]


@pytest.mark.parametrize(("rule", "closes"), [(REMINDER, "2026-07-01 00:00"), (INFORMATION, "2026-06-30 00:00")])
def test_a_text_that_a_person_was_to_tell_is_missed_once_its_window_has_closed(rule: str, closes: str) -> None:
    life = signed(instant("2026-07-02 20:00"), rule)
    key = f"{rule}/epi_1/once"
    assert [opened for _, opened in life.opened if opened == key]

    life.run(instant("2026-07-02 12:00"))

    entry = life.record.entries[key]
    assert (entry.state, entry.at) == (State.MISSED, instant(closes))
    assert entry.reason == Reason("window-closed", {"closed": instant(closes).isoformat()})


def expiring(until: datetime, down_from: datetime | None = None) -> Life:
    """A home whose first covers end on 2026-12-27 (pipes) and 2027-06-27: notices from 2026-10-27 on."""
    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"))
    if down_from is not None:
        life.run(down_from).down_until(until)
    else:
        life.send = away(until, rule=EXPIRY)
    return life.run(instant("2027-01-10 10:00"))


def of_pipes(life: Life) -> dict[str, tuple[State, datetime]]:
    entries = {entry.key.rsplit("/", 1)[1]: entry for entry in life.of(f"{EXPIRY}/unt_1/pipe-blockage")}
    return {label: (entry.state, entry.at) for label, entry in entries.items()}


@pytest.mark.parametrize("down", [False, True])
def test_an_expiry_notice_that_waited_until_the_next_is_nearer_is_carried_by_it(down: bool) -> None:
    back = instant("2026-12-10 09:00")  # 30 days before: 11-27; 7 days before: 12-20
    life = expiring(back, instant("2026-11-26 10:00") if down else None) if down else expiring(back)

    found = of_pipes(life)
    assert found["d-30"][0] is State.MERGED
    assert life.record.entries[f"{EXPIRY}/unt_1/pipe-blockage/d-30"].carrier == f"{EXPIRY}/unt_1/pipe-blockage/d-7"
    assert [key for _, key in life.sent if EXPIRY in key and "/d-7" in key] == [f"{EXPIRY}/unt_1/pipe-blockage/d-7"]


def test_an_expiry_notice_that_a_day_delayed_goes_out_late() -> None:
    life = expiring(instant("2026-11-28 09:00"), instant("2026-11-26 10:00"))

    assert of_pipes(life)["d-30"] == (State.SENT, instant("2026-11-28 09:00"))
    assert of_pipes(life)["d-7"][0] is State.SENT


def test_the_last_expiry_notice_is_never_carried_by_one_of_another_component() -> None:
    life = expiring(instant("2026-12-24 09:00"), instant("2026-12-19 10:00"))

    assert of_pipes(life)["d-7"] == (State.SENT, instant("2026-12-24 09:00"))


def test_of_follow_ups_of_the_certificate_that_were_all_delayed_one_is_opened() -> None:
    life = begin("2026-06-27 10:00", KEYS)
    life.run(instant("2026-07-10 10:00")).down_until(instant("2026-08-26 20:00"))  # 30 days: 07-27, 60 days: 08-26

    life.run(instant("2026-08-26 22:00"))

    assert [key for _, key in life.opened if FOLLOW_UP in key] == [f"{FOLLOW_UP}/epi_1/d60"]


def test_a_follow_up_that_the_next_one_carries_stays_carried_while_that_one_runs() -> None:
    life = begin("2026-03-01 10:00", told("handover.accepted", "2026-03-01 10:00", ident="keys"))
    life.run(instant("2026-03-05 10:00")).down_until(instant("2026-04-28 10:00"))  # 30 days: 03-31, 60 days: 04-30

    life.run(instant("2026-04-29 10:00"))

    assert [key for _, key in life.opened if FOLLOW_UP in key] == [f"{FOLLOW_UP}/epi_1/d60"]
    assert life.state(f"{FOLLOW_UP}/epi_1/d30") is State.MERGED
