"""Two hundred lives while workers, API and Temporal are killed: nothing missing, nothing twice, every doubt listed.

Real processes and SIGKILL; `make chaos` does the same for longer, with a seed of its own.
"""

from pathlib import Path

import pytest

from tests.chaos.check import faults
from tests.chaos.run import run

SEED = 20260627
LIVES = 200


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1800)
async def test_two_hundred_lives_survive_sigkill_without_a_loss_or_a_double(tmp_path: Path) -> None:
    outcome = await run(tmp_path / "home", seed=SEED, lives=LIVES, fire=90)

    assert outcome.kills
    assert faults(outcome.books, outcome.told) == [], outcome.report()


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.postgres
@pytest.mark.timeout(1800)
async def test_two_hundred_lives_survive_it_with_four_workers_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    outcome = await run(tmp_path / "home", seed=SEED, lives=LIVES, fire=60, workers=4, database=postgres_url)

    assert sum(outcome.kills[f"worker-{number}"] for number in range(1, 5)) > 1
    assert faults(outcome.books, outcome.told) == [], outcome.report()
