"""The repair route 报修升级渠道: whom to turn to, step after step; told with the keys, and when a step changes (A114).

Names come from the pack's posts and from who holds them in the project. The key of each telling says which one it is
and which route it told (`2-9f86d081`), so that a route is told once however often the journey is planned.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from journey.domain.asking import message
from journey.domain.entries import WENT_OUT, State
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Ask, key_of
from journey.domain.numbers.occupancy import OccupancyNumbers
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule

RULE = "occupancy.repair-route"
TOLD = WENT_OUT | {State.MISSED, State.UNKNOWN, State.MERGED, State.SKIPPED}

Route = Sequence[dict[str, Any]]


@rule(RULE, zh="报修与升级渠道告知", asks="A114", since="2026.2")
def repair_route(j: Facts, n: OccupancyNumbers) -> Items:
    """Each owner gets the route of repairs with names at handover, and again when it changes."""
    if j.keys is None:
        return
    route = _route(j, n)
    mark = blake2b(str(route).encode(), digest_size=4).hexdigest()
    number, last = _last_told(j)
    if last != mark:
        number += 1
    occurrence = f"{number}-{mark}"
    if number > 1:
        yield _again(j, j.keys, occurrence, route, n)
    else:
        yield message(
            j.episode, j.keys, j.after(j.keys, n.repair_route.within), n.repair_route.window,
            occurrence=occurrence, params={"route": route},
        )  # fmt: skip


def _again(j: Facts, keys: Anchor, occurrence: str, route: Route, n: OccupancyNumbers) -> Ask:
    """The changed route, at once: from the plan that first saw the change."""
    seen = _first_seen(j, key_of(RULE, j.episode, occurrence))
    asked = message(
        j.episode, replace(keys, known_at=max(keys.known_at, seen)), seen, n.repair_route.window,
        occurrence=occurrence, params={"route": route},
    )  # fmt: skip
    return replace(asked, because=(Reason("route-changed"),))


def _route(j: Facts, n: OccupancyNumbers) -> Route:
    """The posts in order, each with its names in both languages and who holds it."""
    return [
        {"zh": j.pack.posts[role].zh, "en": j.pack.posts[role].en, "by": list(j.record.posts.get(role.value, ()))}
        for role in n.repair_route_posts
    ]


def _last_told(j: Facts) -> tuple[int, str]:
    """The number and the mark of the route that was told last; 0 when none was."""
    begins = key_of(RULE, j.episode, "")
    told = [key for key, entry in j.record.entries.items() if key.startswith(begins) and entry.state in TOLD]
    parts = (key.removeprefix(begins).split("~")[0].partition("-") for key in told)
    numbered = [(int(number), mark) for number, _, mark in parts]
    return max(numbered, default=(0, ""))


def _first_seen(j: Facts, key: str) -> datetime:
    """When the change was planned first: what stands in ledger or agenda, else now."""
    entry = j.record.entries.get(key)
    if entry is not None and entry.due is not None:
        return entry.due
    return j.record.agenda.get(key, j.now)
