"""Which items carry an appointment, and when it begins."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from journey.domain.appointments import appointment_of

TOLD = datetime(2026, 6, 1, 1, tzinfo=UTC)
CHENGDU = "Asia/Shanghai"


def test_a_booked_slot_begins_on_the_clocks_of_the_project() -> None:
    found = appointment_of("repair.appointment-reminder", {"slot": "2026-06-03T01:30:00+00:00"}, CHENGDU, TOLD)

    assert found is not None
    assert found.start == datetime(2026, 6, 3, 9, 30, tzinfo=ZoneInfo(CHENGDU))
    assert str(getattr(found.start, "tzinfo", "")) == CHENGDU


def test_a_session_of_an_open_day_begins_at_its_hour() -> None:
    params = {"session_on": "2026-06-06", "session_at": "10:00"}

    found = appointment_of("pre-handover.open-day-reminder", params, CHENGDU, TOLD)

    assert found is not None
    assert found.start == datetime(2026, 6, 6, 10, tzinfo=ZoneInfo(CHENGDU))
    assert found.told_at == TOLD


def test_the_agreed_handover_is_a_day_without_an_hour() -> None:
    found = appointment_of("handover.reminder", {"handover_on": "2026-06-27"}, CHENGDU, TOLD)

    assert found is not None
    assert found.start == date(2026, 6, 27)
    assert not isinstance(found.start, datetime)


@pytest.mark.parametrize(
    ("rule", "params"),
    [
        ("handover.notice", {"handover_on": "2026-06-27"}),
        ("warranty.expiry-notice", {"ends": "2026-06-27"}),
        ("pre-handover.open-day-reminder", {"session_on": "2026-06-06"}),
        ("occupancy.birthday", {}),
    ],
)
def test_a_date_in_a_text_is_no_appointment(rule: str, params: dict[str, str]) -> None:
    assert appointment_of(rule, params, CHENGDU, TOLD) is None
