"""Codes as people read them in a table: the column says what kind of code it is. The one place that knows all of them.

Tables in English show the codes themselves, which commands and the API take.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from journey.domain.broadcasts import BroadcastState
from journey.domain.case_values import CaseKind, CaseLevel, Severity
from journey.domain.entries import State
from journey.domain.letters import BACK
from journey.domain.reasons import ORDERS, spoken
from journey.domain.routing import CHANNELS
from journey.domain.values import (
    BatchStage,
    Component,
    ItemKind,
    JourneyStatus,
    Labelled,
    MessageClass,
    ProjectStage,
    Proof,
    ReceiptState,
    Role,
    Stage,
    TransferKind,
)
from journey.domain.wording import ApprovalState


def _of(*lists: Iterable[Labelled]) -> dict[str, str]:
    """What several lists call their values; the first that has one names it."""
    return {value.value: value.zh for each in reversed(lists) for value in each}


_PROGRESS: Final = {state.value: spoken(state.value) for state in State} | {"planned": spoken("planned")}
_STATES: Final = {
    **_of(BroadcastState, ApprovalState, BatchStage, ReceiptState),
    **_PROGRESS,
    "closed": "已结束",
    "ok": "正常", "unverified": "待核实", "invalid": "无效",
    "note": "提示", "bad": "异常",
    "waiting": "等待",
}  # fmt: skip
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "stage": _of(Stage, BatchStage, ProjectStage),
    "status": _of(JourneyStatus),
    "role": _of(Role),
    "kind": _of(ItemKind, CaseKind, TransferKind) | {"template": "模板", "provider": "服务商", "gate": "关卡"},
    "class": _of(MessageClass),
    "state": _STATES,
    "outcome": _PROGRESS | _of(Proof) | {
        BACK: "退回", "not-reached": "未联系上", "refused": "被拒绝",
        "waiting": "等待", "applied": "已采用", "stands": "无变化",
    },
    "channel": {code: words[0] for code, words in CHANNELS.items()} | {"post": "邮寄", "none": "未发出"},
    "verdict": {"applied": "已采纳", "parked": "暂存", "refused": "已拒绝", "taken": "已接收"},
    "severity": _of(Severity),
    "component": _of(Component),
    "level": {level.value: f"{level.value} {level.zh}" for level in CaseLevel},
    "breaker": {"closed": "正常", "open": "熔断中", "recovering": "恢复中"},
    "action": ORDERS,
}  # fmt: skip


def in_words(column: str, value: object, lang: str) -> object:
    """A code of a column in Chinese words; one that nobody knows, and every code in English, as it is."""
    if lang != "zh" or not isinstance(value, str):
        return value
    return WORDS.get(column, {}).get(value, value)
