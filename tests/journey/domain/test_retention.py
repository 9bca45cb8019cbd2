"""When what we know of a person goes, and what keeps him whatever the day (C8)."""

from datetime import date

import pytest

from journey.domain.numbers.retention import RetentionNumbers
from journey.domain.retention import Life, standing_of
from journey.domain.values import JourneyStatus
from tests.records import calendar, pack

NUMBERS = RetentionNumbers.model_validate(
    {"lost_lead": "12mo", "cancelled": "3y", "owner": "3y", "consent_evidence": "3y"}
)


def life(status: str = "transferred", ended: str | None = "2026-03-10", *, work: bool = False) -> Life:
    on = date.fromisoformat(ended) if ended else None
    return Life(JourneyStatus(status), on, work, NUMBERS, calendar())


@pytest.mark.parametrize(
    ("status", "due"), [("lost", "2027-03-10"), ("cancelled", "2029-03-10"), ("transferred", "2029-03-10")]
)
def test_a_person_goes_when_the_time_of_his_ended_life_is_over(status: str, due: str) -> None:
    found = standing_of([life(status)], held=False)

    assert (found.due, found.evidence_due) == (date.fromisoformat(due), date(2029, 3, 10))
    assert found.keeps(date.fromisoformat(due)) is None
    assert (found.keeps(date(2027, 3, 9)) or found.keeps(date(2026, 3, 11))).code == "kept-until"  # type: ignore[union-attr]


def test_the_last_of_several_lives_counts() -> None:
    found = standing_of([life("lost", "2026-12-01"), life("transferred", "2024-01-05")], held=False)

    assert found.due == date(2027, 12, 1)


@pytest.mark.parametrize(
    ("lives", "held", "code"),
    [
        ([life(), life("active", None)], False, "kept-living"),
        ([], False, "kept-living"),
        ([life(work=True)], False, "kept-open-work"),
        ([life()], True, "kept-held"),
    ],
)
def test_another_home_open_work_or_a_hold_keeps_a_person(lives: list[Life], held: bool, code: str) -> None:
    found = standing_of(lives, held=held).keeps(date(2099, 1, 1))

    assert found is not None
    assert found.code == code


def test_a_pack_without_the_numbers_keeps_everybody() -> None:
    old = Life(JourneyStatus.LOST, date(2020, 1, 1), False, None, calendar())

    assert standing_of([old], held=False).kept is not None
    assert pack().retention is not None
