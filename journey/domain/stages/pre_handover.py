"""Pre-handover 签约后交付前: from the contract to the served handover notice.

Entry: `contract.signed`, or its filing. Exit: `handover.notice_served`. No rule asks for anything here yet.
"""

from journey.domain.facts import Facts
from journey.domain.values import Stage

STAGE = Stage.PRE_HANDOVER


def entered(j: Facts) -> bool:
    """The contract is signed, or filed, which implies it."""
    return j.contract is not None or j.filed is not None
