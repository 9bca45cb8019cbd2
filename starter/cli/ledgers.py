"""The ledgers of a journey 台账 as `journey show` writes them: a line each, every number with its name."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from journey.domain.feasts import Feast
from journey.domain.reasons import wording
from journey.domain.values import label
from starter.cli.output import Output, Row

LEDGERS: Final = (("ledger", "台账", "ledger"), ("content", "内容", "content"))
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "delay": ("逾期交付", "late handover"),
    "counts": ("计数", "counts"),
    "promises": ("承诺", "promises"),
    "waiting": ("签约等候", "wait at the signing"),
    "fit_outs": ("装修押金", "fit-out deposit"),
    "gifts": ("节日礼品", "gift"),
    "moved_in": ("入住", "moved in"),
}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "contract_date": ("合同交付日", "contract date"), "from": ("自", "from"), "to": ("至", "to"),
    "running": ("仍在延续", "goes on"), "days": ("天数", "days"), "a_day": ("每日违约金", "a day"),
    "cap": ("上限", "cap"), "amount": ("金额", "amount"), "reason": ("说明", "note"),
    "demanded_on": ("催告日", "demanded on"), "rescission_from": ("可解除自", "rescission from"),
    "rescission_until": ("可解除至", "rescission until"),
    "complaints": ("投诉", "complaints"), "suggestions": ("建议", "suggestions"),
    "promises": ("承诺", "promises"), "promises_breached": ("失信承诺", "promises breached"),
    "suggestions_answered": ("已答复建议", "suggestions answered"),
    "open": ("进行中", "open"), "kept": ("已兑现", "kept"), "broken": ("未兑现", "broken"),
    "minutes": ("分钟", "minutes"), "on": ("日期", "on"), "event": ("事件", "event"),
    "application": ("申请", "application"), "deposit": ("押金", "deposit"), "paid_on": ("缴纳于", "paid on"),
    "due_back_since": ("应退自", "due back since"), "refunded": ("已退", "refunded"),
    "refunded_on": ("退还于", "refunded on"), "breaches": ("违规", "breaches"),
    "feast": ("节日", "feast"), "given_on": ("送出于", "given on"),
}  # fmt: skip


def ledger_rows(ledgers: Mapping[str, Any], out: Output) -> list[Row]:
    """A row for each ledger, or for each thing in one that lists some."""
    return [
        {"ledger": out.say(*_NAMES.get(name, (name, name))), "content": content}
        for name, ledger in ledgers.items()
        for content in _contents(ledger, out)
    ]


def _contents(ledger: Any, out: Output) -> Iterator[str]:
    for each in ledger if isinstance(ledger, list) else [ledger]:
        yield " · ".join(_fields(each, out)) if isinstance(each, Mapping) else str(each)


def _fields(values: Mapping[str, Any], out: Output) -> Iterator[str]:
    for name, value in values.items():
        if value not in (None, False, "", []):
            yield f"{out.say(*_FIELDS.get(name, (name, name)))} {_said(name, value, out)}"


def _said(name: str, value: Any, out: Output) -> Any:
    if isinstance(value, list):
        return len(value)
    if value is True:
        return out.say("是", "yes")
    if name == "reason":
        return wording(value, {}, out.lang)
    return label(Feast(value), out.lang) if name == "feast" and value in set(Feast) else value
