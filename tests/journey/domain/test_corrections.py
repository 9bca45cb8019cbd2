"""Facts that turn out wrong: what comes back, what stays and is marked, what a person puts right."""

import pytest

from journey.domain.asking import message
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import WhenMoved
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.periods import Period
from journey.domain.rules import Items, rule
from journey.domain.verdicts import Verdict
from tests.lives import Life, begin, item_of, items_of
from tests.records import completion, instant, told

pytestmark = pytest.mark.usefixtures("rules")
TEST = "signing.test-text/epi_1/once"
NOTICE = "warranty.expiry-notice/unt_1"


def correct(of: str, when: str, ident: str = "fix", **data: str) -> Event:
    return told("event.corrected", when, ident=ident, event_id=of, data=data, reason="typo")


def void(of: str, when: str, ident: str = "void") -> Event:
    return told("event.voided", when, ident=ident, event_id=of, reason="wrong home")


def texting(when_moved: WhenMoved) -> Life:
    """A text a day after the subscription went out; then the subscription is corrected by ten days."""

    @rule("signing.test-text", zh="测试", since="2026.1")
    def ask(j: Facts, n: SigningNumbers) -> Items:
        if j.subscription:
            last = j.after(j.subscription, Period(days=1))
            yield message(j.episode, j.subscription, last, Period(days=30), when_moved=when_moved)

    life = begin(
        "2025-03-03 10:00",
        told("subscription.signed", "2025-03-03 10:00", ident="sub"),
        correct("sub", "2025-03-06 10:00", on="2025-03-05"),
    )
    return life.run(instant("2025-03-08 10:00"))


def test_items_missed_on_a_year_mistyped_come_back_when_it_is_corrected() -> None:
    mistyped = told("handover.accepted", "2026-06-27 10:00", ident="keys", on="2024-06-27")
    life = begin("2026-06-27 10:00", mistyped, batch=completion("2024-04-28"))
    life.run(instant("2026-06-28 10:00"))
    missed = {entry.key for entry in life.of("warranty.expiry-notice") if entry.state is State.MISSED}
    assert f"{NOTICE}/pipe-blockage/m-2" in missed

    life.tell(correct("keys", "2026-07-01 10:00", on="2026-06-27"))
    life.run(instant("2028-06-28 10:00"))

    sent = {key for _, key in life.sent}
    assert f"{NOTICE}/pipe-blockage/m-2" in sent
    assert f"{NOTICE}/electrical/m-2" in sent
    assert life.state(f"{NOTICE}/decoration/m-2") is State.MERGED
    assert not [entry for entry in life.of("warranty.expiry-notice") if entry.state is State.MISSED]


def test_what_went_out_on_a_voided_fact_stays_is_marked_and_a_person_puts_it_right() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00", ident="sub"),
        void("sub", "2025-03-17 10:00"),
    )

    life.run(instant("2025-03-17 12:00"))

    welcome = life.record.entries["signing.keeper-welcome/epi_1/once"]
    assert welcome.state is State.SENT
    assert welcome.reason is not None
    assert (welcome.reason.code, welcome.reason.params) == ("put-right", {"event": "void"})
    task = "kernel.put-right/epi_1/void"
    assert life.state(task) is State.OPEN
    assert life.last is not None
    assert item_of(life.last, task).params["keys"] == [
        "signing.keeper-welcome/epi_1/once", "signing.read-contract/epi_1/once",
    ]  # fmt: skip


def test_a_void_taken_back_removes_the_mark_and_the_task() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00", ident="sub"),
        void("sub", "2025-03-17 10:00"),
        void("void", "2025-03-17 11:00", "again"),
    )

    life.run(instant("2025-03-17 12:00"))

    assert life.record.entries["signing.keeper-welcome/epi_1/once"].reason is None
    assert life.state("kernel.put-right/epi_1/void") is State.WITHDRAWN
    assert [key for _, key in life.sent].count("signing.keeper-welcome/epi_1/once") == 1


