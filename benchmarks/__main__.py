"""`make bench`: measure everything, or what is named, and print a table; `--write` puts it into docs/benchmarks.md."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import (
    adopt,
    batches,
    broadcast,
    lives,
    memory,
    outage,
    planning,
    preview,
    project,
    rates,
    sizes,
    startup,
    told,
)
from benchmarks.rig import Figure, commit, machine
from journey.domain.values import MessageClass
from journey.observability import configure
from journey.settings import Settings
from starter.processes import leave

BENCHMARKS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "startup": startup.measure,
    "planning": planning.measure,
    "lives": lives.measure,
    "rates": rates.measure,
    "told": told.measure,
    "batches": batches.measure,
    "preview": preview.measure,
    "broadcast": broadcast.measure,
    "outage": outage.measure,
    "memory": memory.measure,
    "adopt": adopt.measure,
    "sizes": sizes.measure,
    "project": project.measure,
}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = ("| what | measured | target | day, commit |", "|---|---|---|---|")
START, END = "<!-- measured -->", "<!-- /measured -->"


async def _measure(chosen: Sequence[Callable[[], Awaitable[list[Figure]]]]) -> list[str]:
    rows = []
    for measure in chosen:
        for figure in await measure():
            rows.append(f"| {figure.name} | {figure.value} | {figure.target} | {commit()} |")
            sys.stderr.write(rows[-1] + "\n")
    return rows


def merged(page: str, rows: Sequence[str], where: str) -> str:
    """The page with these rows in the place of those that say the same, else below the others."""
    before, _, rest = page.partition(START)
    table, _, after = rest.partition(END)
    new = {_what(row): row for row in rows}
    kept = [row for row in table.splitlines() if row.startswith("| ") and row not in HEAD]
    standing = [new.pop(_what(row), row) for row in kept]
    lines = [f"Measured on {where}.", "", *HEAD, *standing, *new.values()]
    return before + START + "\n" + "\n".join(lines) + "\n" + END + after


def _what(row: str) -> str:
    return row.split("|")[1].strip()


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all of them without one")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    parser.add_argument(
        "--class", dest="message_class", type=MessageClass, choices=broadcast.CLASSES, default=broadcast.CLASSES[0],
        help="of the messages of broadcast; default: emergency",
    )  # fmt: skip
    return parser.parse_args(words)


def main() -> int:
    """Exit code 2 for a name that is no benchmark."""
    asked = _read(sys.argv[1:])
    names = asked.names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    configure(Settings().model_copy(update={"log_level": "WARNING"}))
    known = BENCHMARKS | {"broadcast": partial(broadcast.measure, asked.message_class)}
    rows = asyncio.run(_measure([known[name] for name in names]))
    sys.stdout.write("\n".join([*HEAD, *rows]) + "\n")
    if asked.write:
        PAGE.write_text(merged(PAGE.read_text(encoding="utf-8"), rows, machine()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    leave(main())
