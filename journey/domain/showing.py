"""What Temporal's UI shows of a journey, in Markdown: stages with the present one marked, what is next, open tasks."""

from collections.abc import Sequence
from datetime import datetime

from journey.domain.clocks import local
from journey.domain.items import Item, Recipients
from journey.domain.planner import Plan
from journey.domain.rules import title
from journey.domain.values import Labelled, label

NEXT = 5
WORDS = {
    "zh": ("下一步", "进行中的任务", "逾期", "无", "最晚"),
    "en": ("Next", "Open tasks", "overdue", "none", "due"),
}


def details(plan: Plan, *, lang: str, zone: str, now: datetime) -> str:
    """Markdown of a few hundred bytes; ids, codes and dates only, and none of what is one person's own (a birthday)."""
    following, tasks, late, nothing, due = WORDS[lang]
    ahead = [item for item in plan.agenda if item.key in plan.planned and item.recipients is not Recipients.NAMED]
    running = [item for item in plan.agenda if item.key not in plan.planned]
    lines = [_stages(plan.stage, lang), "", f"**{following}**"]
    lines += [f"- {_day(item, zone)} {title(item.rule, lang)}{_which(item)}" for item in ahead[:NEXT]] or [
        f"- {nothing}"
    ]
    lines += ["", f"**{tasks}**"]
    lines += _tasks(running, lang, zone, now, (late, due)) or [f"- {nothing}"]
    return "\n".join(lines)


def _stages(present: Labelled, lang: str) -> str:
    stages = type(present)
    return " → ".join(f"**[{label(stage, lang)}]**" if stage is present else label(stage, lang) for stage in stages)


def _tasks(running: Sequence[Item], lang: str, zone: str, now: datetime, words: tuple[str, str]) -> list[str]:
    lines = []
    for item in running[:NEXT]:
        role = label(item.role, lang) if item.role else ""
        late = f" ⚠ {words[0]}" if now >= item.due else ""
        lines.append(f"- {title(item.rule, lang)}{_which(item)} · {role} · {words[1]} {_day(item, zone)}{late}")
    return lines


def _day(item: Item, zone: str) -> str:
    return local(item.due, zone).strftime("%Y-%m-%d")


def _which(item: Item) -> str:
    return f" ({item.params['component']})" if "component" in item.params else ""
