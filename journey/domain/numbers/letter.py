"""Numbers of letters that came back, and of notices posted in buildings."""

from journey.domain.numbers.base import Duty, Numbers
from journey.domain.periods import Period


class LetterNumbers(Numbers):
    """`returned` counts from the day a letter came back, `find_address` from when one was due that nobody can send off.

    Those before the day are negative.

    `handover_posting` counts from the first day of the window, `warranty_posting` from the first end of cover in the
    building; that one is asked for `warranty_posting_ahead` before its day.
    """

    returned: Duty
    handover_posting: Duty
    warranty_posting: Duty
    warranty_posting_ahead: Period
    emergency_posting: Duty
    find_address: Duty | None = None
