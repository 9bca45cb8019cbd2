"""Numbers of `stages/pre_handover.py` and `stages/open_days.py`."""

from journey.domain.numbers.base import Duty, Numbers, Text
from journey.domain.periods import Period


class OpenDayNumbers(Numbers):
    """Numbers of `stages/open_days.py`. Those before a session are negative.

    `rsvp_close` is until when names are put down: for whoever keeps the list, no rule of a journey reads it.
    """

    follow_up: Duty
    reminder: Text
    survey: Duty
    finding: Duty
    rebook: Duty
    rsvp_close: Period | None = None


class PreHandoverNumbers(Numbers):
    """Numbers of `stages/pre_handover.py` and `stages/open_days.py`."""

    property_welcome: Text
    customer_file: Duty
    sensitive_file: Duty
    club_invitation: Text
    member_card: Duty
    change_request: Duty
    open_day: OpenDayNumbers
