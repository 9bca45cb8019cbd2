"""The seven stages, one readable file each; importing this package registers their rules.

prospect 潜在客户 → signing 认购签约 → pre-handover 交付前 → handover 交付 → fit-out 装修 → occupancy 入住 →
warranty end 保修期满
"""

from collections.abc import Callable

from journey.domain.facts import Facts
from journey.domain.shared import announcing, batch, emergencies, posting, project
from journey.domain.stages import (
    cancellation,
    complaint,
    fit_out,
    fit_out_end,
    fit_out_site,
    greetings,
    handover,
    late_handover,
    letter_addresses,
    next_contact,
    occupancy,
    open_days,
    owner_care,
    ownership,
    pre_handover,
    progress,
    promises,
    prospect,
    reach,
    repair,
    repair_route,
    repairs_of_the_record,
    returned_letters,
    signing,
    subscription,
    survey,
    title,
    unreachable,
    warranty_end,
)
from journey.domain.values import Stage

RULE_FILES = (
    prospect, signing, subscription, promises, pre_handover, progress, open_days,
    handover, unreachable, late_handover, title, cancellation,
    fit_out, fit_out_site, fit_out_end, occupancy, repair_route, greetings, owner_care, next_contact,
    warranty_end, ownership,
    repair, complaint, survey, repairs_of_the_record, reach, project, batch, announcing,
    returned_letters, letter_addresses, posting, emergencies,
)  # fmt: skip
# The furthest that was entered leads.
LEADING: tuple[tuple[Stage, Callable[[Facts], bool]], ...] = tuple(
    (stage.STAGE, stage.entered) for stage in (warranty_end, occupancy, handover, pre_handover, signing, prospect)
)


def leading_stage(j: Facts) -> Stage:
    """The stage shown: a later fact implies the earlier stages, whatever is missing before it."""
    return next(stage for stage, entered in LEADING if entered(j))
