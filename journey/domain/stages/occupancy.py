"""Occupancy 入住: from the keys until the last finite warranty item has ended and nothing is open.

Entry: `handover.accepted`, `.conditional` or `.deemed`. Exit: `aftercare`. No rule asks for anything here yet.
"""

from journey.domain.facts import Facts
from journey.domain.values import Stage

STAGE = Stage.OCCUPANCY


def entered(j: Facts) -> bool:
    """The home is in the owner's hands."""
    return j.keys is not None
