"""Handover 交付: from the served notice to the keys.

Entry: `handover.notice_served`. Exit: `handover.accepted`, `.conditional` or `.deemed`.
No rule asks for anything here yet; the outcome starts the owner's warranty clocks (`journey/domain/warranty.py`).
"""

from journey.domain.facts import Facts
from journey.domain.values import Stage

STAGE = Stage.HANDOVER


def entered(j: Facts) -> bool:
    """The notice is proved delivered, or an outcome without keys was told, which implies it."""
    return j.notice_served is not None or j.first("handover.refused", "handover.no_show") is not None
