"""Numbers of the handover stage and of the files beside it."""

from pydantic import Field

from journey.domain.numbers.base import Duty, Numbers, Text
from journey.domain.periods import Period


class LateHandoverNumbers(Numbers):
    """Numbers of `stages/late_handover.py`. `rescission.within` counts from the owner's demand."""

    case: Duty
    new_date: Duty
    letter: Duty
    answer_demand: Duty
    rescission: Duty
    lapses: Period
    lapses_demanded: Period
    penalty: Duty


class CancellationNumbers(Numbers):
    """Numbers of `stages/cancellation.py`."""

    refund: Duty
    filing: Duty
    mortgage: Duty
    keys: Duty


class HandoverNumbers(Numbers):
    """Numbers of `stages/handover.py` and of the two files beside it. Those before the day are negative."""

    notice: Text
    formal_notice: Duty
    formal_notice_latest: Period
    service_proof: Duty | None = None  # since 2026.3
    information: Text
    call: Duty
    reminder: Text
    co_owner_call: Duty
    visit: Duty
    find_contact: Duty
    fund: Text
    fund_check: Duty
    reception: Duty
    companion: Duty
    check_in: Duty
    snags: Duty
    refusal_review: Duty
    fix: Duty
    re_inspection: Duty
    rebook: Duty
    deemed_letter: Duty
    title: Duty
    title_follow_ups: tuple[Period, ...] = Field(min_length=1)
    title_follow_up: Duty
    title_overdue: Duty
    late: LateHandoverNumbers
    cancellation: CancellationNumbers
