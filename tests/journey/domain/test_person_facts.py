"""Consents, contacts, bereavement and holds of a person, folded from what was told."""

from dataclasses import replace
from typing import Any

import pytest

from journey.domain.event_checks import check_data
from journey.domain.event_types.channels import WAYS, WORDS
from journey.domain.events import Event
from journey.domain.person_facts import PersonFacts, fold_holds, fold_person
from tests.records import instant, told


def of(kind: str, when: str, ident: str, person: str = "psn_1", **data: Any) -> Event:
    return told(kind, when, ident=ident, person=person, **data)


def void(of_id: str, when: str = "2026-05-01 10:00") -> Event:
    return told("event.voided", when, ident=f"void_{of_id}", event_id=of_id, reason="x")


def given(facts: PersonFacts) -> set[tuple[str, str]]:
    return {key for key, consent in facts.consents.items() if consent.given}


def test_a_consent_is_given_and_withdrawn_by_purpose() -> None:
    facts = fold_person(
        [
            of("consent.given", "2026-01-01 10:00", "a", purpose="care"),
            of("consent.given", "2026-01-01 10:00", "b", purpose="marketing"),
            of("consent.withdrawn", "2026-02-01 10:00", "c", purpose="marketing"),
        ],
        "psn_1",
    )

    assert given(facts) == {("care", "")}
    assert facts.consents["marketing", ""].since == instant("2026-02-01 10:00")


def test_a_withdrawal_without_a_channel_ends_it_on_every_channel() -> None:
    facts = fold_person(
        [
            of("consent.given", "2026-01-01 10:00", "a", purpose="care", channel="wechat"),
            of("consent.given", "2026-01-01 11:00", "b", purpose="care", channel="sms"),
            of("consent.withdrawn", "2026-02-01 10:00", "c", purpose="care"),
        ],
        "psn_1",
    )

    assert given(facts) == set()


def test_a_withdrawal_on_one_channel_leaves_the_other() -> None:
    facts = fold_person(
        [
            of("consent.given", "2026-01-01 10:00", "a", purpose="care", channel="wechat"),
            of("consent.given", "2026-01-01 11:00", "b", purpose="care", channel="sms"),
            of("consent.withdrawn", "2026-02-01 10:00", "c", purpose="care", channel="sms"),
        ],
        "psn_1",
    )

    assert given(facts) == {("care", "wechat")}


def test_a_voided_withdrawal_did_not_happen() -> None:
    facts = fold_person(
        [
            of("consent.given", "2026-01-01 10:00", "a", purpose="care"),
            of("consent.withdrawn", "2026-02-01 10:00", "c", purpose="care"),
            void("c"),
        ],
        "psn_1",
    )

    assert given(facts) == {("care", "")}


def test_what_happened_last_counts_however_late_it_is_told() -> None:
    withdrawn = of("consent.withdrawn", "2026-02-01 10:00", "w", purpose="care")
    earlier = told("consent.given", "2026-01-01 10:00", recorded="2026-03-01 10:00", person="psn_1", purpose="care")

    facts = fold_person([withdrawn, earlier], "psn_1")

    assert given(facts) == set()


def test_nobody_speaks_for_another_person() -> None:
    facts = fold_person([of("consent.given", "2026-01-01 10:00", "a", person="psn_2", purpose="care")], "psn_1")

    assert facts == PersonFacts()


def test_a_number_reported_wrong_is_not_used_until_it_is_verified_or_changed() -> None:
    known = of("contact.changed", "2026-01-01 10:00", "a", channel="sms", address="1")
    wrong = of("contact.invalid", "2026-02-01 10:00", "b", channel="sms", address="1")
    verified = of("contact.verified", "2026-03-01 10:00", "c", channel="phone", address="1")
    other = of("contact.changed", "2026-03-02 10:00", "d", channel="phone", address="2")

    assert fold_person([known], "psn_1").contacts["phone"].ok
    assert not fold_person([known, wrong], "psn_1").contacts["phone"].ok
    assert fold_person([known, wrong, verified], "psn_1").contacts["phone"].ok
    changed = fold_person([known, wrong, other], "psn_1")
    assert (changed.contacts["phone"].address, changed.contacts["phone"].ok) == ("2", True)
    assert changed.reachable_since == instant("2026-03-02 10:00")


def test_a_report_about_an_old_number_does_not_spoil_the_new_one() -> None:
    facts = fold_person(
        [
            of("contact.changed", "2026-01-01 10:00", "a", channel="sms", address="2"),
            of("contact.invalid", "2026-02-01 10:00", "b", channel="sms", address="1"),
        ],
        "psn_1",
    )

    assert facts.contacts["phone"].ok


