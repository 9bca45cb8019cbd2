"""Lives a scenario and holds the planner's forecast of an instant on the way against what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client

from journey.store.engine import Store
from starter.simulate.comparing import Comparison, Ledger, compare
from starter.simulate.driver import simulate
from starter.simulate.ledgers import read_ledgers
from starter.simulate.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Lived:
    """The ledgers of the end by id, and the forecast beside them."""

    ledgers: Mapping[str, Ledger]
    comparison: Comparison

    @property
    def items(self) -> int:
        """How many items there are in all."""
        return sum(len(ledger.items) for ledger in self.ledgers.values())


async def foresee(scenario: Scenario, at: datetime, *, url: str | None = None) -> Lived:
    """Live a scenario once, with the forecast kept as it stood `at`; `url` as for `simulate`."""
    code = scenario.project.code
    foreseen: dict[str, Ledger] = {}
    ledgers: dict[str, Ledger] = {}

    async def midway(store: Store) -> None:
        foreseen.update(await store.read(read_ledgers, code))

    async def end(_client: Client, store: Store, _ahead: timedelta) -> None:
        ledgers.update(await store.read(read_ledgers, code))

    await simulate(scenario, midway=(at, midway), look=end, url=url)
    return Lived(ledgers, compare(foreseen, ledgers, at=at, until=scenario.until))
