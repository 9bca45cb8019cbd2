"""Segments of owners: 准业主, 磨合期, 稳定期, 老业主, counted from the handover (C5, A002)."""

from datetime import timedelta

from journey.domain.facts import Facts
from journey.domain.numbers.occupancy import USUAL_SEGMENTS, SegmentNumbers
from journey.domain.values import Segment

DAY = timedelta(days=1)


def segment_of(j: Facts) -> Segment:
    """The owner's segment today; the journey is planned again when it changes."""
    home = j.at_home_since
    if home is None:
        return Segment.PROSPECTIVE
    numbers = segment_numbers(j)
    if not j.begun(j.day_of(j.shift(home.on, numbers.settling_in)) + DAY):
        return Segment.SETTLING_IN
    if not j.begun(j.day_of(j.shift(home.on, numbers.settled)) + DAY):
        return Segment.SETTLED
    return Segment.LONG_STANDING


def segment_numbers(j: Facts) -> SegmentNumbers:
    """The pack's, or for a pack older than them the usual ones."""
    return j.pack.occupancy.segments if j.pack.occupancy else USUAL_SEGMENTS
