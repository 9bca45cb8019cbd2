"""Lines of a timeline in words, 中文 or English: made of codes and ids when somebody reads them, never stored."""

from collections.abc import Mapping
from typing import Any, Final

from journey.domain.event_types import EVENT_TYPES
from journey.domain.reasons import wording
from journey.domain.rules import title
from journey.domain.stages import RULE_FILES

__all__ = ["LOADED", "is_by_operator", "sentence", "title", "who_and_why"]

REVERSIBLE: Final = frozenset({"hold.placed", "hold.released", "event.voided"})
LOADED: Final = RULE_FILES  # importing the stages registers the rules, which have the titles
# what comes after the dot: (中文, English)
_VERDICTS: Final = {
    "applied": ("已采纳", "applied"),
    "parked": ("暂存待生效", "parked until its time comes"),
    "refused": ("已拒绝", "refused"),
    "taken": ("已接收,待判定", "taken, judged later"),
}
_ENTRIES: Final = {
    "open": ("已开启", "opened"),
    "warned": ("即将到期提醒", "warned: soon due"),
    "overdue": ("已逾期", "overdue"),
    "escalated": ("已升级", "escalated"),
    "reserved": ("开始发送", "sending began"),
    "sent": ("已发送", "sent"),
    "delivered": ("已送达", "delivered"),
    "served": ("已送达并生效", "served"),
    "done": ("已完成", "done"),
    "unknown": ("结果不明,待人工核实", "outcome unknown, a person decides"),
    "skipped": ("已跳过", "skipped"),
    "merged": ("已合并", "merged"),
    "held": ("暂缓", "held"),
    "suppressed": ("未发送", "not sent"),
    "missed": ("已错过", "missed"),
    "withdrawn": ("已撤销", "withdrawn"),
    "failed": ("失败", "failed"),
}
_TASKS: Final = {
    "opened": ("任务已派发", "task opened"),
    "warned": ("任务即将到期", "task soon due"),
    "overdue": ("任务已逾期", "task overdue"),
    "escalated": ("任务已升级", "task escalated"),
    "claimed": ("任务已认领", "task claimed"),
    "attempted": ("已尝试联系", "contact attempted"),
    "closed": ("任务已关闭", "task closed"),
    "done": ("任务已完成", "task done"),
    "failed": ("任务失败", "task failed"),
    "withdrawn": ("任务已撤销", "task withdrawn"),
}
_MESSAGES: Final = {f"message.{state}": words for state, words in _ENTRIES.items()}
_WORDS: Final = (
    {f"entry.{state}": words for state, words in _ENTRIES.items()}
    | _MESSAGES
    | {f"task.{state}": words for state, words in _TASKS.items()}
)


def sentence(code: str, params: Mapping[str, Any], about: str | None = None, lang: str = "zh") -> str:
    """The line of a journal code: what it is about, what happened, why. An unknown code reads as itself."""
    if code.startswith("event."):
        named = _event_name(params.get("type") or code.removeprefix("event."), lang)
        about = f"{named} {about}" if about else named
        happened = _pick(_VERDICTS.get(str(params.get("verdict"))), lang)
    else:
        happened = _pick(_WORDS.get(code), lang) or code
    colon, comma = (":", ";") if lang == "zh" else (": ", "; ")
    line = colon.join(part for part in (about, happened) if part)
    why = _reason(params.get("reason"), lang)
    return f"{line}{comma}{why}" if why else line


def is_by_operator(event_type: str | None) -> bool:
    """Whether events of a type are an operator's decisions, told with a name and a reason."""
    known = EVENT_TYPES.get(event_type or "")
    return known is not None and (known.group == "operators" or known.name in REVERSIBLE)


def who_and_why(by: str | None, why: str | None, lang: str = "zh") -> str:
    """Who decided and why, as it follows a line; an erased reason leaves nothing."""
    said = (":" if lang == "zh" else ": ").join(part for part in (by, why) if part)
    brackets = "({})" if lang == "zh" else " ({})"
    return brackets.format(said) if said else ""


def _event_name(event_type: str, lang: str) -> str:
    known = EVENT_TYPES.get(event_type)
    return known.label(lang) if known else event_type


def _pick(words: tuple[str, str] | None, lang: str) -> str | None:
    return words[lang != "zh"] if words else None


def _reason(reason: Any, lang: str) -> str | None:
    """A reason is journaled as its code alone, or with parameters."""
    if isinstance(reason, Mapping):
        return wording(str(reason.get("code")), reason.get("params") or {}, lang)
    return wording(reason, {}, lang) if isinstance(reason, str) and reason else None
