"""Lives while worker, API and Temporal are killed: nothing missing, nothing twice, every doubt listed.

`make chaos` runs hundreds; here are as many as leave time for the other suites.
"""

from pathlib import Path

import pytest

from tests.chaos.check import faults
from tests.chaos.run import run

SEED = 20260627
LIVES = 30


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1200)
async def test_lives_survive_sigkill_without_a_loss_or_a_double(tmp_path: Path) -> None:
    outcome = await run(tmp_path / "home", seed=SEED, lives=LIVES, fire=30)

    assert outcome.kills
    assert faults(outcome.books, outcome.told) == [], outcome.report()
