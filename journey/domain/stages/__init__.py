"""The seven stages, one readable file each; importing this package registers their rules.

prospect 潜在客户 → signing 认购签约 → pre-handover 交付前 → handover 交付 → fit-out 装修 → occupancy 入住 →
warranty end 保修期满
"""

from journey.domain.stages import repairs_of_the_record, signing, warranty_end

NAMES = tuple(module.__name__.rsplit(".", 1)[-1] for module in (signing, warranty_end, repairs_of_the_record))
