"""Numbers of `shared/project.py`: what a project owes before its opening and after its completion."""

from pydantic import Field

from journey.domain.feasts import Feast
from journey.domain.numbers.base import Duty, Numbers
from journey.domain.periods import Period


class FestivalAtmosphere(Duty):
    """How the community is dressed before a feast; `within` is negative."""

    feasts: tuple[Feast, ...] = Field(min_length=1)


class LaterAssembly(Numbers):
    """A smaller share of the homes that calls for an owners' assembly too, so long after the first was handed over."""

    share: int = Field(strict=True, ge=1, le=100)
    after: Period


class ProjectNumbers(Numbers):
    """Numbers of a project. Checks before the opening are negative; shares are in percent of the homes."""

    site_quality: Duty
    service_handbook: Duty
    site_comfort: Duty
    disclosure: Duty
    promotion: Duty
    show_area: Duty
    display: Duty
    activity_evaluation: Duty
    milestone_due: Duty
    unit_acceptance: Duty | None = None
    completion_filing: Duty
    owners_assembly: Duty
    assembly_share: int = Field(strict=True, ge=1, le=100)
    assembly_later: LaterAssembly | None = None
    assembly_look: Period
    # Younger than the first release: see `NEWER_NUMBERS`.
    festival_atmosphere: FestivalAtmosphere | None = None

    @property
    def least_share(self) -> int:
        """The smallest share of homes that may call for an owners' assembly."""
        return min(self.assembly_share, self.assembly_later.share) if self.assembly_later else self.assembly_share
