"""The pack of these lives, as a folder that workers publish."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from journey.adapters.packs import LoadedPack
from tests.packs import BUILT_IN, POLICIES, seconds_pack

PACK = "test-seconds"
# Long beside any stall that kills cause: what is missed was forgotten.
WINDOW = "900s"
ENDS = ("50s", "60s")  # two ends of cover: two notices, two joint checks, the rest is carried by them


def write_policies(folder: Path) -> Path:
    """The folder with the one pack, its lives some fifty seconds long."""
    document = {name: value for name, value in lively_pack().document.items() if name != "templates"}
    pack = folder / PACK
    pack.mkdir(parents=True)
    (pack / "pack.yaml").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    shutil.copytree(POLICIES / BUILT_IN / "templates", pack / "templates")
    return folder


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
