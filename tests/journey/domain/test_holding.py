"""The home and the owners of a journey, who may sign, and what ownership asks of both sides of a sale."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.agents import refused_signatures
from journey.domain.events import Event
from journey.domain.holding import Ties, holding_of
from journey.domain.record import Ledgered
from journey.domain.values import JourneyStatus, Stage
from journey.domain.verdicts import judge
from tests.lives import items_of, planned
from tests.records import SHANGHAI, instant, told

NOW = instant("2027-12-01 10:00")
TIES = Ties(home="3-1", founders=("psn_1",), people={"zw": "psn_1", "lf": "psn_2"})
KEYS = told("handover.accepted", "2026-06-27 10:00")
SOLD = told("ownership.transferred", "2027-10-12 10:00", to=[{"ref": "lf"}])


def codes(*events: Event, ties: Ties = TIES) -> dict[str, tuple[str, str | None]]:
    """Verdict and reason by type."""
    judged = judge(events, now=NOW, zone=SHANGHAI, known=frozenset(), units=frozenset({"3-1", "3-2"}), ties=ties)
    types = {event.id: event.type for event in events}
    return {
        types[ident]: (opinion.verdict.value, opinion.reason.code if opinion.reason else None)
        for ident, opinion in judged.opinions.items()
    }


def test_a_transfer_counts_once_the_handover_before_it_is_known_in_whatever_order() -> None:
    alone = codes(SOLD)
    later = told("handover.accepted", "2027-11-01 10:00")

    assert alone["ownership.transferred"] == ("refused", "resale-before-handover")
    assert codes(SOLD, later)["ownership.transferred"] == ("refused", "resale-before-handover")
    for order in permutations((KEYS, SOLD)):
        assert codes(*order)["ownership.transferred"] == ("applied", None)


def test_the_owners_of_a_transfer_are_compared_with_those_of_its_day() -> None:
    renamed = told("parties.changed", "2027-01-01 10:00", owners=[{"ref": "lf"}])

    assert codes(KEYS, renamed, SOLD)["ownership.transferred"] == ("refused", "same-owners")


def test_a_subscription_of_another_home_than_the_journey_has_is_refused() -> None:
    other = told("subscription.signed", "2025-03-15 10:00", unit="3-2")

    assert codes(other)["subscription.signed"] == ("refused", "other-home")
    assert codes(other, ties=replace(TIES, home=None))["subscription.signed"] == ("applied", None)


def test_a_home_that_another_journey_has_is_waited_for_and_only_the_last_change_is() -> None:
    held = replace(TIES, held={"3-2": "jrn_9"})
    first = told("unit.changed", "2025-03-20 10:00", to="3-2")
    back = told("unit.changed", "2025-03-21 10:00", to="3-1", ident="back")

    assert codes(first, ties=held)["unit.changed"] == ("parked", "home-held")
    judged = judge([first, back], now=NOW, zone=SHANGHAI, known=frozenset(), units=frozenset({"3-1", "3-2"}), ties=held)
    assert [event.id for event in judged.live] == [first.id, "back"]
    assert holding_of(judged.live, held).home == "3-1"


@given(st.permutations([
    told("subscription.signed", "2025-03-15 10:00", unit="3-1"), told("unit.changed", "2025-03-20 10:00", to="3-2"),
    told("parties.changed", "2025-03-21 10:00", owners=[{"ref": "lf"}]),
]))  # fmt: skip
def test_home_and_owners_do_not_depend_on_the_order_of_telling(events: list[Event]) -> None:
    ties = replace(TIES, home=None)
    judged = judge(events, now=NOW, zone=SHANGHAI, known=frozenset(), units=frozenset({"3-1", "3-2"}), ties=ties)

    found = holding_of(judged.live, ties)

    assert (found.home, found.owners) == ("3-2", ("psn_2",))


def power(kind: str, when: str, until: str, ident: str | None = None) -> Event:
    """A power of attorney of the father, given or revoked."""
    return told(f"agent.{kind}", when, ident=ident, until=until, powers=["sign"], marks=["father"])


@pytest.mark.parametrize(
    ("signed", "marks", "refused"),
    [
        ("2026-06-28", ["father"], False),
        ("2026-06-29", ["father"], True),
        ("2026-05-31", ["father"], True),
        ("2026-06-29", ["father", "owner"], False),  # somebody who is no agent was there too
        ("2026-06-29", ["owner"], False),
    ],
)
def test_an_agent_alone_signs_only_while_his_power_holds(signed: str, marks: list[str], refused: bool) -> None:
    given_to_him = power("authorised", "2026-06-01 10:00", "2026-06-28")
    accepted = told("handover.accepted", f"{signed} 15:00", marks=marks)

    assert bool(refused_signatures([given_to_him, accepted], SHANGHAI)) is refused


def test_a_revoked_power_ends_on_its_day_and_a_new_one_counts_again() -> None:
    first = power("authorised", "2026-06-01 10:00", "2026-12-31")
    back = power("revoked", "2026-06-20 10:00", "2026-12-31")
    again = power("authorised", "2026-06-25 10:00", "2026-12-31", ident="again")
    accepted = told("handover.accepted", "2026-06-27 15:00", marks=["father"])

    assert refused_signatures([first, back, accepted], SHANGHAI)[accepted.id].params["until"] == "2026-06-20"
    assert not refused_signatures([first, back, again, accepted], SHANGHAI)


def test_a_home_taken_over_begins_in_occupancy_with_three_things_and_the_ends_of_the_home() -> None:
    began = told("ownership.began", "2027-10-12 10:00", recorded="2027-10-12 10:01")
    ends = instant("2031-06-27 12:00").date()
    ledger = [Ledgered("wet-room", KEYS.on(SHANGHAI), ends, ends - timedelta(days=60))]

    found = planned("2027-10-12 10:02", began, inherited=ledger, started=instant("2027-10-12 10:01"))

    assert (found.stage, found.status) == (Stage.OCCUPANCY, JourneyStatus.ACTIVE)
    assert [cover.owner_ends for cover in found.covers] == [ends]
    assert {item.rule for item in found.agenda} - {"warranty.expiry-notice", "warranty.joint-check"} == {
        "ownership.welcome", "ownership.ambassador", "ownership.registration", "occupancy.anniversary",
    }  # fmt: skip
    (greeting,) = items_of(found, "occupancy.anniversary")
    assert greeting.due == instant("2028-10-12 09:00")  # of the day on which these owners took the home over


def test_work_that_came_with_the_home_keeps_its_clock_and_is_never_history() -> None:
    began = told("ownership.began", "2027-10-12 10:00")
    leak = told(
        "defect.reported", "2027-08-01 09:00", recorded="2027-10-12 10:01", category="waterproofing",
        component="wet-room", severity="general", carried="evt_old", known_at="2027-08-01T01:00:00+00:00",
    )  # fmt: skip
    ledger = [Ledgered("wet-room", KEYS.on(SHANGHAI), instant("2027-09-30 12:00").date(), None)]

    found = planned("2027-10-12 10:02", began, leak, inherited=ledger, started=instant("2027-10-12 10:01"))

    (item,) = items_of(found, "warranty.rectification")  # reported while the cover lasted
    assert item.due == item.planned_due < instant("2027-10-12 10:00")
    assert "late-news" not in {reason.code for reason in item.because}
    assert item.key in found.planned
