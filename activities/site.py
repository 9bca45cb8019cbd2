"""What activities work with: the store, the shelf of packs, the Temporal they serve, the time of an attempt."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.measures import Measures
from journey.contracts.performing import Perform
from journey.domain.rules import RULES_NUMBER
from journey.ports import NoNotice, StaffNotice
from journey.store.breakers import Name
from journey.store.engine import Store
from journey.store.performing import Wanted
from journey.store.planning import By
from journey.store.shelf import Shelf

DAWN = datetime.min.replace(tzinfo=UTC)  # for commands that carry no `now`


@dataclass(slots=True)
class Site:
    """One worker's store and identity. `namespace_id` follows the server that answers, the rest stays."""

    store: Store
    shelf: Shelf
    namespace_id: str
    build: str = "dev"
    notice: StaffNotice = field(default_factory=NoNotice)
    ahead: timedelta = timedelta(0)  # of the server's clock: the time-skipping server cannot begin in another year
    rules: int = RULES_NUMBER  # what this build's rules are known by: higher is newer
    measures: Measures = field(default_factory=Measures)
    passed: "Counter[Name]" = field(default_factory=Counter)  # what went well since a breaker last heard of it

    @property
    def planner(self) -> By:
        """Who plans here."""
        return By(self.shelf, self.namespace_id, self.build, self.rules)


def decided_at(now: datetime, site: Site) -> datetime:
    """The instant an attempt decides by: the server's start of it, never before the workflow's own `now`."""
    return max(activity.info().started_time.astimezone(UTC), now) + site.ahead


def wanted(command: Perform, site: Site) -> Wanted:
    """The command as the store's moves take it."""
    return Wanted(
        command.journey, command.key, command.due, command.seen, decided_at(command.now, site), site.namespace_id
    )
