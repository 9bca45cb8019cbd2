"""The lives of a simulation as the page draws them, read from its store before that goes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from journey.store.engine import Store
from journey.store.lives import lives_view
from journey.store.shelf import Shelf
from starter.simulate.policies import read_pack
from starter.simulate.scenario import Scenario


@dataclass(slots=True)
class Lives:
    """Every life of a scenario as of its end, once it was looked at."""

    scenario: Scenario
    found: list[dict[str, Any]] = field(default_factory=list)

    async def look(self, client: Client, store: Store, ahead: timedelta) -> None:
        """Read them page by page."""
        code, until, shelf = self.scenario.project.code, self.scenario.until, Shelf(read_pack)
        cursor: str | None = None
        while True:
            page = await store.read(lives_view, code, until, shelf=shelf, cursor=cursor)
            self.found += page.data
            cursor = page.next_cursor
            if cursor is None:
                return
