"""Numbers of `stages/prospect.py`."""

from journey.domain.numbers.base import Duty, Numbers
from journey.domain.periods import Period


class ProspectNumbers(Numbers):
    """Numbers of `stages/prospect.py`. `stale_lead.within` counts from `stale_after`, the last contact's silence."""

    first_contact: Duty
    consent: Duty
    interaction_file: Duty
    follow_up: Duty
    follow_up_opens: Period
    stale_after: Period
    stale_lead: Duty
