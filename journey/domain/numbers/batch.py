"""Numbers of `shared/batch.py`: getting a handover batch ready."""

from pydantic import Field

from journey.domain.numbers.base import Count, Duty, Numbers
from journey.domain.periods import Period


class WeeklyMeeting(Duty):
    """A meeting in every week from `begins` before the handover; `within` counts from the week's Monday."""

    begins: Period


class BatchNumbers(Numbers):
    """Numbers of a handover batch. Those before its first day are negative.

    `gate_required`: the handover notices wait for the gate even when nobody ever tells of one. Switched off, only a
    gate that failed holds them.
    """

    gate_required: bool
    conditions: tuple[str, ...] = Field(min_length=1)
    condition: Duty
    ready: Duty
    open_snags_per_unit: Count
    reserve: Period
    reserve_short: Duty
    window: Duty
    quality_group: Duty
    pre_inspections: tuple[Period, ...] = Field(min_length=1)
    pre_inspection: Duty
    snag_closure: Duty
    emergency_plan: Duty
    display: Duty
    lessons_learned: Duty
    open_day_first: Duty
    open_day_second: Duty
    open_day_third: Duty
    # Younger than the first release: see `NEWER_NUMBERS`.
    site_specialist: Duty | None = None
    weekly_meeting: WeeklyMeeting | None = None
