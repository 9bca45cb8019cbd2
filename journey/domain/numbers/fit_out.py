"""Numbers of the fit-out stage: `stages/fit_out.py` and the two files beside it."""

from decimal import Decimal

from pydantic import Field

from journey.domain.numbers.base import Count, Duty, Hours, Numbers, Text, WholeDays
from journey.domain.periods import Period


class SiteCheck(Duty):
    """An inspection that every fit-out must have, told as `fit_out.inspected` of that `kind`."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9-]*$")


class FitOutNumbers(Numbers):
    """`permit` is how long one runs that names no end; each week of `inspection_every` wants `inspections`.

    A pack without `clarify_deposit` asks nothing about it.
    """

    lecture: Text
    tell_first: Text
    agreement: Duty
    review: Duty
    deposit: Duty
    deposit_amount: Decimal = Field(ge=0)
    permit: Period
    permit_told: Text
    work_hours: tuple[Hours, ...] = Field(min_length=1)
    services: Text
    permit_expiring: Text
    permit_expired: Duty
    inspections: Count
    inspection_every: WholeDays
    inspection: Duty
    mandatory_inspections: tuple[SiteCheck, ...]
    water_test_holds: Period
    stop_notice: Duty
    report_breach: Duty
    load_bearing: Duty
    completion_check: Duty
    recheck: Duty
    refund: Duty
    clarify_deposit: Duty | None = None
    warranty: Period
    warranty_waterproof: Period
    warranty_told: Text
    survey: Duty
