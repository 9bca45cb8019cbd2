"""Outcomes that cannot be: before the signing, two for one day, deemed without proof (kernel §3, domain C1 and C4)."""

from typing import Any

import pytest

from journey.domain.events import Event
from journey.domain.verdicts import Judged, Verdict, judge
from tests.records import SHANGHAI, instant, told

SERVED = told("handover.notice_served", "2026-06-12 10:00", ident="served", proof="ems")
UNJUSTIFIED = told("handover.refused", "2026-06-27 10:00", ident="no", justified=False)


def judged(*events: Event, owners: frozenset[str] = frozenset()) -> Judged:
    return judge(events, now=instant("2026-12-01 09:00"), zone=SHANGHAI, known=frozenset(), owners=owners)


def deemed(on: str = "2026-06-27", when: str = "2026-07-01 10:00", **more: Any) -> Event:
    return told("handover.deemed", when, ident="deemed", on=on, **{"reviewed_by": "stf_9", **more})


def code(found: Judged, event: str = "deemed") -> str | None:
    opinion = found.opinions[event]
    return opinion.reason.code if opinion.verdict is Verdict.REFUSED and opinion.reason else None


def test_a_deemed_handover_may_carry_the_day_of_the_refusal_that_it_reviews() -> None:
    found = judged(SERVED, UNJUSTIFIED, deemed())

    assert (code(found), code(found, "no")) == (None, None)


def test_it_may_carry_the_day_of_a_no_show() -> None:
    assert code(judged(SERVED, told("handover.no_show", "2026-06-27 10:00"), deemed())) is None


def test_a_refusal_with_good_reason_stands_against_it() -> None:
    refused = told("handover.refused", "2026-06-27 10:00", justified=True)

    assert code(judged(SERVED, refused, deemed(on="2026-06-28"))) == "deemed-with-valid-reason"


def test_after_a_later_no_show_the_old_reason_does_not_stand_any_more() -> None:
    refused = told("handover.refused", "2026-06-27 10:00", justified=True)
    absent = told("handover.no_show", "2026-07-10 10:00")

    assert code(judged(SERVED, refused, absent, deemed(on="2026-07-10", when="2026-07-12 10:00"))) is None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((UNJUSTIFIED, deemed()), "deemed-without-notice"),
        ((SERVED, UNJUSTIFIED, deemed(reviewed_by=None)), "deemed-without-review"),
        ((SERVED, deemed(on="2026-06-11")), "deemed-without-notice"),
        ((SERVED, told("handover.accepted", "2026-06-27 10:00"), deemed()), "second-outcome"),
    ],
    ids=["no notice", "no review", "served after it", "accepted that day"],
)
def test_it_needs_proof_of_service_and_a_persons_review(events: tuple[Event, ...], expected: str) -> None:
    assert code(judged(*events)) == expected


def test_every_owner_must_have_been_served() -> None:
    to_one = told("handover.notice_served", "2026-06-12 10:00", person="psn_1", proof="ems")
    couple = frozenset({"psn_1", "psn_2"})

    assert code(judged(to_one, UNJUSTIFIED, deemed(), owners=couple)) == "deemed-notice-missing"
    assert code(judged(to_one, UNJUSTIFIED, deemed(), owners=frozenset({"psn_1"}))) is None
    assert code(judged(SERVED, UNJUSTIFIED, deemed(), owners=couple)) is None


def test_two_visits_of_one_day_are_refused_and_the_first_stands() -> None:
    first = told("handover.refused", "2026-06-27 10:00", ident="first")
    second = told("handover.accepted", "2026-06-27 15:00", ident="second")

    found = judged(first, second)

    assert (code(found, "first"), code(found, "second")) == (None, "second-outcome")


def test_a_deemed_handover_that_is_refused_leaves_the_day_free() -> None:
    accepted = told("handover.accepted", "2026-06-27 15:00", ident="keys")

    found = judged(accepted, deemed(when="2026-06-27 09:00"))

    assert (code(found, "keys"), code(found)) == (None, "deemed-without-notice")
