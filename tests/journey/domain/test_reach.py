"""What did not arrive goes another way; a dead address is verified anew; an answer is read (scenario F4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.entries import State
from journey.domain.event_erasure import erase_personal
from journey.domain.events import Event
from journey.domain.person_facts import fold_person
from journey.domain.planner import Plan
from tests.lives import Life, begin, done_after, item_of, nobody_answers
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


def test_what_arrived_after_all_is_not_repeated_and_neither_is_what_was_repeated_for_it() -> None:
    first = failed("2026-06-01 11:00", message="msg_1", overtaken="delivered")
    again = failed("2026-06-02 11:00", "wechat", f"{NOTICE}~{first.id}", message="msg_2")
    life = noticed()
    life.tell(first, again)
    life.run(instant("2026-06-03 12:00"))

    assert repeats(life) == []


def test_a_stranger_brings_back_the_repeat_of_a_repeat_that_an_arrival_at_him_had_withdrawn() -> None:
    first = failed("2026-06-01 11:00", message="msg_1")
    life = hear(noticed(), first, "2026-06-01 12:00")
    again = failed("2026-06-02 11:00", "wechat", f"{NOTICE}~{first.id}", message="msg_2")
    overtaken = replace(first, data={**first.data, "overtaken": "delivered"})
    life.record = replace(life.record, events=[*(one for one in life.record.events if one.id != first.id), overtaken])
    hear(life, again, "2026-06-02 12:00")
    assert [entry.key for entry in repeats(life)] == [f"{NOTICE}~{first.id}"]

    stranger = told(
        "message.replied", "2026-06-03 11:00", ident="re", person="psn_1", text="打错了", message="msg_1", entry=NOTICE
    )
    hear(life, stranger, "2026-06-03 12:00")

    assert [entry.key for entry in repeats(life)] == [f"{NOTICE}~{first.id}", f"{NOTICE}~{again.id}"]


def test_what_arrived_at_one_owner_still_goes_to_the_other() -> None:
    life = noticed(owners=COUPLE)
    mine = failed("2026-06-01 11:00", message="msg_1", overtaken="delivered")
    life.tell(mine, replace(failed("2026-06-01 11:30", message="msg_2"), person="psn_2"))
    life.run(instant("2026-06-01 12:00"))

    assert [entry.item["params"]["person"] for entry in repeats(life)] == ["psn_2"]


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


def asked(life: Life) -> list[str]:
    """Which answers have a task of their own, in the order of their keys."""
    return sorted(entry.key.split("/", 2)[2].removeprefix("re ") for entry in life.of("contact.answer"))


def answered(life: Life, when: str, outcome: str = "done") -> Event:
    """The word of the keeper on the task that runs."""
    (running,) = (entry for entry in life.of("contact.answer") if entry.running)
    return told("task.result", when, ident=f"{outcome} {when}", task=running.task, outcome=outcome, by="stf_1")


@pytest.mark.parametrize(
    "event",
    [
        *(answer("2026-06-01 11:00", message_class=each) for each in ("contract", "emergency", "care", "marketing")),
        replace(answer("2026-06-01 11:00"), data={"text": "请问几点开门"}, about=None),
    ],
    ids=["contract", "emergency", "greeting", "marketing", "unsolicited"],
)
def test_what_an_owner_writes_is_answered_whatever_it_is_to(event: Event) -> None:
    life = hear(noticed(), event, "2026-06-01 12:00")

    assert [(entry.state, entry.item["role"]) for entry in life.of("contact.answer")] == [(State.OPEN, "keeper")]


def test_more_words_belong_to_the_task_while_it_waits_however_long_that_is() -> None:
    life = noticed()
    for when in ("2026-06-01 11:00", "2026-06-01 11:40", "2026-06-05 11:40", "2026-07-20 11:40"):
        hear(life, answer(when), f"{when[:10]} 12:00")

    assert asked(life) == ["2026-06-01 11:00"]
    assert life.of("contact.answer")[0].running


@pytest.mark.parametrize("outcome", ["done", "refused", "not-reached"])
def test_words_after_it_was_answered_are_answered_anew(outcome: str) -> None:
    life = hear(noticed(), answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, answered(life, "2026-06-01 11:50", outcome), "2026-06-01 11:55")
    hear(life, answer("2026-06-01 13:00"), "2026-06-01 13:30")  # the same day: it is not lost
    hear(life, answer("2026-06-01 14:00"), "2026-06-01 14:30")

    assert asked(life) == ["2026-06-01 11:00", "2026-06-01 13:00"]
    hear(life, answered(life, "2026-06-02 10:00"), "2026-06-02 11:00")
    hear(life, answer("2026-06-02 12:00"), "2026-06-02 12:30")
    assert asked(life) == ["2026-06-01 11:00", "2026-06-01 13:00", "2026-06-02 12:00"]


def test_words_that_a_carrier_brings_late_are_not_those_that_were_answered() -> None:
    life = hear(noticed(), answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, answered(life, "2026-06-01 13:00"), "2026-06-01 13:30")
    late = replace(answer("2026-06-01 12:00"), recorded_at=instant("2026-06-01 15:00"))
    later = replace(answer("2026-06-01 10:30"), recorded_at=instant("2026-06-01 15:01"))
    hear(life, late, "2026-06-01 15:00")
    hear(life, later, "2026-06-01 16:00")

    assert asked(life) == ["2026-06-01 11:00", "2026-06-01 12:00"]


def test_words_after_an_operator_let_it_be_are_answered_anew() -> None:
    life = hear(noticed(), answer("2026-06-01 11:00"), "2026-06-01 11:30")
    key = life.of("contact.answer")[0].key
    hear(life, told("item.skipped", "2026-06-01 11:50", key=key, by="op", reason="x"), "2026-06-01 11:55")
    hear(life, answer("2026-06-01 13:00"), "2026-06-01 13:30")

    assert asked(life) == ["2026-06-01 11:00", "2026-06-01 13:00"]


def test_each_owner_has_a_task_of_his_own() -> None:
    life = hear(noticed(owners=COUPLE), answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, replace(answer("2026-06-01 11:40"), person="psn_2"), "2026-06-01 12:00")

    assert asked(life) == ["2026-06-01 11:00", "2026-06-01 11:40"]


def test_what_was_never_begun_keeps_no_later_word_from_its_task() -> None:
    life = begin("2026-05-30 10:00", answer("2024-06-01 11:00"), signed())
    life.run(instant("2026-06-01 10:00"))
    assert not [entry for entry in life.of("contact.answer") if entry.running]

    hear(life, answer("2026-06-01 11:00"), "2026-06-01 12:00")

    assert [entry.key[-16:] for entry in life.of("contact.answer") if entry.running] == ["2026-06-01 11:00"]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 9 * 24), st.sampled_from(COUPLE), st.sampled_from([0, 0, 30])), max_size=10),
    st.sampled_from([None, 1, 20, 60]),
    st.sampled_from([0, 0, 30, 200]),
)
def test_each_word_is_read_and_nobody_has_two_tasks_at_once(
    words: list[tuple[int, str, int]], hours: int | None, down: int
) -> None:
    start = instant("2026-06-01 10:00")
    events = [
        Event(f"re {number}", "message.replied", start + timedelta(hours=at), start + timedelta(hours=at + late),
              {"text": "请问"}, "test", f"re {number}", person)
        for number, (at, person, late) in enumerate(words)
    ]  # fmt: skip
    life = noticed(owners=COUPLE)
    life.staff = nobody_answers if hours is None else done_after(timedelta(hours=hours))
    life.tell(*events)
    life.now = start + timedelta(hours=down)  # nothing was planned until then

    def one_each(life: Life, found: Plan) -> None:
        running = [entry.item["params"]["person"] for entry in life.of("contact.answer") if entry.running]
        assert len(running) == len(set(running))

    life.run(start + timedelta(days=20), one_each)

    tasks = life.of("contact.answer")
    for event in events:
        theirs = [one for one in tasks if one.item["params"]["person"] == event.person]
        assert any(one.running or (one.state is State.DONE and one.at >= event.recorded_at) for one in theirs)
    assert {one.state for one in tasks if not one.running} <= {State.DONE}


@pytest.mark.parametrize(
    "event",
    [
        answer("2026-06-01 11:00", "TD"),
        answer("2026-06-01 11:00", "打错了"),
        replace(answer("2026-06-01 11:00", "已读"), about={"item": "signing.read-contract"}),
        answer("2026-06-01 11:00", "好的,谢谢"),
    ],
    ids=["refusal", "stranger", "asked for", "thanks"],
)
def test_answers_that_something_else_follows_open_nothing(event: Event) -> None:
    assert not hear(noticed(), event, "2026-06-01 12:00").of("contact.answer")


def test_thanks_while_an_answer_is_owed_change_nothing() -> None:
    life = hear(noticed(), answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, answer("2026-06-01 11:40", "谢谢"), "2026-06-01 12:00")

    assert asked(life) == ["2026-06-01 11:00"]
    assert life.of("contact.answer")[0].running


@pytest.mark.parametrize("text", ["谢谢", "TD", "打错了", "周末能看房吗"])
def test_the_answers_of_a_forgotten_person_open_nothing(text: str) -> None:
    life = hear(noticed(), answer("2026-06-01 11:00", text, message_class="marketing"), "2026-06-01 12:00")
    for entry in life.of("contact.answer"):
        hear(life, told("task.result", "2026-06-01 12:30", ident="d", task=entry.task, outcome="done", by="stf_1"),
             "2026-06-01 13:00")  # fmt: skip
    before = [(entry.key, entry.state) for entry in life.of("contact.answer")]

    forget(life, "2026-06-02 10:00")

    assert [(entry.key, entry.state) for entry in life.of("contact.answer")] == before


def test_a_contract_stays_read_when_its_reader_is_forgotten() -> None:
    life = begin("2025-03-15 09:00", told("subscription.signed", "2025-03-15 10:00"))
    asked_for = {"item": "signing.read-contract"}
    hear(life, told("message.replied", "2025-03-17 12:00", text="已读", about=asked_for, ident="yes", person="psn_1"),
         "2025-03-17 13:00")  # fmt: skip

    forget(life, "2025-03-18 10:00")

    assert life.state("signing.contract-read/epi_1/once") is State.DONE
    assert not life.of("contact.answer")


def test_words_that_came_while_nothing_ran_are_one_task_and_stay_so() -> None:
    life = noticed()
    life.now = instant("2026-06-05 09:00")
    life.tell(*(answer(f"2026-06-0{day} 11:00") for day in (1, 3, 4)))
    seen: list[list[str]] = []
    life.run(instant("2026-06-05 12:00"), lambda life, _: seen.append(asked(life)))

    assert {tuple(each) for each in seen} <= {(), ("2026-06-01 11:00",)}
    assert [entry.running for entry in life.of("contact.answer")] == [True]


def test_a_word_on_a_desk_stays_there_when_its_pack_allows_another_attempt() -> None:
    one, two = (a_pack(**{"contact.answer.attempts": attempts}).pack for attempts in (1, 2))
    life = begin("2026-05-30 10:00", signed(), packs=[one])
    hear(life, answer("2026-06-01 11:00"), "2026-06-01 11:30")
    hear(life, answered(life, "2026-06-01 12:00", "not-reached"), "2026-06-01 12:30")
    hear(life, answer("2026-06-01 13:00"), "2026-06-01 13:30")

    life.record = replace(life.record, packs=begin("2026-05-30 10:00", signed(), packs=[two]).record.packs)
    life.run(instant("2026-06-01 15:00"))

    assert [entry.state for entry in life.of("contact.answer")] == [State.FAILED, State.OPEN]


def forget(life: Life, until: str) -> None:
    """What erasure leaves of the answers, planned again."""
    kept = [
        replace(one, data=erase_personal(one.type, one.data)) if one.type == "message.replied" else one
        for one in life.record.events
    ]
    life.record = replace(life.record, events=kept)
    life.now = instant(until)
    life.run(life.now + timedelta(hours=1))


def test_a_question_in_place_of_the_word_that_was_asked_for_is_answered_and_reads_nothing() -> None:
    life = begin("2025-03-15 09:00", told("subscription.signed", "2025-03-15 10:00"))
    question = told(
        "message.replied", "2025-03-17 10:00", text="第八条是什么意思", about={"item": "signing.read-contract"},
        ident="re 2025-03-17 10:00", person="psn_1",
    )  # fmt: skip
    hear(life, question, "2025-03-17 11:00")

    assert life.state("signing.contract-read/epi_1/once") is State.OPEN
    assert asked(life) == ["2025-03-17 10:00"]


def test_a_strangers_word_does_not_read_a_contract() -> None:
    life = begin("2025-03-15 09:00", told("subscription.signed", "2025-03-15 10:00"))
    asked = {"item": "signing.read-contract"}
    hear(life, told("message.replied", "2025-03-17 10:00", text="打错了", about=asked, ident="no"), "2025-03-17 11:00")
    before = life.state("signing.contract-read/epi_1/once")
    hear(life, told("message.replied", "2025-03-17 12:00", text="已读", about=asked, ident="yes"), "2025-03-17 13:00")

    assert (before, life.state("signing.contract-read/epi_1/once")) == (State.OPEN, State.DONE)
