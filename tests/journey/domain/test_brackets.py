"""What fell due in the time that a restore lost may have been done: a person decides (kernel, loss and return)."""

from dataclasses import replace

import pytest

from journey.domain.entries import Entry, State
from journey.domain.reasons import Reason
from journey.domain.record import Bracket
from tests.lives import Life, begin
from tests.records import completion, instant, told

CONTACT = "signing.keeper-contact/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"
SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00", ident="sub")
LOST = Bracket(instant("2025-03-15 09:55"), instant("2025-03-15 14:00"))


def restored(life: Life, bracket: Bracket = LOST) -> Life:
    """The journey as it stood, brought back at the end of the bracket."""
    life.record = replace(life.record, brackets=[bracket])
    life.now = bracket.ends
    return life


def code(life: Life, key: str) -> str | None:
    reason = life.record.entries[key].reason
    return reason.code if reason else None


def test_a_message_that_fell_due_in_the_lost_time_is_not_sent_again() -> None:
    life = restored(begin("2025-03-15 10:00", SUBSCRIBED))

    life.run(instant("2025-03-25 10:00"))

    assert life.state(WELCOME) is State.UNKNOWN
    assert code(life, WELCOME) == "restored"
    assert WELCOME not in [key for _, key in life.sent]


def test_a_task_whose_due_lies_after_the_lost_time_opens() -> None:
    life = restored(begin("2025-03-15 10:00", SUBSCRIBED))

    life.run(instant("2025-03-15 15:00"))

    assert life.record.entries[CONTACT].running


def test_a_task_that_fell_due_in_the_lost_time_is_for_a_person_to_decide() -> None:
    life = restored(
        begin("2025-03-15 10:00", SUBSCRIBED), Bracket(instant("2025-03-15 09:55"), instant("2025-03-24 09:00"))
    )

    life.run(instant("2025-03-25 09:00"))

    assert life.state(CONTACT) is State.UNKNOWN


def test_what_is_on_record_stays_as_it_is() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.run(instant("2025-03-15 10:30"))
    sent = list(life.sent)

    restored(life).run(instant("2025-03-16 10:00"))

    assert life.state(WELCOME) is State.SENT
    assert [key for _, key in life.sent].count(WELCOME) == [key for _, key in sent].count(WELCOME) == 1


def test_a_held_message_that_was_to_go_in_the_lost_time_does_not_go_again() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    held = Entry(WELCOME, State.HELD, instant("2025-03-15 10:00"), until=instant("2025-03-15 11:00"))
    life.write(replace(held, reason=Reason("quiet-hours", {"until": "…"})))

    restored(life).run(instant("2025-03-16 10:00"))

    assert life.state(WELCOME) is State.UNKNOWN


def test_a_message_held_until_after_the_restore_goes_at_its_instant() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    held = Entry(WELCOME, State.HELD, instant("2025-03-15 10:00"), until=instant("2025-03-15 16:00"))
    life.write(replace(held, reason=Reason("quiet-hours", {"until": "…"})))

    restored(life).run(instant("2025-03-16 10:00"))

    assert life.state(WELCOME) is State.SENT


def test_a_fact_of_the_lost_time_that_is_told_again_does_not_greet_the_owner_twice() -> None:
    life = restored(begin("2025-03-10 10:00"))
    life.tell(told("subscription.signed", "2025-03-15 10:00", recorded="2025-03-15 15:00", ident="again"))

    life.now = instant("2025-03-15 15:00")
    life.run(instant("2025-03-25 10:00"))

    assert life.state(WELCOME) is State.UNKNOWN


def test_a_fact_of_after_the_restore_is_followed_as_ever() -> None:
    life = restored(begin("2025-03-10 10:00"))
    life.now = instant("2025-03-15 15:00")
    life.tell(told("subscription.signed", "2025-03-15 15:00", ident="new"))

    life.run(instant("2025-03-25 10:00"))

    assert life.state(WELCOME) is State.SENT


def test_an_operator_has_it_done_again_under_a_key_of_its_own() -> None:
    life = restored(begin("2025-03-15 10:00", SUBSCRIBED))
    life.run(instant("2025-03-16 10:00"))
    life.tell(told("item.redone", "2025-03-16 11:00", ident="redo", key=WELCOME, by="li", reason="nothing came"))

    life.now = instant("2025-03-16 11:00")
    life.run(instant("2025-03-17 11:00"))

    assert life.state(WELCOME) is State.UNKNOWN
    assert life.state(f"{WELCOME}~redo") is State.SENT


@pytest.mark.parametrize("ends", ["2025-07-01 09:00", "2025-12-01 09:00"])
def test_a_statutory_task_opens_whatever_was_lost(ends: str) -> None:
    life = begin(
        "2025-03-15 10:00", SUBSCRIBED, told("contract.signed", "2025-03-20 10:00"), batch=completion("2025-01-02")
    )

    restored(life, Bracket(instant("2025-03-16 00:00"), instant(ends))).run(instant(ends))

    statutory = [e for e in life.record.entries.values() if e.item.get("statutory") and e.item.get("kind") != "message"]
    assert statutory
    assert all(entry.state is not State.UNKNOWN for entry in statutory)
