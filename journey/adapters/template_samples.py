"""Owners that do not exist, to try a template on: with everything said, with the least, with names that trip it up."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from journey.domain.saying import COMMON, SAID, SAYS, says
from journey.domain.values import Component, Milestone, Role, label

_DAY: Final = date(2026, 6, 27)
# Every variable that any rule says; what an item does not say is None, or an empty list.
LISTS: Final = frozenset({"components", "milestones", "work_hours", "route"})
TEXTS: Final = frozenset({"feast", "building", "notice_text", "words"})  # empty when it is not said
VALUES: Final = frozenset(
    {
        "components", "ends_on", "days_left", "handover_on", "slot_on", "slot_at", "moved_from", "moved_to",
        "milestones", "feast", "until", "session_on", "session_at", "building", "notice_text", "words", *SAID,
    }
)  # fmt: skip
_TIMES: Final = frozenset({"slot_at", "session_at"})
_NAMES: Final = {"zh": ("张伟", "香年"), "en": ("Wang Wei", "Xiangnian")}  # of an owner, of a project
_HOME: Final = {"code": "3-1-1202", "building": "3"}
# What people are called in real registers, and what a template might take for its own.
HARD_NAMES: Final = ("", "{{ 7*7 }}", "{% raw %}", "}}{{", "王😀", "O'Neill & <b>", "张" * 200, "名\n行", "%s {0}")
_LEFT: Final = (60, 14, 1, 0)


def usual(template: str, language: str) -> dict[str, Any]:
    """An ordinary owner to whom everything is said that the rule of a template may say."""
    return _filled(template, language, says(template).every, _of(language)[0], _LEFT[1])


def samples(template: str, language: str) -> Iterator[dict[str, Any]]:
    """Owners of every kind that the rule of a template meets."""
    said = says(template)
    for left in _LEFT:
        yield _filled(template, language, said.every, _of(language)[0], left)
    yield _filled(template, language, said.always, _of(language)[0], _LEFT[0])
    for name in HARD_NAMES:
        bare = _filled(template, language, said.always, name, _LEFT[0])
        yield bare | {"unit": {"code": name, "building": name}} if len(name) < 60 else bare


def blank() -> dict[str, Any]:
    """Every variable as it is when an item does not say it."""
    return {name: [] if name in LISTS else "" if name in TEXTS else None for name in VALUES}


def _of(language: str) -> tuple[str, str]:
    return _NAMES["zh" if language.startswith("zh") else "en"]


def _filled(template: str, language: str, said: frozenset[str], name: str, left: int) -> dict[str, Any]:
    values = {each: _value(each, language, left) for each in said}
    return {
        "owner": {"name": name},
        "unit": _HOME,
        "project": {"name": _of(language)[1]},
        "keeper": label(Role.KEEPER, language),
        **blank(),
        **values,
    }


def _value(name: str, language: str, left: int) -> Any:
    match name:
        case "components":
            return [label(Component.WET_ROOM, language), label(Component.ELECTRICAL, language)]
        case "milestones":
            return [label(Milestone.TOPPED_OUT, language)]
        case "work_hours":
            return ["08:00–12:00", "14:00–18:00"]
        case "route":
            return [label(role, language) for role in (Role.PROPERTY_CS, Role.DEVELOPER_CS, Role.GROUP_CS)]
        case "feast":
            return "中秋节" if language.startswith("zh") else "Mid-Autumn Festival"
        case "building":
            return _HOME["building"]
        case "notice_text" | "words":
            return "3 号楼水管爆裂" if language.startswith("zh") else "A pipe has burst in building 3"
        case "days_left":
            return left
        case "landscaping":
            return True
        case _:
            return "10:30" if name in _TIMES else _DAY


assert {each for one in SAYS.values() for each in one.every} <= VALUES, "every said variable has a sample"
assert not VALUES & COMMON.keys()
