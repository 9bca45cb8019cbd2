"""Previews of a change over many homes: planned page by page, in several processes when they are many."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import Any, Final

from journey.domain.impact import EXAMPLES, Group, Impact, Tally
from journey.domain.rules import title
from journey.store.engine import Store
from journey.store.previewing import Change, changed_homes
from journey.store.queries import shown
from journey.store.shelf import ReadPack, Shelf

PAGE: Final = 50
MANY: Final = 1000  # homes from which on the start of other processes is worth its second
MOST_PROCESSES: Final = 4


async def measure(store: Store, shelf: Shelf, names: Sequence[str], change: Change, now: datetime) -> Impact:
    """What a change does to these journeys; nothing is written."""
    if len(names) >= MANY:
        return await asyncio.to_thread(_in_processes, store.url, shelf.read_pack, names, change, now)
    impact = Impact()
    for page in _pages(names):
        impact.merge(await store.read(changed_homes, page, change, now, shelf=shelf))
    return impact


def together(
    count: Callable[[Sequence[Any]], Impact], pages: Sequence[Sequence[Any]], begin: Any, *args: Any
) -> Impact:
    """The impacts of all pages, counted by processes that each `begin` with the arguments once.

    They are spawned: whoever asks has threads, which a fork would lose with the locks they hold.
    """
    impact = Impact()
    processes = min(MOST_PROCESSES, os.cpu_count() or 1, len(pages))
    with ProcessPoolExecutor(processes, get_context("spawn"), begin, args) as pool:
        for part in pool.map(count, pages):
            impact.merge(part)
    return impact


def impact_document(impact: Impact, zone: str, lang: str) -> dict[str, Any]:
    """An impact as it is shown."""
    leaving = _leaving(impact, zone, lang)
    return {
        "homes": impact.homes,
        "moved_homes": impact.moved_homes,
        "poked_earlier": impact.poked,
        "poked_homes": impact.poked_homes,
        "items": _tallies(impact.items, "what", zone, lang),
        "missed": sum(tally.count for (_, _, what), tally in impact.items.items() if what == "missed"),
        "posts": [{"role": role, "items": count} for role, count in sorted(impact.posts.items())],
        "again": _tallies(impact.again, "how", zone, lang),
        "at_once": _tallies(impact.at_once, "what", zone, lang),
        "leaving": leaving,
        "examples": [
            {
                "unit": one.unit, "journey": one.journey, "key": one.moved.key, "what": one.what,
                "was": shown(one.moved.was, zone), "due": shown(one.moved.due, zone),
            }
            for _, one in sorted(impact.examples.items())[:EXAMPLES]
        ],
    }  # fmt: skip


def _leaving(impact: Impact, zone: str, lang: str) -> list[dict[str, Any]]:
    """By day, kind, channel or post, and rule."""
    days: Counter[tuple[str, str, str, str, str]] = Counter()
    for leaves, count in impact.leaving.items():
        day = (shown(leaves.at, zone) or "")[:10]
        days[day, leaves.kind, leaves.channel or "", leaves.role or "", leaves.rule] += count
    return [
        {"day": day, "kind": kind, "channel": channel or None, "role": role or None, "rule": rule,
         "title": title(rule, lang), "count": count}
        for (day, kind, channel, role, rule), count in sorted(days.items())
    ]  # fmt: skip


def _tallies(tallies: Mapping[Group, Tally], third: str, zone: str, lang: str) -> list[dict[str, Any]]:
    return [
        {"rule": rule, "title": title(rule, lang), "kind": kind, third: what, **_ends(tally, zone)}
        for (rule, kind, what), tally in sorted(tallies.items())
    ]


def _ends(tally: Tally, zone: str) -> dict[str, Any]:
    ends = {"was": tally.was, "due": tally.due}
    found = {
        f"{name}_{which}": shown(pair[at], zone)
        for name, pair in ends.items()
        if pair
        for at, which in enumerate(("first", "last"))
    }
    return {"count": tally.count, **found}


def _pages(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + PAGE] for start in range(0, len(names), PAGE))


def _in_processes(url: str, read_pack: ReadPack, names: Sequence[str], change: Change, now: datetime) -> Impact:
    return together(_count, list(_pages(names)), _begin, url, read_pack, change, now)


_ground: dict[str, Any] = {}  # of a process that counts: its own connections and packs


def _begin(url: str, read_pack: ReadPack, change: Change, now: datetime) -> None:
    _ground.update(store=Store(url), shelf=Shelf(read_pack), change=change, now=now)


def _count(names: Sequence[str]) -> Impact:
    store: Store = _ground["store"]
    return store.read_sync(changed_homes, names, _ground["change"], _ground["now"], shelf=_ground["shelf"])
