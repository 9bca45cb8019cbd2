"""Fit-out 装修: optional, repeatable, beside occupancy; it shows as a flag, never as the leading stage.

Entry: `fit_out.applied`. Exit: `fit_out.accepted` and the deposit refunded. No rule asks for anything here yet.
"""

from journey.domain.facts import Facts
from journey.domain.values import Stage

STAGE = Stage.FIT_OUT


def under_way(j: Facts) -> bool:
    """An application without its acceptance and refund."""
    refunded = len(j.all("fit_out.deposit_refunded"))
    return len(j.all("fit_out.applied")) > min(len(j.all("fit_out.accepted")), refunded)
