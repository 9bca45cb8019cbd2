from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from journey.store.engine import Store
from journey.sweeper import Sweeper
from starter.simulate import driver
from starter.simulate.driver import Driver
from starter.simulate.pending import stale


@dataclass
class Agendas:
    """A store and a sweeper in one: what is poked is planned with the next sweep; `later` become stale after it."""

    waiting: list[str]
    later: list[str]
    poked: list[str] = field(default_factory=list)

    async def read(self, wanted: Callable[..., Any]) -> list[str]:
        return list(self.waiting) if wanted is stale else []

    async def write(self, _mark: Callable[..., Any], agenda: str, _now: object) -> None:
        self.poked.append(agenda)

    async def sweep(self) -> bool:
        planned = [agenda for agenda in self.waiting if agenda in self.poked]
        self.waiting = [agenda for agenda in self.waiting if agenda not in planned]
        if planned:
            self.waiting += self.later
            self.later = []
        return bool(planned)


async def swept(agendas: Agendas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "QUIET", timedelta(seconds=0.2 * driver.ROUNDS))
    nobody = cast(Any, None)
    store, sweeper = cast(Store, agendas), cast(Sweeper, agendas)
    await Driver(nobody, nobody, nobody, nobody, store, sweeper)._sweep()


async def test_what_becomes_stale_while_others_are_planned_is_planned_too(monkeypatch: pytest.MonkeyPatch) -> None:
    agendas = Agendas(waiting=["jrn_1"], later=["bat_1"])

    await swept(agendas, monkeypatch)

    assert (agendas.waiting, agendas.poked) == ([], ["jrn_1", "bat_1"])


@pytest.mark.slow
async def test_what_is_never_planned_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    agendas = Agendas(waiting=["jrn_1"], later=[])
    monkeypatch.setattr(agendas, "sweep", _nothing)

    with pytest.raises(TimeoutError, match="jrn_1"):
        await swept(agendas, monkeypatch)

    assert agendas.poked == ["jrn_1"] * driver.ROUNDS


async def _nothing() -> bool:
    return False
