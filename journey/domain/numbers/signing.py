"""Numbers of `stages/signing.py` and of the files beside it."""

from journey.domain.numbers.base import Duty, Numbers, Text
from journey.domain.periods import Period


class FreeCancellation(Numbers):
    """The days in which a buyer may cancel the subscription without giving a reason, where that is `offered`."""

    offered: bool
    within: Period
    notice: Text


class SigningNumbers(Numbers):
    """Numbers of `stages/signing.py`, `subscription.py` and `promises.py`.

    None: a version published before the number was known; its rule asks for nothing. `group_survey.within` counts from
    the end of the month of the deal.
    """

    keeper_welcome: Text
    keeper_contact: Duty
    read_contract: Text
    service_callback: Duty
    filing: Duty
    interaction_file: Duty | None = None
    contract_read: Duty | None = None
    sign_contract: Duty | None = None
    visit: Duty | None = None
    survey: Duty | None = None
    group_survey: Duty | None = None
    free_cancellation: FreeCancellation | None = None
    deposit: Duty | None = None
    promise: Duty | None = None
    promise_breach: Duty | None = None
