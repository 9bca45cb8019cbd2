"""A fact somebody told us, as it is stored and folded."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from journey.domain.clocks import local_date
from journey.domain.quick import quick_dataclass


@quick_dataclass(frozen=True)
class Event:
    """One fact. `source_id` is the teller's id, `id` ours; `person` is the owner's ref at the door, then our id."""

    id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    source: str
    source_id: str
    person: str | None = None
    about: Mapping[str, Any] | None = None
    scope: Mapping[str, str] | None = None

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The place of the event in the fold."""
        return self.occurred_at, self.recorded_at, self.id

    def on(self, zone: str) -> date:
        """Return the civil date that rules anchor on: `data.on`, else the local day of `occurred_at`."""
        return self.read_date("on") or local_date(self.occurred_at, zone)

    def read_instant(self, field: str) -> datetime | None:
        """Return an instant of `data`; None where it is missing, naive or does not read."""
        value = self.data.get(field)
        if not isinstance(value, str):
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return None
        return instant if instant.tzinfo else None

    def read_date(self, field: str) -> date | None:
        """Return a date of `data`; None where it is missing or does not read (old rows were checked by old doors)."""
        value = self.data.get(field)
        if not isinstance(value, str):
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
