"""Numbers of `stages/reach.py`, and the words by which an owner's answer is read."""

from pydantic import Field

from journey.domain.numbers.base import Duty, Numbers
from journey.domain.periods import Period


class ContactNumbers(Numbers):
    """Words are compared without case, width and marks, in answers of so many characters `within`.

    `acknowledged`: an answer of nothing but such words needs none of ours. `verified_first`: a number that follows an
    invalid one waits until somebody has verified it. `retry_after`: when a message goes again by the same way, where
    that may help.
    """

    wrong_person: tuple[str, ...] = Field(min_length=1)
    wrong_person_within: int = Field(strict=True, ge=1)
    acknowledged: tuple[str, ...] = ()
    opt_out: tuple[str, ...] = Field(min_length=1)
    opt_out_within: int = Field(strict=True, ge=1)
    verified_first: bool
    retry_after: Period
    verify: Duty
    answer: Duty
