"""Calendar files: read back by a parser, the same UID for the same appointment, later news replaces older."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from journey.adapters.appointments import invitation, uid_of
from journey.adapters.channels import Attachment, Outgoing

TOLD = datetime(2026, 6, 1, 1, tzinfo=UTC)
TEN = datetime(2026, 6, 6, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
KEY = "pre-handover.open-day-reminder/epi_1/evt_9/psn_1"


def read(attachment: Attachment) -> tuple[Any, Any]:
    """The calendar and its event, as a parser finds them."""
    calendar: Any = Calendar.from_ical(attachment.content)
    return calendar, calendar.walk("VEVENT")[0]


def test_a_session_is_an_event_in_its_own_zone() -> None:
    calendar, event = read(
        invitation(
            key=KEY, start=TEN, end=TEN + timedelta(hours=1), title="工地开放日, 第一场;早", place="香年 3-1-1202",
            told_at=TOLD, organiser="care@developer.example",
        )
    )  # fmt: skip

    assert calendar["METHOD"] == "PUBLISH"
    assert event["DTSTART"].dt == TEN
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=1)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert str(event["SUMMARY"]) == "工地开放日, 第一场;早"
    assert str(event["LOCATION"]) == "香年 3-1-1202"
    assert str(event["ORGANIZER"]) == "mailto:care@developer.example"


def test_a_zone_with_summer_time_shows_the_hour_that_its_clocks_show() -> None:
    _, event = read(invitation(key=KEY, start=datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Berlin")), title="t",
                               told_at=TOLD))  # fmt: skip

    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_a_day_without_an_hour_takes_the_whole_day() -> None:
    calendar, event = read(invitation(key=KEY, start=date(2026, 6, 27), title="交付提醒", told_at=TOLD))

    assert event["DTSTART"].dt == date(2026, 6, 27)
    assert not calendar.walk("VTIMEZONE")


def test_what_is_told_later_replaces_what_was_told_before() -> None:
    _, first = read(invitation(key=KEY, start=TEN, title="t", told_at=TOLD))
    _, second = read(invitation(key=f"{KEY}", start=TEN, title="t", told_at=TOLD + timedelta(minutes=1)))
    _, cancelled = read(invitation(key=KEY, start=TEN, title="t", told_at=TOLD + timedelta(days=1), method="CANCEL"))

    assert first["UID"] == second["UID"] == cancelled["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"] < cancelled["SEQUENCE"] < 2**31
    assert cancelled["STATUS"] == "CANCELLED"


def test_a_repeat_of_an_item_is_the_same_appointment_and_its_key_is_not_shown() -> None:
    assert uid_of("handover.reminder/epi_1/once~evt_2/psn_1") == uid_of("handover.reminder/epi_1/once/psn_1")
    assert uid_of(KEY) != uid_of(KEY.replace("psn_1", "psn_2"))
    assert "psn_1" not in uid_of(KEY)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        invitation(key=KEY, start=TEN, end=TEN - timedelta(minutes=1), title="t", told_at=TOLD)


def test_a_message_with_any_file_can_be_written_down() -> None:
    file = Attachment(name="notice.pdf", media_type="application/pdf", content=b"%PDF-\xff\xfe")
    outgoing = Outgoing(
        key="k", channel="email", to="a@b.example", body="x", language="zh", message_id="m", attachments=(file,)
    )

    assert Outgoing.model_validate_json(outgoing.model_dump_json()) == outgoing
