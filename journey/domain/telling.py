"""Lines of a timeline in words, 中文 or English: made of codes and ids when somebody reads them, never stored."""

import re
from collections.abc import Mapping
from typing import Any, Final

from journey.domain.event_types import EVENT_TYPES
from journey.domain.reasons import wording
from journey.domain.routing import CHANNELS
from journey.domain.rules import title
from journey.domain.stages import RULE_FILES
from journey.domain.values import ROLES, Component, label

__all__ = ["CHANNELS", "LOADED", "is_by_operator", "item_name", "occurrence_words", "sentence", "title", "who_and_why"]

Words = tuple[str, str]  # 中文, English

REVERSIBLE: Final = frozenset({"hold.placed", "hold.released", "event.voided", "gate.overridden"})
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
    "failing": ("执行失败,稍后重试", "failed, tried again later"),
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
_MESSAGES: Final = {f"message.{state}": words for state, words in _ENTRIES.items()} | {
    "message.read": ("已读", "read"),
    "message.replied": ("业主已回复", "answered"),
    "message.returned": ("未能送达", "could not be delivered"),
}
_WORDS: Final = (
    {f"entry.{state}": words for state, words in _ENTRIES.items()}
    | _MESSAGES
    | {
        "letter.printed": ("函件已打印", "letter printed"),
        "letter.reprinted": ("函件已重印", "letter printed again"),
        "letter.tracked": ("已登记邮寄单号", "handed to the post"),
        "letter.run": ("函件打印批次", "print run of letters"),
    }
    | {f"task.{state}": words for state, words in _TASKS.items()}
)
_COMPONENTS: Final[Mapping[str, Words]] = {each.value: (each.zh, each.en) for each in Component}
_RUNG: Final = re.compile(r"(y|m|d|wd|h|min|s)(-?)(\d+)")
_PERIOD: Final = re.compile(r"\d{4}(-\d{2})?")
_UNITS: Final[Mapping[str, Words]] = {
    "y": ("年", "y"), "m": ("个月", "mo"), "d": ("天", "d"), "wd": ("个工作日", "wd"), "h": ("小时", "h"),
    "min": ("分钟", "min"), "s": ("秒", "s"),
}  # fmt: skip


def occurrence_words(occurrence: str | None) -> Words:
    """Which one of a rule's items it is: the component, how long before or after; ids say nothing to people."""
    parts = [_part(part) for part in (occurrence or "").split("~")[0].split("/")]
    return " · ".join(zh for zh, _ in parts if zh), " · ".join(en for _, en in parts if en)


def item_name(key: str, lang: str = "zh") -> str:
    """What people call the item of a key: its rule's title, and which one of the rule's items it is."""
    which = _pick(occurrence_words(key.split("/", 2)[-1]), lang)
    return " · ".join(part for part in (title(key.split("/", 1)[0], lang), which) if part)


def _part(text: str) -> Words:
    rung = _RUNG.fullmatch(text)
    if rung is not None:
        (zh, en), amount = _UNITS[rung[1]], rung[3]
        return (f"前 {amount} {zh}", f"{amount} {en} before") if rung[2] else (f"第 {amount} {zh}", f"{amount} {en}")
    return _COMPONENTS.get(text) or ((text, text) if _PERIOD.fullmatch(text) else ("", ""))


def sentence(
    code: str, params: Mapping[str, Any], about: str | None = None, lang: str = "zh", zone: str | None = None
) -> str:
    """The line of a journal code: what it is about, what happened, by which post or channel, why.

    An unknown code reads as itself; instants are told on the clocks of the zone.
    """
    if code.startswith("event."):
        named = _event_name(params.get("type") or code.removeprefix("event."), lang)
        about = f"{named} {about}" if about else named
        happened = _pick(_VERDICTS.get(str(params.get("verdict"))), lang)
    else:
        happened = (_pick(_WORDS.get(code), lang) or code) + _with_whom(code, params, lang)
    colon, comma = (":", ";") if lang == "zh" else (": ", "; ")
    line = colon.join(part for part in (about, happened) if part)
    why = _reason(params.get("reason"), lang, zone)
    return f"{line}{comma}{why}" if why else line


def _with_whom(code: str, params: Mapping[str, Any], lang: str) -> str:
    """The post that has a task, or the channel that a message took."""
    role, channel = ROLES.get(str(params.get("role"))), CHANNELS.get(str(params.get("channel")))
    named = label(role, lang) if role is not None else _pick(channel, lang)
    if not named:
        return ""
    if code.endswith(".escalated"):
        return f" → {named}"
    return f"({named})" if lang == "zh" else f" ({named})"


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


def _reason(reason: Any, lang: str, zone: str | None) -> str | None:
    """A reason is journaled as its code alone, or with parameters."""
    if isinstance(reason, Mapping):
        return wording(str(reason.get("code")), reason.get("params") or {}, lang, zone)
    return wording(reason, {}, lang) if isinstance(reason, str) and reason else None
