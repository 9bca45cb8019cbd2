"""`make chaos`: a longer run than the test's, with a report; --seed repeats one."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from starter.processes import leave
from tests.chaos.check import faults
from tests.chaos.run import SPREAD, run
from tests.chaos.town import NotQuiet
from tests.databases import database, postgres_server

SHOWN = 40


def main() -> int:
    """Run, print the report; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=…", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--lives", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=240, help="how long parts are killed, at least")
    parser.add_argument("--home", type=Path, help="where store, outbox and logs stay; default: a temporary folder")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--postgres", action="store_true", help="the store on a private PostgreSQL, or on TEST_PG_URL")
    parser.add_argument("--zone", type=ZoneInfo, help="the homes' time zone; default: one in which it is about noon")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    home = given.home or Path(tempfile.mkdtemp(prefix="owner-journey-chaos-"))
    spread = max((given.seconds - 60) / given.lives, SPREAD)
    try:
        with _database(given.postgres) as url:
            outcome = asyncio.run(
                run(
                    home, seed=given.seed, lives=given.lives, fire=given.seconds, spread=spread,
                    workers=given.workers, database=url, zone=given.zone,
                )
            )  # fmt: skip
    except NotQuiet as error:
        sys.stdout.write(f"{error}\nthe home of this run: {home}\n")
        return 1
    found = faults(outcome.books, outcome.told)
    sys.stdout.write(outcome.report() + "\n")
    for line in found[:SHOWN]:
        sys.stdout.write(f"WRONG {line}\n")
    sys.stdout.write(f"{len(found)} faults; the home of this run: {home}\n")
    return 1 if found else 0


@contextmanager
def _database(postgres: bool) -> Iterator[str | None]:
    """The URL of an empty database, None for SQLite in the home."""
    if not postgres:
        yield None
        return
    with postgres_server() as server, database(server) as url:
        yield url


if __name__ == "__main__":
    leave(main())
