"""Letters: only proof makes one served, and what comes back asks for another way."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from journey.domain.entries import RUNNING, State
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.letters import LETTERS
from journey.domain.record import Batch
from journey.domain.stages import RULE_FILES
from journey.domain.values import ItemKind, Role, Stage
from tests.lives import Life, begin, item_of, items_of
from tests.records import READY, instant, told

DELAY = "handover.delay-letter"
ABOUT = {"item": DELAY, "occurrence": "new/psn_1"}
KEY = f"{DELAY}/epi_1/new/psn_1"


def late() -> Life:
    """A new day was promised after the contract date had passed: the owner is told of it in writing."""
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-07-02 09:00", signed, told("delay.new_date", "2026-07-02 09:30", ident="new", on="2026-08-15"))
    life.run(instant("2026-07-03 09:00"))
    assert life.state(KEY) is State.OPEN
    return life


def delivered(when: str, about: dict[str, str] | None = None, **data: Any) -> Event:
    return told(
        "letter.delivered", when, ident=f"evt_delivered_{when}", about=about or ABOUT, person="psn_1",
        tracking="EX1", on=when[:10], **data,
    )  # fmt: skip


def test_proof_of_service_makes_a_letter_served_on_its_day() -> None:
    life = late()

    life.tell(delivered("2026-07-04 12:00", proof="ems"))
    life.run(instant("2026-07-04 13:00"))

    entry = life.record.entries[KEY]
    assert (entry.state, entry.at) == (State.SERVED, instant("2026-07-04 12:00"))


@pytest.mark.parametrize(
    ("about", "proof"),
    [({"item": DELAY, "occurrence": "new/psn_2"}, "ems"), ({"item": "handover.notice"}, "ems")],
    ids=["another owner", "another item"],
)
def test_nothing_else_serves_it(about: dict[str, str], proof: str | None) -> None:
    life = late()

    life.tell(delivered("2026-07-04 12:00", about, **({"proof": proof} if proof else {})))
    life.run(instant("2026-07-04 13:00"))

    assert life.state(KEY) is State.OPEN


def test_a_letter_that_was_sent_off_is_served_once_that_is_proved_and_open_again_when_the_proof_is_void() -> None:
    life = late()
    task = life.record.entries[KEY].task
    at = instant("2026-07-03 10:00")
    life.now = at
    life.tell(told("task.result", "2026-07-03 10:00", task=task, outcome="done", by="li", about={"task": task},
                   at=at.isoformat()))  # fmt: skip
    life.run(instant("2026-07-03 11:00"))
    assert life.state(KEY) is State.DONE

    life.tell(delivered("2026-07-04 12:00", proof="ems"))
    life.run(instant("2026-07-04 13:00"))
    assert life.state(KEY) is State.SERVED

    life.tell(told("event.voided", "2026-07-05 09:00", event_id="evt_delivered_2026-07-04 12:00", reason="误录"))
    life.run(instant("2026-07-05 10:00"))
    assert life.state(KEY) is not State.SERVED


def test_a_letter_that_came_back_serves_nobody_and_the_keeper_goes_there() -> None:
    life = late()

    back = told("letter.returned", "2026-07-06 12:00", ident="back", about=ABOUT, person="psn_1", on="2026-07-06")
    life.tell(back)
    life.run(instant("2026-07-06 13:00"))

    visit = item_of(life.plan(), "letter.serve-otherwise/epi_1/back")
    assert life.state(KEY) is State.OPEN
    assert (visit.kind, visit.params) == (ItemKind.VISIT, {"person": "psn_1", "letter": DELAY})
    assert visit.due == instant("2026-07-08 18:00")  # two working days

    life.tell(delivered("2026-07-07 12:00", proof="signed"))
    life.run(instant("2026-07-07 13:00"))
    assert life.state(KEY) is State.SERVED
    assert life.state("letter.serve-otherwise/epi_1/back") is State.DONE


def test_a_formal_notice_that_came_back_is_served_by_a_later_proof_only() -> None:
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-06-10 09:00", signed)
    life.run(instant("2026-06-12 09:00"))
    about = {"item": "handover.formal-notice", "occurrence": "psn_1"}

    life.tell(told("letter.returned", "2026-06-14 12:00", ident="back", about=about, person="psn_1", on="2026-06-14"))
    life.run(instant("2026-06-14 13:00"))

    assert life.state("handover.formal-notice/epi_1/psn_1") is not State.SERVED
    assert life.state("letter.serve-otherwise/epi_1/back") is State.OPEN
    life.tell(told("handover.notice_served", "2026-06-16 12:00", person="psn_1", proof="signed"))
    life.run(instant("2026-06-16 13:00"))
    assert life.state("handover.formal-notice/epi_1/psn_1") is State.SERVED
    assert life.state("letter.serve-otherwise/epi_1/back") is State.DONE


def test_a_postal_address_is_no_way_to_reach_somebody() -> None:
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-07-10")
    wrong = told("contact.invalid", "2026-06-19 10:00", ident="wrong", person="psn_1", channel="phone", address="x")
    moved = told("contact.changed", "2026-06-20 10:00", person="psn_1", channel="post", address="成都市春熙路1号")
    life = begin("2026-06-21 09:00", signed, wrong, moved)
    life.record = replace(life.record, no_contact={"psn_1": instant("2026-06-19 10:00")})
    life.run(instant("2026-06-21 10:00"))

    assert life.state("handover.find-contact/epi_1/wrong") is State.OPEN


FORMAL = "handover.formal-notice"  # due to the same owner, and before it
FIND = f"letter.find-address/epi_1/{FORMAL}/psn_1"
NEXT = f"letter.find-address/epi_1/{DELAY}/new/psn_1"


def address(kind: str, when: str, channel: str = "post", person: str = "psn_1") -> Event:
    data = {"channel": channel, "address": "成都市锦江区春熙路1号"}
    return told(kind, when, ident=f"evt_{kind}_{when}", person=person, about=None, **data)


def homeless() -> Life:
    """The letter of `late` is due to somebody of whom no postal address is known."""
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-07-02 09:00", signed, told("delay.new_date", "2026-07-02 09:30", ident="new", on="2026-08-15"))
    life.record = replace(life.record, no_post=frozenset({"psn_1"}))
    return life.run(instant("2026-07-03 09:00"))


def test_a_letter_to_nowhere_asks_the_keeper_for_an_address_and_the_word_of_one_settles_it() -> None:
    life = homeless()
    opened, params = life.state(FIND), item_of(life.plan(), FIND).params

    life.tell(address("contact.changed", "2026-07-03 10:00"))
    life.record = replace(life.record, no_post=frozenset())
    life.run(instant("2026-07-03 11:00"))

    entry = life.record.entries[FIND]
    assert opened is State.OPEN
    assert NEXT not in life.record.entries  # one search finds the address for all of them
    assert params == {"person": "psn_1", "letter": FORMAL}
    assert (entry.state, entry.at, entry.fact) == (
        State.DONE, instant("2026-07-03 10:00"), "evt_contact.changed_2026-07-03 10:00",
    )  # fmt: skip
    assert life.state(KEY) is State.OPEN


def test_the_search_is_closed_by_an_address_told_elsewhere_and_goes_on_for_the_next_letter_otherwise() -> None:
    elsewhere, by_hand = homeless(), homeless()

    elsewhere.record = replace(elsewhere.record, no_post=frozenset())
    elsewhere.run(instant("2026-07-03 11:00"))
    by_hand.tell(
        told(
            "handover.notice_served",
            "2026-07-03 10:00",
            ident="served",
            person="psn_1",
            on="2026-07-03",
            proof="signed",
        )
    )
    by_hand.run(instant("2026-07-03 11:00"))

    assert elsewhere.state(FIND) is State.WITHDRAWN
    assert (by_hand.state(FIND), by_hand.state(NEXT)) == (State.WITHDRAWN, State.OPEN)


@pytest.mark.parametrize("kind", ["task.result", "item.skipped", "handover.accepted"])
def test_a_letter_that_this_very_plan_ends_needs_no_address(kind: str) -> None:
    life = homeless()
    task = life.record.entries[f"{FORMAL}/epi_1/psn_1"].task
    life.tell(told(kind, "2026-07-03 09:00", key=f"{FORMAL}/epi_1/psn_1", task=task, outcome="done"))

    first, again = life.plan(), life.plan()

    assert {item.key for item in first.agenda} == {item.key for item in again.agenda}
    assert FIND not in {item.key for item in first.agenda}


def test_nobody_looks_for_an_address_that_is_there_or_of_an_owner_who_gets_no_letter() -> None:
    known, other = late(), late()
    other.record = replace(other.record, no_post=frozenset({"psn_2"}))
    other.run(instant("2026-07-04 09:00"))

    assert FIND not in known.record.entries
    assert not [key for key in other.record.entries if key.startswith("letter.find-address")]


def test_a_letter_that_came_back_is_its_own_rules_matter() -> None:
    life = homeless()

    about = {"item": FORMAL, "occurrence": "psn_1"}
    back = told("letter.returned", "2026-07-03 10:00", ident="back", about=about, person="psn_1", on="2026-07-03")
    life.tell(back)
    life.run(instant("2026-07-03 11:00"))

    assert life.state(FIND) is State.WITHDRAWN
    assert life.state("letter.serve-otherwise/epi_1/back") is State.OPEN


def test_every_rule_whose_letters_go_by_post_is_known_as_one() -> None:
    asking = re.compile(r'@rule\(\s*"([^"]+)"(?:(?!@rule).)*yield letter\(', re.DOTALL)
    sources = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in RULE_FILES]

    assert {found for source in sources for found in asking.findall(source)} == LETTERS


# -- a formal notice that was sent off, and not proved

NOTICE = "handover.formal-notice/epi_1/psn_1"
CHASE = "handover.service-proof"


def done(life: Life, key: str, when: str, ident: str = "sent-off") -> None:
    """The task is reported done, without any proof."""
    task = life.record.entries[key].task
    life.now = instant(when)
    life.tell(told("task.result", when, ident=ident, task=task, outcome="done", by="li", about={"task": task}))
    life.run(instant(when))


def sent_off(**more: Any) -> Life:
    """The contract owes the home by 06-30: the formal notice is due by 06-15, and served by 06-20 at the latest."""
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-05-01 09:00", signed, **more).run(instant("2026-06-10 09:00"))
    done(life, NOTICE, "2026-06-10 10:00")
    return life


def proved(when: str, ident: str = "proof", **more: Any) -> Event:
    return told("handover.notice_served", when, ident=ident, proof="ems", **more)


def test_a_formal_notice_sent_off_without_proof_is_chased_before_the_laws_last_day() -> None:
    life = sent_off()

    (chase,) = items_of(life.plan(), CHASE)
    assert life.state(NOTICE) is State.DONE
    assert life.state(chase.key) is State.OPEN
    assert (chase.role, chase.statutory, chase.params["person"]) == (Role.PROJECT_CS, True, "psn_1")
    assert (chase.due, chase.legal_due) == (instant("2026-06-18 18:00"), instant("2026-06-20 23:59:59"))
    life.run(instant("2026-06-20 10:00"))
    assert life.state(chase.key) is State.ESCALATED
    assert life.last is not None
    assert life.last.stage is Stage.PRE_HANDOVER


def test_the_chase_ends_with_the_proof_and_begins_again_when_that_is_void() -> None:
    life = sent_off()
    life.tell(proved("2026-06-12 12:00"))
    life.run(instant("2026-06-12 13:00"))

    key = f"{CHASE}/epi_1/sent-off/psn_1"
    assert (life.state(NOTICE), life.state(key)) == (State.SERVED, State.DONE)
    assert life.last is not None
    assert life.last.stage is Stage.HANDOVER
    life.tell(told("event.voided", "2026-06-13 09:00", event_id="proof", reason="录错户"))
    life.run(instant("2026-06-13 10:00"))
    assert life.state(key) is State.OPEN


def test_a_bare_word_that_the_chase_is_done_proves_nothing() -> None:
    life = sent_off()
    key = f"{CHASE}/epi_1/sent-off/psn_1"

    done(life, key, "2026-06-11 10:00", "bare")

    assert life.state(key) in RUNNING


def test_each_owner_is_chased_for_until_his_own_proof() -> None:
    life = sent_off(owners=("psn_1", "psn_2"))
    done(life, "handover.formal-notice/epi_1/psn_2", "2026-06-10 11:00", "second")
    life.tell(proved("2026-06-12 12:00", person="psn_2"))
    life.run(instant("2026-06-12 13:00"))

    assert life.state(f"{CHASE}/epi_1/sent-off/psn_1") in RUNNING
    assert life.state(f"{CHASE}/epi_1/second/psn_2") is State.DONE


def test_a_proof_told_before_anybody_said_that_it_was_sent_off_leaves_nothing_to_chase() -> None:
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-05-01 09:00", signed, proved("2026-06-11 12:00")).run(instant("2026-06-12 09:00"))
    about = {"item": "handover.formal-notice", "occurrence": "psn_1"}
    life.tell(told("task.result", "2026-06-12 10:00", ident="late", outcome="done", by="li", about=about))
    life.run(instant("2026-06-13 09:00"))

    assert life.state(NOTICE) is State.SERVED
    assert not life.of(CHASE)


@pytest.mark.parametrize("occurrence", ["psn_1", None])
def test_a_notice_reported_by_its_name_is_chased_too(occurrence: str | None) -> None:
    signed = told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30")
    life = begin("2026-05-01 09:00", signed).run(instant("2026-06-12 09:00"))
    about = {"item": "handover.formal-notice"} | ({"occurrence": occurrence} if occurrence else {})
    life.tell(told("task.result", "2026-06-12 10:00", ident="by-name", outcome="done", by="li", about=about))
    life.run(instant("2026-06-12 11:00"))

    assert life.state(NOTICE) is State.DONE
    assert life.state(f"{CHASE}/epi_1/by-name/psn_1") is State.OPEN
    assert life.plan().changes == []


def test_a_letter_for_another_day_is_not_chased_any_more_the_one_sent_again_is() -> None:
    life = sent_off(batch=_batch("2026-06-30", "2026-01-05 09:00", "evt_first"))
    life.record = replace(life.record, batch=_batch("2026-07-25", "2026-06-14 10:00", "evt_moved"))
    life.now = instant("2026-06-14 10:00")
    life.run(instant("2026-07-01 09:00"))
    assert life.state(f"{CHASE}/epi_1/sent-off/psn_1") is State.WITHDRAWN

    done(life, f"{NOTICE}~evt_moved", "2026-07-01 10:00", "again")
    life.tell(proved("2026-06-12 12:00", "old", recorded="2026-07-02 10:00"))  # of the letter for the day before
    life.run(instant("2026-07-02 11:00"))
    chase = f"{CHASE}/epi_1/again/psn_1"
    assert life.state(chase) is State.OPEN
    assert life.record.entries[chase].due == instant("2026-07-13 18:00")
    life.tell(proved("2026-07-03 12:00", "new"))
    life.run(instant("2026-07-03 13:00"))
    assert (life.state(chase), life.record.entries[chase].fact) == (State.DONE, "new")


def test_a_late_proof_of_the_letter_for_the_day_before_leaves_the_one_sent_again_to_be_served() -> None:
    life = sent_off(batch=_batch("2026-06-30", "2026-01-05 09:00", "evt_first"))
    life.record = replace(life.record, batch=_batch("2026-07-25", "2026-06-14 10:00", "evt_moved"))
    life.now = instant("2026-06-14 10:00")
    life.run(instant("2026-07-01 09:00"))
    life.tell(proved("2026-06-12 12:00", "old", recorded="2026-07-01 10:00"))
    life.run(instant("2026-07-01 11:00"))

    assert life.state(NOTICE) is State.SERVED
    assert life.plan().changes == []
    assert life.state(f"{NOTICE}~evt_moved") in RUNNING


def test_the_keys_end_the_chase() -> None:
    life = sent_off()
    life.tell(told("handover.accepted", "2026-06-19 10:00"))
    life.run(instant("2026-06-19 11:00"))

    assert life.state(f"{CHASE}/epi_1/sent-off/psn_1") is State.WITHDRAWN


def _batch(on: str, known: str, event: str) -> Batch:
    at = instant(known)
    return Batch(handover_from=Anchor(date.fromisoformat(on), at, at, event, event), gates=READY)


@pytest.mark.parametrize("about", [ABOUT, {"item": DELAY}])
def test_the_number_of_the_post_is_proof_enough(about: dict[str, str]) -> None:
    life = late()

    life.tell(delivered("2026-07-04 12:00", about))
    life.run(instant("2026-07-04 13:00"))

    assert life.state(KEY) is State.SERVED


SIGNED = told("contract.signed", "2026-05-30 10:00", ident="contract", contract_handover_date="2026-07-01")


def ems(**more: Any) -> Event:
    """The notice, delivered as the post tells it."""
    return told("letter.delivered", "2026-06-10 12:00", ident="ems", tracking="EM1", on="2026-06-10", **more)


def notice(*events: Event, owners: tuple[str, ...] = ("psn_1",)) -> tuple[Life, Any]:
    life = begin("2026-05-30 10:00", SIGNED, *events, owners=owners)
    life.run(instant("2026-06-28 13:00"))
    assert life.last is not None
    return life, life.last.opinions["ems"].reason


def test_the_delivery_of_the_written_notice_proves_it_served_and_lets_a_deemed_handover_count() -> None:
    deemed = told("handover.deemed", "2026-06-27 10:00", ident="deemed", reviewed_by="li")

    life, reason = notice(ems(about={"item": "handover.formal-notice"}), deemed)

    assert reason is None
    assert life.state("handover.formal-notice/epi_1/psn_1") is State.SERVED
    assert life.last is not None
    assert life.last.opinions["deemed"].verdict.value == "applied"


def test_a_delivery_of_no_letter_says_what_it_lacks() -> None:
    life, reason = notice(ems())

    assert (reason.code, reason.params) == ("letter-proves-nothing", {"missing": "about.item"})
    assert life.state("handover.formal-notice/epi_1/psn_1") is not State.SERVED


def test_of_two_owners_a_letter_names_its_own() -> None:
    about = {"item": "handover.formal-notice"}

    _, lacking = notice(ems(about=about), owners=("psn_1", "psn_2"))
    life, reason = notice(ems(about=about, person="psn_2"), owners=("psn_1", "psn_2"))

    assert lacking.params == {"missing": "person"}
    assert reason is None
    assert life.state("handover.formal-notice/epi_1/psn_2") is State.SERVED
    assert life.state("handover.formal-notice/epi_1/psn_1") is not State.SERVED
