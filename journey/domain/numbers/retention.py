"""Numbers of how long what we know of a person is kept (C8; PIPL art. 19: the shortest time that is needed)."""

from journey.domain.numbers.base import Numbers
from journey.domain.periods import Period


class RetentionNumbers(Numbers):
    """From the end of a lost lead, of a cancelled contract, of an ownership; `consent_evidence` from the same end."""

    lost_lead: Period
    cancelled: Period
    owner: Period
    consent_evidence: Period
