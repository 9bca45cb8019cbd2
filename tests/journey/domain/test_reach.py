"""What did not arrive goes another way; a dead address is verified anew; an answer is read (scenario F4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.person_facts import fold_person
from tests.lives import Life, begin, item_of
from tests.packs import test_pack as a_pack
from tests.records import READY, instant, told

NOTICE = "handover.notice/epi_1/once"
COUPLE = ("psn_1", "psn_2")


def signed(on: str = "2026-07-01") -> Event:
    return told("contract.signed", "2026-05-30 10:00", ident="contract", contract_handover_date=on)


def noticed(**more: Any) -> Life:
    """A home whose −30 d notice went out on the first of June."""
    life = begin("2026-05-30 10:00", signed(), **more)
    life.record = replace(life.record, batch=replace(life.record.batch, gates=READY))
    return life.run(instant("2026-06-01 10:00"))


def failed(when: str, channel: str = "sms", entry: str = NOTICE, **more: Any) -> Event:
    data = {"state": "failed", "entry": entry, "channel": channel, "failure": "refused", "code": "E1"} | more
    person = data.pop("person", "psn_1")
    return told("message.receipt", when, ident=f"rcp {when}", person=person, **data)


def repeats(life: Life, key: str = NOTICE) -> list[Any]:
    return [life.record.entries[one] for one in sorted(life.record.entries) if one.startswith(f"{key}~")]


def hear(life: Life, event: Event, until: str) -> Life:
    life.now = max(life.now, event.recorded_at)
    life.tell(event)
    return life.run(instant(until))


def test_the_notice_went_out_in_time() -> None:
    assert noticed().state(NOTICE) is State.SENT


def test_each_way_is_tried_once_and_then_nothing_is_left() -> None:
    life = noticed()
    for number, channel in enumerate(("sms", "wechat", "email")):
        hear(life, failed(f"2026-06-0{number + 1} 11:00", channel), f"2026-06-0{number + 1} 12:00")

    assert [entry.item["params"]["not_by"] for entry in repeats(life)] == [["sms"], ["sms", "wechat"]]
    assert {entry.item["params"]["person"] for entry in repeats(life)} == {"psn_1"}
    assert {entry.item["recipients"] for entry in repeats(life)} == {"named"}


def test_planning_again_and_a_doubled_receipt_ask_for_nothing_more() -> None:
    life = hear(noticed(), failed("2026-06-01 11:00", message="msg_1"), "2026-06-01 12:00")
    twice = replace(failed("2026-06-01 11:00", message="msg_1"), id="rcp again")
    hear(life, twice, "2026-06-01 13:00")

    assert len(repeats(life)) == 1
    assert life.plan().changes == []


def test_a_repeat_never_outlives_the_window_of_its_notice() -> None:
    life = noticed()
    expires = item_of_notice(life)
    late = expires + timedelta(minutes=1)
    event = replace(failed("2026-06-01 11:00"), occurred_at=late, recorded_at=late)
    life.now = late
    life.tell(event)
    life.run(late + timedelta(hours=1))

    assert repeats(life) == []


def item_of_notice(life: Life) -> datetime:
    return datetime.fromisoformat(life.record.entries[NOTICE].item["expires"])


def test_what_is_care_is_let_be() -> None:
    life = begin("2026-05-30 10:00", signed())
    events = [failed("2026-06-02 11:00", entry="occupancy.anniversary/epi_1/y1")]
    life.tell(*events)
    life.run(instant("2026-06-03 09:00"))

    assert [key for key in life.record.entries if "~" in key] == []


def test_a_stranger_ends_no_way_but_his_number_and_the_notice_goes_again() -> None:
    reply = told(
        "message.replied", "2026-06-01 11:00", ident="reply", person="psn_1", text="打错了", entry=NOTICE, channel="sms"
    )
    life = hear(noticed(), reply, "2026-06-01 12:00")

    (again,) = repeats(life)
    assert again.key == f"{NOTICE}~reply"
    assert again.item["params"]["not_by"] == []  # the number is invalid: a new one may have the text
    assert not life.of("contact.answer")


def test_what_the_first_contact_cannot_get_goes_to_the_next_owner() -> None:
    life = noticed(owners=COUPLE)
    key = "handover.information/epi_1/once"
    life.run(instant("2026-06-20 09:00"))
    assert life.state(key) is State.SENT
    life.record = replace(life.record, no_contact={"psn_1": life.now})

    hear(life, failed("2026-06-20 10:00", entry=key, failure="permanent"), "2026-06-20 11:00")

    (again,) = repeats(life, key)
    assert (again.item["params"]["person"], again.item["params"]["not_by"]) == ("psn_2", [])


def invalid(when: str, **more: Any) -> Event:
    data = {"channel": "phone", "address": "+8613800138000", "cause": "wrong-person", "evidence": {"reply": "reply"}}
    return told("contact.invalid", when, ident=f"bad {when}", person="psn_1", **data | more)


@pytest.mark.parametrize(
    ("kind", "verified_first", "state"),
    [
        ("contact.verified", True, State.DONE), ("contact.changed", True, State.OPEN),
        ("contact.changed", False, State.DONE), ("contact.verified", False, State.DONE),
    ],
)  # fmt: skip
def test_a_dead_address_is_verified_anew(kind: str, verified_first: bool, state: State) -> None:
    pack = a_pack(**{"contact.verified_first": verified_first}).pack
    life = begin("2026-05-30 10:00", signed(), packs=[pack])
    hear(life, invalid("2026-06-01 11:00"), "2026-06-01 12:00")
    key = "contact.verify/epi_1/bad 2026-06-01 11:00"
    assert life.state(key) is State.OPEN
    assert life.last is not None
    assert item_of(life.last, key).role == "keeper"

    hear(
        life,
        told(kind, "2026-06-01 15:00", person="psn_1", channel="phone", address="+8613900139000"),
        "2026-06-01 16:00",
    )

    assert life.state(key) is state


@pytest.mark.parametrize("channel", ["sms", "voice", "mobile"])
def test_a_number_is_verified_by_whatever_it_is_called(channel: str) -> None:
    life = begin("2026-05-30 10:00", signed())
    hear(life, invalid("2026-06-01 11:00"), "2026-06-01 12:00")
    right = told("contact.verified", "2026-06-01 15:00", person="psn_1", channel=channel, address="+8613900139000")

    hear(life, right, "2026-06-01 16:00")

    assert life.state("contact.verify/epi_1/bad 2026-06-01 11:00") is State.DONE
    found = fold_person(life.record.events, "psn_1").contacts
    assert {name: (one.address, one.state) for name, one in found.items()} == {"phone": ("+8613900139000", "ok")}


def test_the_word_of_staff_opens_no_second_task() -> None:
    life = begin("2026-05-30 10:00", signed())
    event = invalid("2026-06-01 11:00")
    told_by_staff = replace(event, data={name: value for name, value in event.data.items() if name != "cause"})
    life.record = replace(life.record, no_contact={"psn_1": event.recorded_at})
    hear(life, told_by_staff, "2026-06-01 12:00")

    assert len(life.of("handover.find-contact")) == 1
    assert not life.of("contact.verify")
    hear(life, invalid("2026-06-01 13:00"), "2026-06-01 14:00")
    assert [entry.state for entry in life.of("contact.verify")] == [State.OPEN]


def answer(when: str, text: str = "周末能看房吗", **more: Any) -> Event:
    data = {"text": text, "message_class": "contract"} | more
    return told("message.replied", when, ident=f"re {when}", person="psn_1", about={"item": "handover.notice"}, **data)


def test_an_answer_on_the_home_is_answered_and_what_follows_belongs_to_it() -> None:
    life = noticed()
    hear(life, answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, answer("2026-06-01 11:40", "喂?"), "2026-06-01 12:00")
    hear(life, answer("2026-06-05 11:40", "还有一个问题"), "2026-06-05 12:00")

    assert [entry.key.split("/", 2)[2] for entry in life.of("contact.answer")] == [
        "re 2026-06-01 11:00", "re 2026-06-05 11:40",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        answer("2026-06-01 11:00", message_class="care"),
        answer("2026-06-01 11:00", "TD"),
        replace(answer("2026-06-01 11:00", "已读"), about={"item": "signing.read-contract"}),
        replace(answer("2026-06-01 11:00"), data={"text": "好的"}),
    ],
    ids=["care", "refusal", "asked for", "of nothing known"],
)
def test_other_answers_open_nothing(event: Event) -> None:
    assert not hear(noticed(), event, "2026-06-01 12:00").of("contact.answer")


def test_a_strangers_word_does_not_read_a_contract() -> None:
    life = begin("2025-03-15 09:00", told("subscription.signed", "2025-03-15 10:00"))
    asked = {"item": "signing.read-contract"}
    hear(life, told("message.replied", "2025-03-17 10:00", text="打错了", about=asked, ident="no"), "2025-03-17 11:00")
    before = life.state("signing.contract-read/epi_1/once")
    hear(life, told("message.replied", "2025-03-17 12:00", text="已读", about=asked, ident="yes"), "2025-03-17 13:00")

    assert (before, life.state("signing.contract-read/epi_1/once")) == (State.OPEN, State.DONE)
