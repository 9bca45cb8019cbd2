"""Pre-handover: the property's welcome, files, club, changes; who stands in for a post (A015, A316–319)."""

from dataclasses import replace
from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.values import MessageClass, Role
from tests.lives import begin, item_of, items_of, planned
from tests.records import instant, told

SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig", waiting_minutes=5)
WELCOME = "pre-handover.property-welcome/epi_1/once"
FILE = "pre-handover.customer-file/epi_1/once"
CLUB = "pre-handover.club-invitation/epi_1/once"


def member(when: str, ident: str, tier: str = "gold", person: str = "psn_1") -> Event:
    return told("membership.granted", when, ident=ident, person=person, tier=tier)


def sensitive(when: str) -> Event:
    return told("consent.given", when, ident="sens", person="psn_1", purpose="sensitive", evidence="x")


def test_the_property_company_writes_a_month_after_the_signing() -> None:
    assert item_of(planned("2025-03-20 11:00", SIGNED), WELCOME).due == instant("2025-04-19 08:00")


def test_a_text_that_would_fall_into_a_holiday_goes_before_it() -> None:
    item = item_of(planned("2025-04-02 11:00", told("contract.signed", "2025-04-02 10:00")), WELCOME)

    assert (item.due, item.original_due) == (instant("2025-04-30 08:00"), instant("2025-05-02 08:00"))


def test_a_project_that_has_no_property_post_yet_lets_the_welcome_wait_for_it() -> None:
    life = begin("2025-03-20 10:00", SIGNED, staffed=frozenset({"sales", "keeper"}))
    life.run(instant("2025-08-01 10:00"))
    assert WELCOME not in life.record.entries

    life.record = replace(life.record, staffed=frozenset({"sales", "keeper", "property-cs"}))
    life.run(instant("2025-08-02 10:00"))

    assert (instant("2025-08-01 10:00"), WELCOME) in life.sent


def test_the_file_holds_what_is_sensitive_only_with_consent_to_that() -> None:
    plain = item_of(planned("2025-03-20 11:00", SIGNED), FILE)
    allowed = item_of(
        planned("2025-03-20 11:00", SIGNED, consents={"psn_1": {"sensitive": instant("2025-03-20 10:00")}}), FILE
    )

    assert (plain.due, plain.role, plain.params) == (instant("2025-04-18 18:00"), Role.KEEPER, {"sensitive": False})
    assert plain.because[0].code == "no-sensitive-consent"
    assert (allowed.params, [reason.code for reason in allowed.because]) == (
        {"sensitive": True}, ["pulled-before-rest-day"],
    )  # fmt: skip


def test_consent_that_comes_later_asks_for_those_fields_and_taken_back_it_does_not() -> None:
    given: dict[str, Any] = {"consents": {"psn_1": {"sensitive": instant("2025-05-07 10:00")}}}
    with_it = planned("2025-05-07 11:00", SIGNED, sensitive("2025-05-07 10:00"), **given)
    without = planned("2025-05-07 11:00", SIGNED, sensitive("2025-05-07 10:00"))

    assert item_of(with_it, "pre-handover.sensitive-file/epi_1/sens").due == instant("2025-05-21 18:00")
    assert not items_of(without, "pre-handover.sensitive-file")


def test_the_club_invites_by_care_and_not_who_is_a_member() -> None:
    club = item_of(planned("2025-03-20 11:00", SIGNED), CLUB)
    members = planned("2025-03-21 11:00", SIGNED, member("2025-03-21 10:00", "m"))

    assert (club.message_class, club.due) == (MessageClass.CARE, instant("2025-04-03 09:00"))
    assert CLUB not in {item.key for item in members.agenda}


@pytest.mark.parametrize("tier", ["platinum", "gold", "silver", "blue"])
def test_a_member_is_handed_the_card_of_his_tier(tier: str) -> None:
    found = planned("2025-03-21 11:00", SIGNED, member("2025-03-21 10:00", "m", tier, "psn_2"))

    card = item_of(found, "pre-handover.member-card/epi_1/m")
    assert (card.due, card.role, card.message_class) == (instant("2025-03-28 18:00"), Role.KEEPER, MessageClass.CARE)
    assert card.params == {"tier": tier, "person": "psn_2"}


def test_who_left_the_club_gets_no_card_any_more() -> None:
    ended = told("membership.ended", "2025-03-22 10:00", person="psn_1")

    found = planned("2025-03-22 11:00", SIGNED, member("2025-03-21 10:00", "m"), ended)

    assert not items_of(found, "pre-handover.member-card")


def test_each_change_request_is_answered_in_five_working_days() -> None:
    asked = [told("change_request.raised", when, ident=when[5:10], text="门") for when in
             ("2025-04-30 10:00", "2025-05-06 10:00")]  # fmt: skip

    found = planned("2025-05-06 11:00", SIGNED, *asked)

    assert {item.occurrence: item.due for item in items_of(found, "pre-handover.change-request")} == {
        "04-30": instant("2025-05-12 18:00"), "05-06": instant("2025-05-13 18:00"),
    }  # fmt: skip


def test_the_keys_end_what_belongs_to_the_waiting() -> None:
    life = begin("2025-03-20 10:00", SIGNED, told("handover.accepted", "2025-04-10 10:00"))

    life.run(instant("2025-04-11 10:00"))

    assert life.state(FILE) is State.WITHDRAWN
    assert life.state(WELCOME) is State.WITHDRAWN


def test_sales_stands_in_until_project_customer_service_exists() -> None:
    request = told("open_day.no_show", "2025-06-14 12:00", ident="absent", person="psn_1", open_day="od", session="am")

    def post(*staffed: str) -> tuple[Role | None, Role | None]:
        found = planned("2025-06-14 13:00", SIGNED, request, staffed=frozenset(staffed), known=frozenset({"od", "am"}))
        item = item_of(found, "pre-handover.open-day-rebook/epi_1/absent")
        return item.role, item.escalates_to

    assert post("sales", "developer-cs", "project-cs") == (Role.PROJECT_CS, Role.DEVELOPER_CS)
    assert post("sales", "developer-cs") == (Role.SALES, Role.DEVELOPER_CS)
    assert post("group-cs") == (Role.GROUP_CS, Role.GENERAL_MANAGER)
