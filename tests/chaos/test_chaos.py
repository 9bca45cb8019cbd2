"""Two hundred lives while worker, API and Temporal are killed: nothing missing, nothing twice, every doubt listed."""

from pathlib import Path

import pytest

from tests.chaos.check import faults
from tests.chaos.run import run

SEED = 20260627


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1200)
async def test_two_hundred_lives_survive_sigkill_without_a_loss_or_a_double(tmp_path: Path) -> None:
    outcome = await run(tmp_path / "home", seed=SEED)

    assert outcome.kills
    assert faults(outcome.books, outcome.told) == [], outcome.report()
