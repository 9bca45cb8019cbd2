"""`make chaos`: a longer run than the test's, with a report; --seed repeats one."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from starter.processes import leave
from tests.chaos.check import faults
from tests.chaos.run import SPREAD, run
from tests.chaos.town import NotQuiet

SHOWN = 40


def main() -> int:
    """Run, print the report; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=…", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--lives", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=240, help="how long parts are killed, at least")
    parser.add_argument("--home", type=Path, help="where store, outbox and logs stay; default: a temporary folder")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", help="URL of an empty PostgreSQL database; default: SQLite in the home")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    home = given.home or Path(tempfile.mkdtemp(prefix="owner-journey-chaos-"))
    spread = max((given.seconds - 60) / given.lives, SPREAD)
    living = run(
        home, seed=given.seed, lives=given.lives, fire=given.seconds, spread=spread,
        workers=given.workers, database=given.database,
    )  # fmt: skip
    try:
        outcome = asyncio.run(living)
    except NotQuiet as error:
        sys.stdout.write(f"{error}\nthe home of this run: {home}\n")
        return 1
    found = faults(outcome.books, outcome.told)
    sys.stdout.write(outcome.report() + "\n")
    for line in found[:SHOWN]:
        sys.stdout.write(f"WRONG {line}\n")
    sys.stdout.write(f"{len(found)} faults; the home of this run: {home}\n")
    return 1 if found else 0


if __name__ == "__main__":
    leave(main())
