"""Consents, contacts, bereavement and holds of a person, folded from what was told."""

from typing import Any

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