def test_bereavement_is_kept_until_it_is_voided() -> None:
    noted = of("bereavement.noted", "2026-01-01 10:00", "a")

    assert fold_person([noted], "psn_1").bereaved_at == instant("2026-01-01 10:00")
    assert fold_person([noted, void("a")], "psn_1").bereaved_at is None


def test_a_release_ends_every_open_hold_of_its_scope() -> None:
    holds = fold_holds(
        [
            told("hold.placed", "2026-01-01 10:00", ident="a", scope="all", how="pause", reason="x"),
            told("hold.placed", "2026-01-02 10:00", ident="b", scope="care", how="mute", reason="x"),
            told("hold.released", "2026-01-03 10:00", ident="c", scope="all"),
        ]
    )

    assert [(hold.event, hold.released_at) for hold in holds] == [("a", instant("2026-01-03 10:00")), ("b", None)]


def test_a_release_of_a_mute_leaves_a_pause() -> None:
    holds = fold_holds(
        [
            told("hold.placed", "2026-01-01 10:00", ident="a", scope="all", how="pause", reason="x"),
            told("hold.released", "2026-01-03 10:00", ident="c", scope="all", how="mute"),
        ]
    )

    assert [hold.released_at for hold in holds] == [None]


def test_a_hold_released_by_mistake_holds_again_when_the_release_is_voided() -> None:
    events = [
        of("hold.placed", "2026-01-01 10:00", "a", scope="all", how="mute", reason="x"),
        of("hold.released", "2026-01-03 10:00", "b", scope="all"),
        void("b"),
    ]

    assert [hold.released_at for hold in fold_person(events, "psn_1").holds] == [None]


def contact(kind: str, day: int, address: str | None = "+8613800138000") -> Event:
    data = {"channel": "phone"} | ({"address": address} if address else {})
    return of(f"contact.{kind}", f"2026-01-{day:02} 10:00", f"{kind} {day}", **data)


NEW = "+8613900139000"
LOST = (contact("changed", 1), contact("invalid", 2))


@pytest.mark.parametrize(
    ("told_of", "address", "state"),
    [
        ([contact("changed", 1)], "+8613800138000", "ok"),
        ([contact("changed", 1), contact("changed", 2, NEW)], NEW, "ok"),
        ([contact("changed", 1), contact("invalid", 2)], "+8613800138000", "invalid"),
        ([contact("changed", 1), contact("invalid", 2, NEW)], "+8613800138000", "ok"),
        ([*LOST, contact("changed", 3, NEW)], NEW, "unverified"),
        ([*LOST, contact("changed", 3)], "+8613800138000", "unverified"),
        ([*LOST, contact("verified", 3, None)], "+8613800138000", "ok"),
        ([*LOST, contact("verified", 3, NEW)], NEW, "ok"),
        ([*LOST, contact("changed", 3, NEW), contact("verified", 4, NEW)], NEW, "ok"),
        ([*LOST, contact("changed", 3, "+8613700137000"), contact("changed", 4, NEW)], NEW, "unverified"),
    ],
)
def test_an_address_that_follows_an_invalid_one_is_unverified_until_somebody_verifies_it(
    told_of: list[Event], address: str, state: str
) -> None:
    found = fold_person(told_of, "psn_1").contacts["phone"]

    assert (found.address, found.state) == (address, state)


# -- the words that people have for a channel

MEANING = {  # word: the contact that it is kept as, the preference and the consent that it means
    "phone": ("phone", "sms", "phone"),
    "mobile": ("phone", "sms", "phone"),
    "sms": ("phone", "sms", "sms"),
    "call": ("phone", "voice", "voice"),
    "voice": ("phone", "voice", "voice"),
    "email": ("email", "email", "email"),
    "e-mail": ("email", "email", "email"),
    "wechat": ("wechat", "wechat", "wechat"),
    "post": ("post", "post", "post"),
    "inbox": ("inbox", "inbox", "inbox"),
}
MEANING |= (
    dict.fromkeys(("tel", "telephone", "电话", "手机", "手机号", "电话号码"), MEANING["phone"])
    | dict.fromkeys(("text", "短信"), MEANING["sms"])
    | dict.fromkeys(("来电", "打电话", "语音", "语音电话"), MEANING["voice"])
    | dict.fromkeys(("weixin", "微信"), MEANING["wechat"])
    | dict.fromkeys(("mail", "邮件", "邮箱", "电子邮件", "电子邮箱"), MEANING["email"])
    | {"站内信": MEANING["inbox"], "通讯地址": MEANING["post"]}
)
ADDRESSES = {"phone": ("138 0013 8000", "+8613800138000"), "email": ("Li@Example.com", "Li@example.com"),
             "wechat": ("wx_li", "wx_li"), "inbox": ("li", "li"),
             "post": ("成都市高新区天府大道1号", "成都市高新区天府大道1号")}  # fmt: skip


