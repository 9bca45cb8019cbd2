"""`make bench`: measure everything, or what is named, and print a table; `--write` puts it into docs/benchmarks.md."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import adopt, batches, lives, memory, planning, rates, sizes
from benchmarks.rig import Figure, machine
from journey.observability import configure
from journey.settings import Settings
from starter.processes import leave

BENCHMARKS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "planning": planning.measure,
    "lives": lives.measure,
    "rates": rates.measure,
    "batches": batches.measure,
    "memory": memory.measure,
    "adopt": adopt.measure,
    "sizes": sizes.measure,
}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
START, END = "<!-- measured -->", "<!-- /measured -->"


async def _measure(names: list[str]) -> str:
    rows = ["| what | measured | target |", "|---|---|---|"]
    for name in names:
        for figure in await BENCHMARKS[name]():
            rows.append(f"| {figure.name} | {figure.value} | {figure.target} |")
            sys.stderr.write(rows[-1] + "\n")
    return "\n".join([f"Measured {machine()}.", "", *rows])


def main() -> int:
    """Exit code 2 for a name that is no benchmark."""
    names = [name for name in sys.argv[1:] if not name.startswith("--")] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    configure(Settings().model_copy(update={"log_level": "WARNING"}))
    table = asyncio.run(_measure(names))
    sys.stdout.write(table + "\n")
    if "--write" in sys.argv:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        PAGE.write_text(before + START + "\n" + table + "\n" + END + rest.partition(END)[2], encoding="utf-8")
    return 0


if __name__ == "__main__":
    leave(main())
