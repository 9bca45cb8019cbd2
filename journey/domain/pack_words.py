"""What differs between two versions of a pack, number by number, in words a clerk understands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from journey.domain.overlays import ENTRY_ID
from journey.domain.periods import Period
from journey.domain.rules import RULES, title
from journey.domain.stages import RULE_FILES
from journey.domain.values import Component, label

_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "within": ("期限", "due within"), "warn": ("预警", "warned"), "escalate": ("升级", "escalated"),
    "window": ("有效时段", "window"), "attempts": ("次数", "attempts"), "owner": ("业主保修期", "owner's term"),
    "contractor": ("施工单位保修期", "contractor's term"), "owner_from": ("业主保修起算", "owner's term begins"),
    "seasons": ("采暖供冷期数", "seasons"), "notices": ("到期提醒", "expiry notices"), "text": ("文字", "words"),
    "settle": ("改期静置", "time to settle"), "task_lead": ("任务提前开启", "tasks open before"),
    "cap_per_month": ("每月上限", "cap a month"), "version": ("版本", "version"),
    "effective_from": ("生效日", "effective from"), "escalates_to": ("升级到", "escalates to"),
    "stands_in": ("代岗", "stood in for by"),
}  # fmt: skip
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "y": ("年", "years"), "mo": ("个月", "months"), "d": ("天", "days"), "wd": ("个工作日", "working days"),
    "h": ("小时", "hours"), "min": ("分钟", "minutes"), "s": ("秒", "seconds"),
}  # fmt: skip
_MISSING: Final = object()
assert RULE_FILES  # importing them registers the rules, which have names for people


@dataclass(frozen=True, slots=True)
class Changed:
    """One number: where it stands, before and after; None stands for a value that is not there."""

    path: str
    was: Any
    now: Any

    def text(self, lang: str) -> str:
        """`filing: due within 30 days → 20 days`."""
        mark = ":" if lang == "zh" else ": "
        return f"{named(self.path, lang)}{mark}{_value(self.was, lang)} → {_value(self.now, lang)}"

    def document(self) -> dict[str, Any]:
        """As it is shown, in both languages."""
        return {
            "path": self.path, "was": self.was, "now": self.now, "text_zh": self.text("zh"), "text": self.text("en"),
        }  # fmt: skip


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """Every number and text that differs between two documents of packs, by path."""
    old, new = (dict(_leaves(document, ())) for document in (before, after))
    return [
        Changed(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*new, *old])
        if old.get(path, _MISSING) != new.get(path, _MISSING)
    ]


def numbers_under(document: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Every number at a dotted path or below it; empty for a path that the pack does not have."""
    return {
        name: value for name, value in _leaves(document, ()) if not path or name == path or name.startswith(f"{path}.")
    }


def named(path: str, lang: str) -> str:
    """A path in words: `signing.filing.within` is 合同备案 期限, or «filing due within»; unknown names stay."""
    names = path.split(".")
    if names[0] == "templates" and len(names) > 2:
        return f"{title('.'.join(names[2:]), lang)} {_FIELDS['text'][lang != 'zh']} ({names[1]})"
    words: list[str] = []
    names = names[2:] if names[:2] == ["warranty", "components"] else names
    rule = _rule(names)
    if rule:
        words.append(title(rule, lang))
        names = names[2:]
    return " ".join(words + [_name(name, lang) for name in names])


def _rule(names: list[str]) -> str | None:
    rule = f"{names[0]}.{names[1].replace('_', '-')}" if len(names) > 1 else ""
    return rule if rule in RULES else None


def _name(name: str, lang: str) -> str:
    if name in _FIELDS:
        return _FIELDS[name][lang != "zh"]
    if name in frozenset(Component):
        return label(Component(name), lang)
    return name


def _value(value: Any, lang: str) -> str:
    if value is None:
        return "无" if lang == "zh" else "none"
    if isinstance(value, bool):
        return {True: ("是", "yes"), False: ("否", "no")}[value][lang != "zh"]
    if isinstance(value, list):
        return "、".join(_value(each, lang) for each in value) if lang == "zh" else ", ".join(map(str, value))
    return _period(str(value), lang)


def _period(text: str, lang: str) -> str:
    """`30d` as 30 天 or «30 days», `-30d` as 之前; any other text as it stands, cut when it is long."""
    try:
        Period.parse(text)
    except ValueError:
        return text if len(text) <= 80 else text[:79] + "…"
    amount, unit = text.rstrip("abcdefghijklmnopqrstuvwxyz"), text.lstrip("-0123456789")
    before = amount.startswith("-")
    number = amount.removeprefix("-")
    if lang == "zh":
        return f"{'之前 ' if before else ''}{number} {_UNITS[unit][0]}"
    word = _UNITS[unit][1].removesuffix("s") if number == "1" else _UNITS[unit][1]
    return f"{number} {word}{' before' if before else ''}"


def _leaves(node: Any, at: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Values by dotted path; an entry of a list that has an id is named by it, other lists are one value."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _leaves(child, (*at, str(name)))
    elif isinstance(node, list) and node and all(isinstance(each, Mapping) and ENTRY_ID in each for each in node):
        for each in node:
            below = {name: value for name, value in each.items() if name != ENTRY_ID}
            yield from _leaves(below, (*at, str(each[ENTRY_ID])))
    else:
        yield ".".join(at), node
