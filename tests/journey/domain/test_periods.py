"""Periods as packs write them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from journey.domain.periods import Period

units = st.sampled_from(["years", "months", "days", "working_days", "seconds"])
periods = st.builds(lambda unit, n: Period(**{unit: n}), units, st.integers(-(10**6), 10**6))


class Rule(BaseModel):
    offset: Period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", Period(days=7)),
        ("-30d", Period(days=-30)),
        ("2mo", Period(months=2)),
        ("-2mo", Period(months=-2)),
        ("5y", Period(years=5)),
        ("3wd", Period(working_days=3)),
        ("48h", Period(seconds=172_800)),
        ("30min", Period(seconds=1_800)),
        ("20s", Period(seconds=20)),
    ],
)
def test_a_period_is_read_from_its_text_and_written_back(text: str, expected: Period) -> None:
    period = Period.parse(text)

    assert period == expected
    assert str(period) == text


@given(periods)
def test_every_period_survives_its_text(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["", "7", "d", "7 d", "7days", "1.5d", "+7d", "7m", "1y2mo", "７d", "7d\n"])
def test_a_bad_text_is_refused_with_the_allowed_units(text: str) -> None:
    with pytest.raises(ValueError, match=r"y \(years\), mo \(months\), d \(days\), wd \(working days\), h \(hours\)"):
        Period.parse(text)


def test_two_units_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="one unit only"):
        Period(months=1, days=3)


def test_one_length_has_one_spelling() -> None:
    assert str(Period.parse("60min")) == "1h"
    assert str(Period.parse("90min")) == "90min"
    assert str(Period.parse("0h")) == "0d"


@pytest.mark.parametrize(
    ("text", "label"),
    [("-2mo", "m-2"), ("-30d", "d-30"), ("3mo", "m3"), ("1y", "y1"), ("-7d", "d-7"), ("5wd", "wd5"), ("48h", "h48")],
)
def test_the_label_puts_the_unit_first(text: str, label: str) -> None:
    assert Period.parse(text).label == label


def test_only_days_and_less_have_a_fixed_length() -> None:
    assert Period.parse("3d").as_timedelta() == timedelta(days=3)
    assert Period.parse("-30min").as_timedelta() == timedelta(minutes=-30)
    for text in ("1mo", "1y", "1wd"):
        with pytest.raises(ValueError, match="no fixed length"):
            Period.parse(text).as_timedelta()


def test_only_hours_minutes_and_seconds_are_less_than_a_day() -> None:
    assert Period.parse("48h").is_subday
    assert not Period.parse("1d").is_subday
    assert not Period().is_subday


@given(periods)
def test_a_period_can_be_turned_round_and_is_true_unless_empty(period: Period) -> None:
    turned = -period

    assert -turned == period
    assert bool(period) == (period != Period())


def test_a_model_reads_a_period_from_yaml_text_and_dumps_it_as_text() -> None:
    rule = Rule.model_validate({"offset": "-2mo"})

    assert rule.offset == Period(months=-2)
    assert rule.model_dump() == {"offset": "-2mo"}
    assert rule.model_dump_json() == '{"offset":"-2mo"}'
    assert Rule.model_validate_json(rule.model_dump_json()) == rule
    assert Rule(offset=Period(days=1)).offset == Period(days=1)


@pytest.mark.parametrize("value", [7, None, "soon", 1.5, ["7d"]])
def test_a_model_refuses_what_is_no_period(value: Any) -> None:
    with pytest.raises(ValidationError, match="working days"):
        Rule.model_validate({"offset": value})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_json_schema_is_a_string_with_a_pattern(mode: Any) -> None:
    schema = TypeAdapter(Period).json_schema(mode=mode)

    assert schema["type"] == "string"
    assert schema["pattern"] == "^-?[0-9]+(y|mo|d|wd|h|min|s)$"
