"""Write the tables of the documents from the code: `python -m docs.tables`. A test asserts that they are current."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from docs.posts import posts_of
from journey.domain.agendas import AgendaKind
from journey.domain.event_types import EVENT_TYPES, PERSONAL_FIELDS, EventType
from journey.domain.event_types.base import Anything
from journey.domain.packs import Pack
from journey.domain.rules import RULES, Rule
from journey.domain.stages import RULE_FILES
from journey.domain.values import Stage
from journey.settings import Settings

DOCS: Final = Path(__file__).resolve().parent
LOADED: Final = RULE_FILES  # importing the stages registers the rules
_EVERY: Final = "every stage"
_ZH: Final = {
    **{stage.value: stage.zh for stage in Stage}, _EVERY: "各阶段", AgendaKind.BATCH.value: "交付批次",
    AgendaKind.PROJECT.value: "项目",
}  # fmt: skip
_PLACES: Final = tuple(_ZH)
_ENTRY: Final = re.compile(r"^Entry: (?P<entry>.+?)\. Exit: (?P<exit>.+?)\.(?=\s|$)", re.DOTALL | re.MULTILINE)
_MARKED: Final = re.compile(r"(<!-- table: (?P<name>[a-z]+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def settings_table() -> str:
    """Every setting: its environment variable, its default, what it is for."""
    rows = [
        (f"`JOURNEY_{name.upper()}`", _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def events_table() -> str:
    """Every type of event with its data; `?` marks what may be missing, `†` what says something about a person."""
    rows = [
        (f"`{each.name}`", each.zh, each.en, _told_to(each), _data_of(each))
        for each in sorted(EVENT_TYPES.values(), key=lambda each: _groups().index(each.group))
    ]
    return _table(("type", "中文", "English", "told to", "data"), rows)


def rules_table() -> str:
    """Every rule: its permanent id, its names, stage, post, what asked for it, its numbers, since which release."""
    rows = [
        (
            f"`{rule.id}`", rule.zh, _stage_of(rule), " ".join(rule.asks) or "kernel", rule.summary,
            posts_of(rule).text or "–", f"`{_numbers_of(rule)}`", rule.since,
        )
        for rule in sorted(RULES.values(), key=lambda rule: _PLACES.index(_stage_of(rule)))
    ]  # fmt: skip
    return _table(("rule", "中文", "stage", "requirement", "what it asks", "post", "numbers", "since"), rows)


def stages_table() -> str:
    """Every stage: by which fact it is entered and left, and whose rules are its own."""
    rows = []
    for place in _PLACES:
        own = Counter(rule.id.split(".", 1)[0] for rule in RULES.values() if _stage_of(rule) == place)
        entry, end = _ENTRIES.get(place, ("–", "–"))
        rows.append((place, _ZH[place], entry, end, ", ".join(f"`{name}.*` {count}" for name, count in own.items())))
    return _table(("stage", "中文", "entered by", "left by", "rules"), rows)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "settings": settings_table,
    "events": events_table,
    "rules": rules_table,
    "stages": stages_table,
}


def current(text: str) -> str:
    """A document with every marked table as the code says it today; KeyError for a table that nobody makes."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found['name']]()}{found[3]}", text)


def main() -> None:
    """Bring every document up to date."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (now := current(text)) != text:
            path.write_text(now, encoding="utf-8")


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(headings)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    if isinstance(default, SecretStr):
        return "*hidden*"
    return "" if default is None else f"`{default}`"


def _groups() -> list[str]:
    return list(dict.fromkeys(each.group for each in EVENT_TYPES.values()))


def _told_to(each: EventType) -> str:
    targets = ", ".join(sorted(each.targets))
    return f"{targets}, about a person" if each.needs_person else targets


def _data_of(each: EventType) -> str:
    """The fields of a type; those that every type understands are named once above the table."""
    personal = {path.split(".", 1)[0] for path in PERSONAL_FIELDS[each.name]}
    fields = []
    for name, field in each.data.model_fields.items():
        if name in Anything.model_fields and not field.is_required():
            continue
        key = field.alias or name
        fields.append(f"`{key}`{'' if field.is_required() else '?'}{'†' if key in personal else ''}")
    return " ".join(fields)


def _stage_of(rule: Rule) -> str:
    """The stage whose file it stands in, or which its id names; of a batch or project, or beside every stage, else."""
    if rule.of is not AgendaKind.JOURNEY:
        return rule.of.value
    stage = getattr(sys.modules[rule.function.__module__], "STAGE", None) or rule.id.split(".", 1)[0]
    return str(stage) if stage in frozenset(Stage) else _EVERY


def _entries() -> Mapping[str, tuple[str, str]]:
    """What the stages say of their beginning and end, in their own words."""
    found = {}
    for module in LOADED:
        said = _ENTRY.search(module.__doc__ or "") if hasattr(module, "STAGE") else None
        if said is not None:
            entry, end = (" ".join(said[part].split()) for part in ("entry", "exit"))
            found[str(module.STAGE)] = entry, end
    return found


_ENTRIES: Final = _entries()


def _numbers_of(rule: Rule) -> str:
    """The path inside the pack, as deep as the rule's name leads."""
    annotation = Pack.model_fields[rule.section].annotation
    fields = {name for model in (annotation, *get_args(annotation)) for name in getattr(model, "model_fields", {})}
    name = rule.id.split(".", 1)[1].replace("-", "_")
    return f"{rule.section}.{name}" if name in fields else rule.section


if __name__ == "__main__":
    main()
