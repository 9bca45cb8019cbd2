"""Packs for tests: the built-in one with numbers replaced, one that lives in seconds, one busy for ten years."""

import shutil
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from journey.adapters.pack_files import Location
from journey.adapters.packs import LoadedPack, PackError, Problem, load_pack, loaded
from journey.domain.overlays import set_path
from journey.domain.packs import NEWER_SECTIONS
from journey.domain.values import Component, MessageClass

POLICIES = Path(__file__).resolve().parents[1] / "policies"
BUILT_IN = "cn-residential"
ALL_DAY = ["00:00", "23:59:59"]
WITHOUT_YOUNGER = dict.fromkeys(NEWER_SECTIONS)  # lives that are about the kernel, with the rules of the first release


def built_in() -> LoadedPack:
    """`cn-residential` as it ships; the document is the caller's own copy."""
    shipped = _shipped()
    return replace(shipped, document=deepcopy(shipped.document))


def test_pack(**changes: Any) -> LoadedPack:
    """The built-in pack with paths replaced: `test_pack(**{"signing.filing.within": "5d"})`."""
    document = built_in().document
    for path, value in changes.items():
        set_path(document, path, value)
    return loaded(document)


test_pack.__test__ = False  # type: ignore[attr-defined]  # the helper's name must not make pytest run it


def seconds_pack(**changes: Any) -> LoadedPack:
    """`test-seconds`: no country, no quiet hours, periods in seconds; components end 6 s to 14 s after hand-over."""
    duty = {"within": "3s", "warn": "-1s", "escalate": "1s", "window": "60s", "attempts": 1}
    # Not 0s: a zero period has no unit, so it would count as whole days.
    text = {"within": "1s", "window": "60s"}
    return test_pack(
        **{
            **WITHOUT_YOUNGER,
            "pack": "test-seconds",
            "country": "none",
            "time": {
                "task_due": "23:59:59",
                "office_hours": [ALL_DAY],
                "task_lead": "3600s",
                "grace": "2s",
                "late_after": "60s",
            },
            "messages.windows": dict.fromkeys(_classes(), ALL_DAY),
            "messages.call_hours": [ALL_DAY],
            "messages.cap_per_month": 1000,
            "kernel": {"put_right": duty, "contradiction": duty},
            "signing": {
                "keeper_welcome": text,
                "keeper_contact": duty,
                "read_contract": {**text, "within": "2s"},
                "service_callback": duty,
                "filing": {**duty, "within": "4s"},
            },
            **{section: _brief(section, duty, text) for section in ("handover", "prospect", "pre_handover")},
            **dict.fromkeys(("repair", "complaint", "survey")),  # as a version that lacks them
            "warranty.components": [
                _term(component, f"{6 + position % 9}s") for position, component in enumerate(Component)
            ],
            "warranty.notices": ["-4s", "-3s", "-2s"],
            "warranty.silent_only": ["-2s"],
            "warranty.notice_window": "60s",
            "warranty.ending_within": "4s",
            "warranty.joint_check": {**duty, "within": "1s"},
            "warranty.joint_check_before": "-3s",
            "warranty.rectification": duty,
            "warranty.ledger": duty,
            **changes,
        }
    )


def _brief(section: str, duty: dict[str, Any], text: dict[str, Any]) -> dict[str, Any]:
    """The shipped section with every duty and text in seconds, other periods too."""
    shipped = built_in().document[section]

    def brief(numbers: Any) -> Any:
        if not isinstance(numbers, dict):
            return ["1s"] if isinstance(numbers, list) else "2s"
        if "attempts" in numbers:
            return duty
        return text if "window" in numbers else {name: brief(each) for name, each in numbers.items()}

    return dict(brief(shipped))


def century_pack(**changes: Any) -> LoadedPack:
    """`test-century`: a term of its own from 1 y to 10 y and eight notices for each component, over 100 items."""
    step = 108 / (len(Component) - 1)
    return test_pack(
        **{
            **WITHOUT_YOUNGER,
            "pack": "test-century",
            "warranty.components": [
                _term(component, f"{12 + round(position * step)}mo") for position, component in enumerate(Component)
            ],
            "warranty.notices": ["-11mo", "-9mo", "-7mo", "-5mo", "-3mo", "-2mo", "-30d", "-7d"],
            **changes,
        }
    )


def copy_policies(folder: Path) -> Path:
    """A copy of the shipped pack and overlays that a test may spoil."""
    policies = folder / "policies"
    shutil.copytree(POLICIES / BUILT_IN, policies / BUILT_IN)
    shutil.copytree(POLICIES / "overlays", policies / "overlays")
    return policies


def spoil(file: Path, old: str, new: str) -> int:
    """Replace the first place of a text in a file; returns its line."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems_of(policies: Path, *overlays: str) -> list[Problem]:
    """What is wrong with the pack in a spoilt copy."""
    with pytest.raises(PackError) as caught:
        load_pack(policies, BUILT_IN, overlays)
    return caught.value.problems


def at(node: Any, location: Location) -> Any:
    """The value at a location of a document."""
    for step in location:
        node = node[step]
    return node


@cache
def _shipped() -> LoadedPack:
    return load_pack(POLICIES, BUILT_IN)


def _classes() -> list[str]:
    return [name.value for name in MessageClass if name is not MessageClass.EMERGENCY]


def _term(component: Component, owner: str) -> dict[str, Any]:
    return {
        "component": component.value,
        "owner": owner,
        "owner_from": "handover",
        "contractor": None,
        "seasons": None,
        "design_life": False,
    }
