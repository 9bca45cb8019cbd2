"""When what we know of a person goes: after the last of his lives with us, unless something needs it (C8; PIPL 19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from journey.domain.calendar import WorkCalendar, add
from journey.domain.numbers.retention import RetentionNumbers
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.values import JourneyStatus

LIVING: Final = Reason("kept-living")
OPEN_WORK: Final = Reason("kept-open-work")
HELD: Final = Reason("kept-held")
UNRULED: Final = Reason("kept-unruled")


@dataclass(frozen=True, slots=True)
class Life:
    """One home or purchase of a person: how it ended, when (None: he has it), and whether work for it is still open."""

    status: JourneyStatus
    ended_on: date | None
    open_work: bool
    numbers: RetentionNumbers | None
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True)
class Standing:
    """From which days on a person and the proofs of his consents are to go, or what keeps him whatever the day."""

    due: date | None = None
    evidence_due: date | None = None
    kept: Reason | None = None

    def keeps(self, today: date) -> Reason | None:
        """Why he is kept today; None when he is to go."""
        if self.kept is None and self.due is not None and today < self.due:
            return Reason("kept-until", {"until": self.due.isoformat()})
        return self.kept


def standing_of(lives: Sequence[Life], *, held: bool) -> Standing:
    """How a person stands who had these lives; `held` by a hold that nobody released."""
    if not lives or any(life.ended_on is None for life in lives):
        return Standing(kept=LIVING)
    if any(life.open_work for life in lives):
        return Standing(kept=OPEN_WORK)
    if held:
        return Standing(kept=HELD)
    days, evidence = [], []
    for life in lives:
        if life.numbers is None or life.ended_on is None:
            return Standing(kept=UNRULED)
        days.append(add(life.ended_on, _period(life, life.numbers), life.calendar))
        evidence.append(add(life.ended_on, life.numbers.consent_evidence, life.calendar))
    return Standing(max(days), max(*days, *evidence))


def _period(life: Life, n: RetentionNumbers) -> Period:
    periods: Mapping[JourneyStatus, Period] = {
        JourneyStatus.LOST: n.lost_lead,
        JourneyStatus.CANCELLED: n.cancelled,
    }
    return periods.get(life.status, n.owner)
