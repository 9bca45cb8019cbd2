"""The pack of these lives, published before any part of the engine starts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from journey.adapters.calendars import load_calendar
from journey.adapters.packs import LoadedPack
from journey.store.engine import Store
from journey.store.shelf import publish_calendar, publish_pack
from tests.packs import POLICIES, seconds_pack

PACK = "test-seconds"
# Long beside any stall that kills cause: what is missed was forgotten.
WINDOW = "900s"
ENDS = ("50s", "60s")  # two ends of cover: two notices, two joint checks, the rest is carried by them


async def publish(store: Store) -> None:
    """The one pack of these lives, some fifty seconds long, and its calendar.

    No folder may hold it: it lacks the sections that count in days, and its terms are shorter than the law allows.
    """
    loaded, now = lively_pack(), datetime.now(UTC)
    await store.write(publish_pack, name=PACK, content_hash=loaded.hash, document=loaded.document, now=now)
    await store.write(publish_calendar, load_calendar(loaded.pack.country, POLICIES / "calendars"), now)


def lively_pack() -> LoadedPack:
    """`test-seconds` with few ends of cover and windows that no stall outlasts."""
    document = seconds_pack().document
    changes: dict[str, Any] = {
        f"{duty}.window": WINDOW
        for section in ("kernel", "signing", "handover", "warranty")
        for duty in _with_window(document[section], section)
    }
    terms = [
        {**term, "owner": ENDS[position % len(ENDS)]}
        for position, term in enumerate(document["warranty"]["components"])
    ]
    return seconds_pack(
        **changes,
        **{
            "time.late_after": WINDOW,
            "warranty.components": terms,
            "warranty.notices": ["-46s", "-43s"],
            "warranty.silent_only": ["-43s"],
            "warranty.notice_window": WINDOW,
            "warranty.ending_within": "46s",
            "warranty.joint_check_before": "-44s",
        },
    )


def _with_window(section: dict[str, Any], path: str) -> Iterator[str]:
    """The paths of everything in a section that has a window."""
    for name, value in section.items():
        if isinstance(value, dict):
            if "window" in value:
                yield f"{path}.{name}"
            yield from _with_window(value, f"{path}.{name}")
