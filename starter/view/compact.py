"""What the page is given: the lives document made small, every text in both languages once, clocks of the project."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from journey.domain.event_types import EVENT_TYPES
from journey.domain.reasons import spoken, wording
from journey.domain.telling import CHANNELS, Words, occurrence_words, title
from journey.domain.values import ItemKind, JourneyStatus, Labelled, MessageClass, Role, Stage
from starter.view.words import GROUP_OF, GROUPS, PAGE, UNPLACED, VERDICTS

# Missed without anybody's fault: before the home was let in, or before the rule was there.
_HISTORY: Final = frozenset({"before-go-live", "newer-rule"})
# A mark stands where it happened; what has not happened, or was missed, stands at its due.
_AT_DUE: Final = frozenset({"planned", "open", "held", "missed"})


class Texts:
    """Texts in both languages, each kept once and named by its number."""

    def __init__(self, zone: str | None) -> None:
        self._zone = zone
        self.all: list[Words] = []
        self._numbers: dict[Words, int] = {}

    def number(self, words: Words) -> int:
        """The number of a text."""
        if words not in self._numbers:
            self._numbers[words] = len(self.all)
            self.all.append(words)
        return self._numbers[words]

    def reason(self, reason: Mapping[str, Any]) -> int:
        """The number of a reason's sentence."""
        code, params = reason["code"], reason.get("params") or {}
        return self.number((wording(code, params, "zh", self._zone), wording(code, params, "en", self._zone)))


def compact(document: Mapping[str, Any]) -> dict[str, Any]:
    """The page's data of a lives document: `kind`, `lives`, and where there are `load`, `refused` and `total`."""
    texts = Texts(next((life["zone"] for life in document["lives"]), None))
    lives = [_life(life, texts) for life in sorted(document["lives"], key=_in_order)]
    refused = [
        {"i": event["id"], "n": _event_name(event["type"], texts), "w": _told_reason(event["reason"], texts)}
        for event in document.get("refused", ())
    ]
    return {
        "kind": document["kind"],
        "project": document["project"],
        "now": _minute(document["now"]),
        "lives": lives,
        "total": document.get("total", len(lives)),
        "load": document.get("load"),
        "refused": refused,
        "labels": _labels(),
        "texts": texts.all,
    }


def _in_order(life: Mapping[str, Any]) -> tuple[bool, list[tuple[int, str]]]:
    """Homes by their numbers: 3-1-2 before 3-1-10; those without one come last."""
    parts = re.findall(r"\d+|\D+", life["unit"] or "")
    return life["unit"] is None, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _life(life: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    names = {owner["ref"]: owner["name"] or owner["ref"] for owner in life["owners"]}
    entries = [_entry(entry, names, texts) for entry in life["entries"]]
    keys = next((band["from"] for band in life["stages"] if band["stage"] in ("occupancy", "warranty-end")), None)
    return {
        "i": life["id"],
        "u": life["unit"] or life["id"],
        "o": "、".join(names.values()),
        "s": life["stage"],
        "ss": life["status"],
        "b": [[band["stage"], _minute(band["from"]), _minute(band["until"])] for band in life["stages"]],
        "f": [_fact(fact, texts) for fact in life["facts"]],
        "e": sorted(entries, key=lambda entry: (entry["t"], entry["k"])),
        "w": [_cover(cover, keys, texts) for cover in life["warranty"] if cover["owner_ends"]],
    }


def _entry(entry: Mapping[str, Any], names: Mapping[str, str], texts: Texts) -> dict[str, Any]:
    state = (entry.get("outlook") or entry["expected"] or entry["outcome"]).split("@")[0]
    at, due = _minute(entry["at"]), _minute(entry["due"])
    which = occurrence_words(entry["occurrence"])
    reasons = [reason for reason in (entry["why"], *entry["because"]) if reason]
    found: dict[str, Any] = {
        "k": entry["key"],
        "n": texts.number((title(entry["item"], "zh"), title(entry["item"], "en"))),
        "m": texts.number(which) if any(which) else None,
        "t": due if entry["outcome"] in _AT_DUE or at is None else at,
        "d": due,
        "a": at if entry["outcome"] not in _AT_DUE else None,
        "p": _minute(entry["original_due"]),
        "l": _minute(entry["legal_due"]),
        "g": "quiet" if entry["reason"] in _HISTORY else GROUP_OF.get(state, "quiet"),
        "x": texts.number((spoken(state, "zh"), spoken(state, "en"))),
        "kd": entry["kind"],
        "r": entry["role"],
        "c": entry["class"],
        "ch": entry["channel"],
        "w": list(dict.fromkeys(texts.reason(reason) for reason in reasons)),
        "q": " ".join(entry["requirement"]),
        "y": [[_minute(step["at"]), _step(step["step"], texts), step.get("to")] for step in entry["steps"]],
        "who": names.get(entry["person"] or ""),
    }
    return {name: value for name, value in found.items() if value not in (None, [], "")}


def _step(step: str, texts: Texts) -> int:
    return texts.number((spoken(step, "zh"), spoken(step, "en")))


def _fact(fact: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    at = _minute(f"{fact['on']}T12:00:00+00:00") if _is_other_day(fact) else _minute(fact["at"])
    found = {
        "t": at,
        "n": _event_name(fact["type"], texts),
        "v": fact["verdict"],
        "a": _minute(fact["recorded_at"]),
        "w": [texts.reason(fact["why"])] if fact["why"] else None,
        "by": fact["by"],
        "op": 1 if fact["group"] == "operators" else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _is_other_day(fact: Mapping[str, Any]) -> bool:
    """Paper comes first: a fact stands on its own day, not on the one on which it was told."""
    try:
        datetime.fromisoformat(f"{fact['on']}T12:00:00+00:00")
    except ValueError:
        return False
    return bool(fact["on"] < fact["at"][:10])


def _event_name(kind: str, texts: Texts) -> int:
    known = EVENT_TYPES.get(kind)
    return texts.number((known.zh, known.en) if known else (kind, kind))


def _told_reason(reason: Mapping[str, Any], texts: Texts) -> int:
    """A refusal of the door comes as a sentence already; one of a plan as a code with its parameters."""
    if "params" in reason:
        return texts.reason(reason)
    text = reason.get("text") or reason["code"]
    return texts.number((text, text))


def _cover(cover: Mapping[str, Any], keys: str | None, texts: Texts) -> dict[str, Any]:
    found = {
        "n": texts.number(occurrence_words(cover["component"])),
        "f": _minute(keys),
        "t": _minute(f"{cover['owner_ends']}T23:59:00+00:00"),
        "c": _minute(f"{cover['contractor_ends']}T23:59:00+00:00") if cover["contractor_ends"] else None,
        "gap": cover["gap_days"],
    }
    return {name: value for name, value in found.items() if value is not None}


def _labels() -> dict[str, Any]:
    return {
        "page": PAGE,
        "groups": GROUPS,
        "stages": _words(Stage),
        "statuses": _words(JourneyStatus),
        "kinds": _words(ItemKind),
        "roles": {**_words(Role), "": UNPLACED},
        "classes": _words(MessageClass),
        "channels": CHANNELS,
        "verdicts": VERDICTS,
    }


def _words(values: Iterable[Labelled] | type[Labelled]) -> dict[str, Sequence[str]]:
    return {value.value: (value.zh, value.en) for value in values}


def _minute(instant: str | None) -> int | None:
    """Minutes since 1970 on the clocks that the text names: the page shows the project's time wherever it is read."""
    if instant is None:
        return None
    local = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    return int(local.timestamp() // 60)
