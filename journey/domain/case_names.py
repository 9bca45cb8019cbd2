"""Which case a fact is about: by the id of the report that opened it, or by the name its teller gave that report."""

from collections.abc import Mapping, Sequence
from typing import Final

from journey.domain.case_values import CaseKind
from journey.domain.events import Event

OPENINGS: Final[Mapping[str, CaseKind]] = {
    "defect.reported": CaseKind.REPAIR,
    "complaint.raised": CaseKind.COMPLAINT,
}


class CaseNames:
    """The cases that a set of events opens, by every name that they have."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._opened = [event for event in events if event.type in OPENINGS]
        self._ids = {event.id: event.id for event in self._opened}
        self._told = {(event.source, event.source_id): event.id for event in self._opened}
        for event in self._opened:  # other systems use the name as well; of two reports of one name the first has it
            self._ids.setdefault(event.source_id, event.id)

    def of(self, event: Event) -> str | None:
        """The case that an event is about; a step that names none is about the only case there is."""
        named = (event.about or {}).get("case")
        if named is not None:
            return self._told.get((event.source, str(named))) or self._ids.get(str(named))
        if event.type.startswith("case.") and len(self._opened) == 1:
            return self._opened[0].id
        return None

    def is_unknown(self, event: Event, known: frozenset[str]) -> bool:
        """Whether an event is about a case that nobody opened yet."""
        named = (event.about or {}).get("case")
        if named is None and not event.type.startswith("case."):
            return False
        return named not in known and self.of(event) is None
