"""A broadcast whose workers are killed at random moments: nobody is contacted twice, every doubt is listed.

Real processes and SIGKILL, a provider in a process of its own; `python -m tests.chaos.casting` does it for 10,000.
"""

from pathlib import Path

import pytest

from tests.chaos.casting import cast

SEED = 20260925
RECIPIENTS = 400


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(900)
@pytest.mark.parametrize("takes_keys", [True, False], ids=["honours keys", "ignores keys"])
async def test_a_broadcast_under_sigkill_contacts_nobody_twice(tmp_path: Path, takes_keys: bool) -> None:
    outcome = await cast(tmp_path / "home", seed=SEED, recipients=RECIPIENTS, takes_keys=takes_keys, kills=3)

    assert outcome.kills
    assert list(outcome.faults()) == [], outcome.report()