def test_a_correction_that_moves_no_date_needs_no_putting_right() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00", ident="sub"),
        correct("sub", "2025-03-17 10:00", unit="3-1"),
    )

    life.run(instant("2025-03-18 12:00"))

    assert life.of("kernel.put-right") == []


def test_keep_says_nothing_about_a_moved_date() -> None:
    life = texting(WhenMoved.KEEP)

    assert [key for _, key in life.sent if key.startswith(TEST)] == [TEST]


def test_repeat_sends_again_for_the_new_date() -> None:
    life = texting(WhenMoved.REPEAT)
    life.run(instant("2025-03-30 10:00"))

    assert [key for _, key in life.sent if key.startswith(TEST)] == [TEST, f"{TEST}~fix"]
    assert life.state(f"{TEST}~fix") is State.SENT


def test_announce_says_that_it_moved_once_the_new_date_stands_for_a_while() -> None:
    life = texting(WhenMoved.ANNOUNCE)

    sent = life.record.entries[f"{TEST}~fix"]
    assert (instant("2025-03-06 10:10"), f"{TEST}~fix") in life.sent
    assert sent.item["params"]["moved_from"] == "2025-03-03"
    assert sent.item["params"]["moved_to"] == "2025-03-05"


def test_a_repeated_notice_names_all_that_it_carries_again() -> None:
    life = begin(
        "2026-06-27 10:00",
        told("handover.accepted", "2026-06-27 10:00", ident="keys"),
        correct("keys", "2027-05-01 10:00", on="2026-07-27"),
        batch=completion("2026-04-28"),
    )

    life.run(instant("2027-05-28 10:00"))

    again = f"{NOTICE}/sanitary-ware/m-2~fix"
    assert (instant("2027-05-27 08:00"), again) in life.sent
    assert life.record.entries[again].item["params"]["components"] == ["sanitary-ware", "lamps-switches"]
    carried = life.record.entries[f"{NOTICE}/lamps-switches/m-2~fix"]
    assert (carried.state, carried.carrier) == (State.MERGED, again)


def test_a_fact_that_was_applied_and_comes_to_contradict_opens_a_task() -> None:
    accepted = told("handover.accepted", "2026-06-27 10:00", ident="keys")
    life = begin("2026-06-27 10:00", accepted, batch=completion("2026-04-28"))
    life.run(instant("2026-06-28 10:00"))

    life.tell(told("contract.signed", "2026-06-30 10:00", ident="sig", recorded="2026-07-01 10:00"))
    life.run(instant("2026-07-01 12:00"))

    refused = life.seen["keys"]
    assert refused is Verdict.REFUSED
    assert life.state("kernel.contradiction/epi_1/keys") is State.OPEN
    life.tell(void("sig", "2026-07-02 10:00"))
    life.run(instant("2026-07-02 12:00"))
    assert dict(life.seen)["keys"] is Verdict.APPLIED
    assert life.state("kernel.contradiction/epi_1/keys") is State.WITHDRAWN


def test_a_fact_that_never_was_applied_opens_none() -> None:
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00"),
        told("handover.accepted", "2025-03-21 10:00", on="2025-03-01"),
    )

    life.run(instant("2025-03-22 12:00"))

    assert life.of("kernel.contradiction") == []


def test_a_cancellation_withdraws_the_work_and_ends_the_life_when_the_refund_is_settled() -> None:
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00"),
        told("contract.cancelled", "2025-03-22 10:00", reason="x", ident="can"),
        told("refund.settled", "2025-03-22 16:00", ident="refund"),
    )

    life.run(instant("2025-03-23 10:00"))

    assert life.last is not None
    assert (life.last.over, life.last.status.value) == (True, "cancelled")
    states = {key: entry.state for key, entry in life.record.entries.items()}
    assert states.pop("handover.refund/epi_1/once") is State.DONE
    assert set(states.values()) == {State.WITHDRAWN}
    life.tell(void("can", "2025-03-24 10:00"))
    life.now = instant("2025-03-24 10:00")
    life.run(instant("2025-03-25 10:00"))
    assert not life.last.over
    assert len(items_of(life.last, "signing.service-callback")) == 1
