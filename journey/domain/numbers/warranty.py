"""Numbers of `stages/warranty_end.py` and of the ledger."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from journey.domain.numbers.base import Duty, MonthDay, Numbers
from journey.domain.periods import Period


class CoverTerm(Numbers):
    """The two clocks of one component (C4): `owner` from hand-over, `contractor` from completion acceptance.

    `seasons` counts full heating and cooling seasons in place of `owner`; null = by contract, not known here.
    """

    component: str
    owner: Period | None
    owner_from: Literal["handover", "completion"]
    contractor: Period | None
    seasons: Annotated[int, Field(strict=True, ge=1)] | None
    design_life: bool


class WarrantyNumbers(Numbers):
    """Numbers of `stages/warranty_end.py` and of the ledger.

    `restart_on_repair`: the term of a repaired component begins anew with the acceptance of its repair.
    """

    components: Annotated[tuple[CoverTerm, ...], AfterValidator(lambda terms: _unique(terms))]
    season_from: MonthDay
    season_to: MonthDay
    notices: tuple[Period, ...] = Field(min_length=1)
    silent_only: tuple[Period, ...]
    notice_window: Period
    ending_within: Period
    joint_check: Duty
    joint_check_before: Period
    rectification: Duty
    ledger: Duty
    restart_on_repair: bool = False

    @model_validator(mode="after")
    def _silent_are_notices(self) -> "WarrantyNumbers":
        strangers = [str(rung) for rung in self.silent_only if rung not in self.notices]
        if strangers:
            raise ValueError(f"silent_only names {', '.join(strangers)}, which notices does not")
        return self


def _unique(terms: tuple[CoverTerm, ...]) -> tuple[CoverTerm, ...]:
    names = [term.component for term in terms]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"components named twice: {', '.join(sorted(twice))}")
    return terms
