"""What a plan means for the days ahead: what leaves and when, what is kept back, how duties of the law stand."""

from datetime import datetime, timedelta

from journey.domain.outlook import Channel, Outlook, Standing, look_ahead
from journey.domain.planner import plan
from journey.domain.record import Hold, Record
from journey.domain.values import MessageClass
from tests.records import completion, instant, record, told

NOTICE = "warranty.expiry-notice"


def by_text(message_class: MessageClass) -> str | None:
    """Everybody has a phone."""
    return "sms"


def by_nothing(message_class: MessageClass) -> str | None:
    """Nobody has an address."""
    return None


def outlook(found: Record, when: str, *, days: int = 14, channel: Channel = by_text) -> Outlook:
    now = instant(when)
    return look_ahead(plan(found, now), found, now, now + timedelta(days=days), channel)


def leaving(seen: Outlook) -> list[tuple[str, datetime, str | None]]:
    return [(one.item.rule, one.at, one.channel) for one in seen.leaving]


def test_notices_that_go_out_as_one_are_counted_once() -> None:
    home = record([told("handover.accepted", "2026-06-27 10:00")], batch=completion("2026-04-28"))

    seen = outlook(home, "2028-04-20 10:00")

    notices = [one for one in seen.leaving if one.item.rule == NOTICE]
    assert len(notices) == 1
    assert len(notices[0].item.params["components"]) > 1


def test_a_text_due_in_quiet_hours_leaves_when_they_are_over() -> None:
    home = record([told("subscription.signed", "2026-03-02 23:10")], started=instant("2026-03-02 09:00"))

    seen = outlook(home, "2026-03-02 23:10")

    assert ("signing.keeper-welcome", instant("2026-03-03 08:00"), "sms") in leaving(seen)


def test_a_text_that_may_not_go_is_kept_with_its_reason() -> None:
    events = [told("subscription.signed", "2026-03-02 10:00")]
    mute = Hold("evt_mute", "all", "mute", instant("2026-03-02 09:30"), None)

    muted = outlook(record(events, holds=[mute]), "2026-03-02 10:00")
    unreachable = outlook(record(events), "2026-03-02 10:00", channel=by_nothing)

    assert {one.reason for one in muted.kept} == {"muted"}
    assert {one.reason for one in unreachable.kept} == {"no-address"}
    assert not [one for one in muted.leaving if one.item.is_message]


def test_what_is_due_after_the_last_day_is_not_said() -> None:
    home = record([told("subscription.signed", "2026-03-02 10:00")])

    assert outlook(home, "2026-03-02 10:00", days=0).leaving == []


def test_a_duty_of_the_law_stands_as_its_facts_say() -> None:
    signed = told("contract.signed", "2026-03-02 10:00", contract_handover_date="2027-06-30")
    filed = told("contract.filed", "2026-05-20 10:00")

    ahead = outlook(record([signed]), "2026-03-05 10:00")
    late = outlook(record([signed]), "2026-05-05 10:00")
    met_late = outlook(record([signed, filed]), "2026-06-01 10:00")
    before = outlook(record([signed], started=instant("2026-05-05 09:00")), "2026-05-05 10:00")

    standings = [[duty.standing for duty in seen.duties] for seen in (ahead, late, met_late, before)]
    assert standings == [[], [Standing.LATE], [Standing.MET_LATE], [Standing.MISSED]]