@pytest.mark.parametrize("word", [each for name in MEANING for each in (name, name.upper())])
def test_door_and_fold_mean_the_same_by_every_word_for_a_channel(word: str) -> None:
    contact, preferred, consent = MEANING[word.lower()]
    told_as, kept_as = ADDRESSES[contact]
    data = check_data("contact.changed", {"channel": word, "address": told_as, "preferred": True})
    agreed = check_data("consent.given", {"purpose": "care", "channel": word, "evidence": "form 7"})

    facts = fold_person(
        [
            of("contact.changed", "2026-01-01 10:00", "a", **data),
            of("consent.given", "2026-01-01 10:00", "b", **agreed),
        ],
        "psn_1",
    )

    assert {name: each.address for name, each in facts.contacts.items()} == {contact: kept_as}
    assert (facts.preferred, given(facts)) == (preferred, {("care", consent)})


def test_every_word_that_the_door_knows_is_in_the_table() -> None:
    assert {*WORDS, *WAYS} == set(MEANING)


@pytest.mark.parametrize("channel", ["短信", "pigeon"])
def test_a_withdrawal_that_the_door_once_took_for_any_word_is_read_as_what_it_meant_or_for_every_channel(
    channel: str,
) -> None:
    given = [
        of("consent.given", "2026-01-01 10:00", "a", purpose="care"),
        of("consent.given", "2026-01-01 10:00", "b", purpose="care", channel="sms"),
    ]

    facts = fold_person(
        [*given, of("consent.withdrawn", "2026-02-01 10:00", "c", purpose="care", channel=channel)], "psn_1"
    )

    assert not facts.consents["care", "sms"].given
    assert facts.consents["care", ""].given is (channel == "短信")


def test_a_number_that_was_told_to_be_dead_in_any_word_is_dead() -> None:
    known = of("contact.changed", "2026-01-01 10:00", "a", channel="phone", address="1")
    wrong = of("contact.invalid", "2026-02-01 10:00", "b", channel="短信", address="1")

    assert fold_person([known, wrong], "psn_1").contacts["phone"].state == "invalid"


def test_who_wants_no_calls_any_more_is_still_written_to() -> None:
    facts = fold_person(
        [
            of("consent.given", "2026-01-01 10:00", "a", purpose="care"),
            of("consent.withdrawn", "2026-02-01 10:00", "b", purpose="care", channel="call"),
        ],
        "psn_1",
    )

    assert given(facts) == {("care", "")}
    assert not facts.consents["care", "voice"].given


def registered(when: str, address: str = "+8613800138000") -> Event:
    """An address that came with its owner when the journey was started."""
    return replace(of("contact.changed", when, "start", channel="phone", address=address), source="start:jrn_1")


def invalid(when: str, recorded: str) -> Event:
    return told(
        "contact.invalid", when, ident="inv", person="psn_1", recorded=recorded, channel="phone",
        address="+8613800138000",
    )  # fmt: skip


def test_an_address_found_invalid_before_its_owner_was_registered_with_it_is_invalid() -> None:
    facts = fold_person([registered("2026-03-01 10:00"), invalid("2026-02-28 10:00", "2026-03-01 10:05")], "psn_1")

    assert facts.contacts["phone"].state == "invalid"


@pytest.mark.parametrize("address", ["+8613800138000", "+8613900139000"])
def test_a_later_word_on_the_address_makes_it_valid_again(address: str) -> None:
    later = of("contact.changed", "2026-03-05 10:00", "new", channel="phone", address=address)

    facts = fold_person(
        [registered("2026-03-01 10:00"), invalid("2026-02-28 10:00", "2026-03-01 10:05"), later], "psn_1"
    )

    assert facts.contacts["phone"].ok
    assert facts.contacts["phone"].address == address


def test_an_address_registered_after_it_was_reported_invalid_counts_as_told_anew() -> None:
    facts = fold_person([registered("2026-03-01 10:00"), invalid("2026-02-01 10:00", "2026-02-01 10:00")], "psn_1")

    assert facts.contacts["phone"].ok


def test_another_address_is_not_concerned() -> None:
    events = [registered("2026-03-01 10:00", "+8613900139000"), invalid("2026-02-28 10:00", "2026-03-01 10:05")]

    assert fold_person(events, "psn_1").contacts["phone"].ok
