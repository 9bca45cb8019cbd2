"""Every type of event that may be told: one registry of names, labels, targets, data models and personal fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from journey.domain.event_types import cases, contact, handover, living, operators, people, project, sale
from journey.domain.event_types.base import EventType, Target, personal_paths

__all__ = ["EVENT_TYPES", "PERSONAL_FIELDS", "EventType", "Target"]

EVENT_TYPES: Final[Mapping[str, EventType]] = MappingProxyType(
    {
        each.name: each
        for group in (sale, project, handover, living, cases, people, operators, contact)
        for each in group.TYPES
    }
)
# type: paths inside `data` that say something about a person, such as `notes` or `owners.*.name`
PERSONAL_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: personal_paths(each.data) for name, each in EVENT_TYPES.items()}
)
