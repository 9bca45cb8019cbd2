"""Prospect 潜在客户: somebody who asked about a home.

Entry: `lead.registered`. Exit: `subscription.signed` 认购, or lost (`lead.lost`). No rule asks for anything here yet.
"""

from journey.domain.facts import Facts
from journey.domain.values import Stage

STAGE = Stage.PROSPECT


def entered(j: Facts) -> bool:
    """Every journey begins here."""
    return True
