"""The seven stages, one readable file each; importing this package registers their rules.

prospect 潜在客户 → signing 认购签约 → pre-handover 交付前 → handover 交付 → fit-out 装修 → occupancy 入住 →
warranty end 保修期满
"""

from collections.abc import Callable

from journey.domain.facts import Facts
from journey.domain.stages import (
    cancellation,
    handover,
    late_handover,
    occupancy,
    pre_handover,
    prospect,
    repairs_of_the_record,
    signing,
    title,
    unreachable,
    warranty_end,
)
from journey.domain.values import Stage

RULE_FILES = (
    signing, handover, unreachable, late_handover, title, cancellation, warranty_end, repairs_of_the_record
)  # fmt: skip
# The furthest that was entered leads.
LEADING: tuple[tuple[Stage, Callable[[Facts], bool]], ...] = tuple(
    (stage.STAGE, stage.entered) for stage in (warranty_end, occupancy, handover, pre_handover, signing, prospect)
)


def leading_stage(j: Facts) -> Stage:
    """The stage shown: a later fact implies the earlier stages, whatever is missing before it."""
    return next(stage for stage, entered in LEADING if entered(j))
