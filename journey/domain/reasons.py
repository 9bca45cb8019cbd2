"""Why something is as it is: codes with parameters, put into words only when somebody reads them."""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from journey.domain.answer_reasons import ANSWER_TEXTS
from journey.domain.broadcasts import BroadcastState
from journey.domain.clocks import local
from journey.domain.item_reasons import ITEM_TEXTS
from journey.domain.quick import quick_dataclass
from journey.domain.routing import all_passed_over, channel_name
from journey.domain.values import ConsentPurpose, Gate, label

ON_HIS_CLOCKS = frozenset({"not-yet"})  # told on the clocks of where the person lives, as they are kept
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_GATES = frozenset(gate.value for gate in Gate)
_PURPOSES = frozenset(purpose.value for purpose in ConsentPurpose)
_BROADCAST_STATES = frozenset(state.value for state in BroadcastState)
ORDERS = {"approve": "批准", "reject": "驳回", "pause": "暂停", "resume": "继续", "cancel": "取消", "rate": "限速"}

# Every code once: what is planned and done has its sentences apart from what people are answered.
TEXTS: Mapping[str, tuple[str, str]] = ITEM_TEXTS | ANSWER_TEXTS

# states of an entry, actions and holds, as they stand inside a sentence
_WORDS: dict[str, tuple[str, str]] = {
    "planned": ("计划中", "planned"), "open": ("进行中", "open"), "warned": ("即将到期", "soon due"),
    "overdue": ("已逾期", "overdue"), "escalated": ("已升级", "escalated"), "reserved": ("发送中", "being sent"),
    "sent": ("已发送", "sent"), "delivered": ("已送达", "delivered"), "served": ("已送达并生效", "served"),
    "done": ("已完成", "done"), "unknown": ("结果不明", "outcome unknown"), "skipped": ("已跳过", "skipped"),
    "merged": ("已合并", "merged"), "held": ("暂缓", "held"), "suppressed": ("未发送", "not sent"),
    "missed": ("已错过", "missed"), "withdrawn": ("已撤销", "withdrawn"), "failed": ("失败", "failed"),
    "skip": ("跳过", "skip"), "reschedule": ("改期", "reschedule"),
    "mute": ("静默", "mute"), "pause": ("暂停", "pause"),
}  # fmt: skip
# what a fact may name before it is known
_KINDS: dict[str, tuple[str, str]] = {
    "task": ("任务", "task"), "case": ("个案", "case"), "survey": ("问卷", "survey"), "session": ("场次", "session"),
    "open_day": ("开放日", "open day"), "event_id": ("事件", "event"), "unit": ("房源", "home"),
    "application": ("装修申请", "fit-out application"),
}  # fmt: skip


@quick_dataclass(frozen=True)
class Reason:
    """A code of `TEXTS` with its parameters."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {"code": self.code, "params": dict(self.params)}

    @classmethod
    def read(cls, document: Mapping[str, Any] | None) -> "Reason | None":
        """The stored reason, or None."""
        return cls(document["code"], document.get("params") or {}) if document else None

    def text(self, lang: str = "zh", zone: str | None = None) -> str:
        """In words, 中文 or English; an unknown code reads as itself."""
        return wording(self.code, self.params, lang, zone)


def with_text(reason: Mapping[str, Any] | None, lang: str = "zh", zone: str | None = None) -> dict[str, Any] | None:
    """A kept reason, code and parameters, with its sentence; None for none."""
    if not reason:
        return None
    params = reason.get("params") or {}
    return {"code": reason["code"], "params": params, "text": wording(reason["code"], params, lang, zone)}


def wording(code: str, params: Mapping[str, Any], lang: str = "zh", zone: str | None = None) -> str:
    """The sentence of a code; missing parameters show as «?», codes of states and actions in words.

    Instants are told on the clocks of the zone, that of the project; without one they stand as they are kept.
    """
    texts = TEXTS.get(code)
    if texts is None:
        return code
    if zone is not None:
        params = {name: _on_clocks(value, None if code in ON_HIS_CLOCKS else zone) for name, value in params.items()}
    worded = {name: _WORDS.get(str(params[name])) for name in ("state", "action", "how") if name in params}
    spoken = {name: words[lang != "zh"] for name, words in worded.items() if words}
    if isinstance(params.get("tried"), list | tuple):
        spoken["tried"] = all_passed_over(params["tried"], lang)
    if isinstance(params.get("gates"), list | tuple):
        spoken["gates"] = ("、" if lang == "zh" else ", ").join(_gate(gate, lang) for gate in params["gates"])
    if "channel" in params:
        spoken["channel"] = channel_name(str(params["channel"]), lang)
    if lang == "zh" and params.get("purpose") in _PURPOSES:
        spoken["purpose"] = ConsentPurpose(params["purpose"]).zh
    if code == "unknown-reference" and params.get("kind") in _KINDS:
        spoken["kind"] = _KINDS[params["kind"]][lang != "zh"]
    if code == "broadcast-state":
        spoken |= _of_broadcast(params)
    return texts[lang != "zh"].format_map(_Shown({**params, **spoken}))


def _on_clocks(value: Any, zone: str | None) -> Any:
    """An instant as people read it, on its own clocks where none are named; whatever else it is stays as it is."""
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return value
    instant = datetime.fromisoformat(value)
    return (local(instant, zone) if zone is not None else instant).strftime("%Y-%m-%d %H:%M")


def _of_broadcast(params: Mapping[str, Any]) -> dict[str, str]:
    """The Chinese words for the state of a broadcast and for what was ordered; codes of another build as they are."""
    state, order = str(params.get("state", "?")), str(params.get("order", "?"))
    now = BroadcastState(state).zh if state in _BROADCAST_STATES else state
    return {"now": now, "what": ORDERS.get(order, order)}


def _gate(gate: str, lang: str) -> str:
    """The name of a gate; one that only a pack knows reads as itself."""
    return label(Gate(gate), lang) if gate in _GATES else gate


def spoken(code: str, lang: str = "zh") -> str:
    """The word for a state, an action or a hold, as it stands inside a sentence; an unknown one reads as itself."""
    words = _WORDS.get(code)
    return words[lang != "zh"] if words else code


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
