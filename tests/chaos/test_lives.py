"""Lives that count in seconds: no day may end under them, at whatever hour they run."""

from datetime import UTC, datetime

import pytest

from tests.chaos.lives import midday


@pytest.mark.parametrize("hour", range(24))
def test_the_homes_lie_where_it_is_noon(hour: int) -> None:
    now = datetime(2026, 11, 27, hour, 59, tzinfo=UTC)

    assert now.astimezone(midday(now)).hour == 12
