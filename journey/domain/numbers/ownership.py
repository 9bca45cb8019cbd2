"""Numbers of `stages/ownership.py`."""

from journey.domain.numbers.base import Duty, Numbers, Text


class OwnershipNumbers(Numbers):
    """Numbers of `stages/ownership.py`."""

    welcome: Text
    ambassador: Duty
    registration: Duty
    double_sale: Duty
