"""Numbers of the occupancy stage: `stages/occupancy.py` and the files beside it."""

from typing import Annotated, Literal

from pydantic import Field

from journey.domain.numbers.base import Count, Duty, Numbers, Text, WholeDays
from journey.domain.periods import Period
from journey.domain.values import Role, Segment

Name = Annotated[str, Field(min_length=1, max_length=60)]


class FocusNumbers(Numbers):
    """What owners of each segment care for most."""

    settling_in: tuple[Name, ...]
    settled: tuple[Name, ...]
    long_standing: tuple[Name, ...]

    def of(self, segment: Segment) -> tuple[Name, ...]:
        """The focus of a segment; none before the handover."""
        found: tuple[Name, ...] = getattr(self, segment.value.replace("-", "_"), ())
        return found


class SegmentNumbers(Numbers):
    """Until when after the handover an owner counts as settling in and as settled, and what each segment cares for."""

    settling_in: Period
    settled: Period
    focus: FocusNumbers


# For packs that were published before the section: the journeys under them have segments too.
USUAL_SEGMENTS = SegmentNumbers(
    settling_in=Period(months=12),
    settled=Period(months=24),
    focus=FocusNumbers(settling_in=(), settled=(), long_standing=()),
)


class HomeVisits(Numbers):
    """How many homes of a batch are visited: a share of them, and a most; each opens so long before its due."""

    percent: int = Field(strict=True, ge=0, le=100)
    most: Count
    opens: Period


class Takeover(Duty):
    """When a home goes over to the property company; `at_warranty_end`: with its last warranty item, whatever `within`.

    `on_time_percent` over `months` is what must have been reached.
    """

    at_warranty_end: bool
    on_time_percent: int = Field(strict=True, ge=0, le=100)
    months: Count


class Gift(Duty):
    """A gift before a public holiday, by the name that the calendar has for it; `within` is negative."""

    feast: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    holiday: Name


class TagCare(Duty):
    """What owners with one of these tags get again and again; `within` is not counted, `every` is.

    `next_contact` is to be known of them, and told after each time under `inform`.
    """

    care: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    tags: tuple[Name, ...] = Field(min_length=1)
    every: WholeDays
    kind: Literal["call", "visit", "task"]
    next_contact: Duty | None = None
    inform: Duty | None = None


class OccupancyNumbers(Numbers):
    """`licence_papers` is for packs of business premises; null asks for none."""

    segments: SegmentNumbers
    ambassador: Duty
    repair_route: Text
    repair_route_posts: tuple[Role, ...] = Field(min_length=1)
    property_fee: Text
    moving_services: Text
    move_in_survey: Duty
    residents: Duty
    home_visit: Duty
    home_visits: HomeVisits
    property_takeover: Takeover
    licence_papers: Duty | None
    suggestion_received: Text
    suggestion: Duty
    moved_in_greeting: Text
    birthday: Text
    anniversary: Text
    gifts: tuple[Gift, ...]
    tag_care: tuple[TagCare, ...]
