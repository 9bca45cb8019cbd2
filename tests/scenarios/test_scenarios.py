import pytest

from tests.scenarios.living import codes, live, minute, steps

pytestmark = pytest.mark.server
CALLBACK = "signing.service-callback"
CONTACT = "signing.keeper-contact"
WELCOME = "signing.keeper-welcome"
FILING = "signing.filing"
NOTICE = "warranty.expiry-notice"


@pytest.mark.slow
async def test_a_life_from_the_subscription_to_the_last_day_of_cover() -> None:
    home = (await live("happy_path")).home("3-1-1202")

    contact, callback, filing = home.entry(CONTACT), home.entry(CALLBACK), home.entry(FILING)
    assert minute(contact["due"]) == "2025-03-22T18:00"
    assert minute(callback["due"]) == "2025-03-27T18:00"
    assert minute(filing["due"]) == "2025-04-18T18:00"
    assert minute(filing["original_due"]) == "2025-04-19T18:00"
    assert filing["legal_due"] == "2025-04-21T23:59:59+08:00"
    assert {contact["outcome"], callback["outcome"], filing["outcome"]} == {"done"}
    assert home.cover("decoration") == ("2028-06-27", "2028-04-28", 60)
    assert home.cover("roof-waterproof") == ("2031-06-27", "2031-04-28", 60)
    assert minute(home.entry(NOTICE, "electrical/m-2")["at"]) == "2028-04-27T08:00"
    assert home.entry(NOTICE, "decoration/m-2")["outcome"] == "merged"
    assert minute(home.entry(NOTICE, "pipe-blockage/m-2")["at"]) == "2026-10-27T08:00"
    assert home.journey["status"] == "aftercare"


async def test_what_falls_into_the_spring_festival_is_done_before_it() -> None:
    home = (await live("spring_festival")).home("3-1-1")

    contact, callback = home.entry(CONTACT), home.entry(CALLBACK)
    assert minute(contact["due"]) == minute(callback["due"]) == "2026-02-14T18:00"
    assert minute(callback["original_due"]) == "2026-02-18T18:00"
    assert codes(callback) == ["pulled-before-holiday"]
    assert minute(callback["at"]) == "2026-02-13T19:00"
    assert minute(home.entry(FILING)["at"]) == "2026-02-28T10:00"  # a made-up Saturday


async def test_local_hours_are_kept_across_the_change_to_summer_time() -> None:
    home = (await live("summer_time")).home("3-1-1")

    assert minute(home.entry(WELCOME)["at"]) == "2026-03-28T08:00"  # told at 22:30: after the quiet hours
    assert home.entry(CALLBACK)["due"] == "2026-04-03T18:00:00+01:00"
    assert steps(home.entry(CALLBACK))[0] == ("warned", "2026-04-01T18:00", "keeper")


@pytest.mark.slow
async def test_covers_end_on_the_last_day_of_shorter_months() -> None:
    world = await live("month_ends")

    assert world.home("3-1-1").cover("pipe-blockage")[0] == "2028-02-29"
    assert world.home("3-1-2").cover("pipe-blockage")[0] == "2028-02-29"
    assert world.home("3-1-3").cover("lamps-switches")[0] == "2029-02-28"
    assert world.home("3-1-3").cover("decoration")[0] == "2030-02-28"
    notice = world.home("3-1-2").entry(NOTICE, "pipe-blockage/m-2")
    assert (minute(notice["at"]), notice["outcome"]) == ("2027-12-29T08:00", "sent")


async def test_late_news_gets_two_working_days_while_its_window_is_open() -> None:
    world = await live("late_news")

    in_time, late, too_late = (world.home(f"3-1-{number}").entry(CALLBACK) for number in (1, 2, 3))
    assert (minute(in_time["due"]), in_time["outcome"]) == ("2026-03-09T18:00", "done")
    assert (minute(late["due"]), late["outcome"], codes(late)) == ("2026-03-24T18:00", "done", ["late-news"])
    assert (too_late["outcome"], too_late["reason"]) == ("missed", "late-news")


async def test_a_statutory_duty_learnt_late_opens_overdue() -> None:
    filing = (await live("late_news")).home("3-1-3").entry(FILING)

    assert [name for name, _, _ in steps(filing)] == ["overdue", "escalated"]
    assert filing["outcome"] == "done"


async def test_facts_may_come_in_any_order_and_only_contradictions_are_refused() -> None:
    world = await live("out_of_order")

    first = world.home("3-1-1")
    assert first.journey["stage"] == "occupancy"
    assert first.entry(CALLBACK)["reason"] == first.entry(FILING)["reason"] == "before-go-live"
    assert world.refused == {"too-early": "handover-before-signing", "no-date": "invalid-input"}


async def test_what_was_taken_back_is_not_asked_for_and_what_was_corrected_moves() -> None:
    world = await live("taken_back")

    voided, corrected = world.home("3-1-1").entry(CALLBACK), world.home("3-1-2").entry(CALLBACK)
    assert (voided["outcome"], minute(voided["at"])) == ("withdrawn", "2026-03-03T10:00")
    assert (corrected["outcome"], minute(corrected["due"])) == ("open", "2026-03-12T18:00")


async def test_an_owner_who_never_answers_is_tried_three_times() -> None:
    callback = (await live("silent_owner")).home("3-1-1").entry(CALLBACK)

    assert (callback["outcome"], callback["reason"]) == ("failed", "unreachable")
    assert minute(callback["at"]) == "2026-03-04T19:00"


async def test_late_staff_are_warned_overdue_and_escalated() -> None:
    callback = (await live("late_staff")).home("3-1-1").entry(CALLBACK)

    assert steps(callback) == [
        ("warned", "2026-03-07T18:00", "keeper"),
        ("overdue", "2026-03-09T18:00", "keeper"),
        ("escalated", "2026-03-10T18:00", "project-cs"),
    ]
    assert (callback["outcome"], minute(callback["at"])) == ("done", "2026-03-10T18:01")


async def test_a_text_waits_for_its_provider_and_goes_out_once() -> None:
    home = (await live("outage")).home("3-1-1")

    welcome = home.entry(WELCOME)
    assert welcome["outcome"] == "sent"
    assert "2026-03-02T14:00" <= minute(welcome["at"]) < "2026-03-02T15:01"


async def test_a_muted_journey_sends_nothing_and_a_paused_one_gets_its_time_back() -> None:
    world = await live("holds")

    welcome = world.home("3-1-1").entry(WELCOME)
    assert (welcome["outcome"], welcome["reason"]) == ("suppressed", "muted")
    callback = world.home("3-1-2").entry(CALLBACK)
    assert (minute(callback["due"]), minute(callback["original_due"])) == ("2026-03-15T18:00", "2026-03-09T18:00")
    assert (callback["outcome"], callback["steps"], codes(callback)) == ("open", [], ["paused"])


async def test_a_cancelled_contract_withdraws_its_work_and_ends_the_journey() -> None:
    world = await live("cancelled")

    home = world.home("3-1-1")
    assert home.journey["status"] == "cancelled"
    assert home.entry(CALLBACK)["outcome"] == "withdrawn"
    assert world.refused == {"too-late": "after-cancellation"}


async def test_a_policy_change_moves_work_that_is_under_way() -> None:
    callback = (await live("policy_change")).home("3-1-1").entry(CALLBACK)

    assert minute(callback["due"]) == "2026-03-12T18:00"
    assert steps(callback)[0] == ("warned", "2026-03-10T18:00", "keeper")
