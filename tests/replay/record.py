"""`python -m tests.replay.record RELEASE`: live a journey and keep the history of each of its runs for ever."""

import asyncio
import gzip
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from journey.store import schema
from journey.store.engine import Store
from starter.processes import leave
from tests.engine import engine
from tests.workflows.runs import SIGNED, histories

FOLDER = Path(__file__).parent / "histories"


async def record(release: str) -> None:
    """Signing, handover, two years with tasks left to escalate, and continue-as-new."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        schema.upgrade(url)
        with Store(url) as store:
            async with engine(store, Path(folder)) as home:
                journey = await home.start(facts=SIGNED)
                await home.move(days=3)
                await home.tell(journey, "handover.accepted", id="keys")
                for _ in range(3):
                    await home.move(days=300)
                await home.tell(journey, "suggestion.raised", id="word", text="好")
                kept = await histories(home, journey)
    for number, history in enumerate(kept, 1):
        (FOLDER / f"owner-journey-{release}-{number}.json.gz").write_bytes(
            gzip.compress(history.to_json().encode(), mtime=0)
        )


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
    leave(0)
