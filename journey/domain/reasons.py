"""Why something is as it is: codes with parameters, put into words only when somebody reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# code: (中文, English). Parameters are opaque ids, codes, dates and numbers; never personal data.
TEXTS: dict[str, tuple[str, str]] = {
    # why an instant is what it is
    "pulled-before-holiday": (
        "原定 {was},遇节假日,提前到之前最后一个工作日",
        "was {was}; pulled to the last working day before the holiday",
    ),
    "pulled-before-rest-day": (
        "原定 {was} 为休息日,提前到前一个工作日",
        "was {was}, a rest day; pulled to the working day before",
    ),
    "pushed-after-festival": (
        "{was} 为除夕至初三,顺延到节后首个工作日",
        "{was} falls in 除夕–初三; due on the first working day after it",
    ),
    "legal-date-rolled": (
        "法定末日 {was} 为休息日,顺延到 {to}",
        "the legal last day {was} is a rest day; rolls to {to}",
    ),
    "late-news": ("事实晚知({known}),自获知起留出宽限", "the fact was learnt late ({known}); grace runs from then"),
    "provisional-calendar": (
        "{year} 年放假安排尚未公布,日期为暂定",
        "the calendar of {year} is not published yet; the date is provisional",
    ),
    "rescheduled": ("由 {by} 改期", "rescheduled by {by}"),
    "kept-to-law": (
        "法定期限 {legal} 不动,改期不得晚于它",
        "the legal end {legal} never moves; a new date cannot pass it",
    ),
    "assigned": ("由 {by} 转派", "assigned by {by}"),
    "redone": ("由操作员要求重做", "asked for again by an operator"),
    "repeated": ("日期变动,按新日期再次发送", "the date moved; sent again for the new date"),
    "announced": ("日期变动,告知业主", "the date moved; the owner is told"),
    "paused": ("暂停 {seconds} 秒,期限相应顺延", "paused for {seconds} s; the clock was shifted"),
    "penalty-not-agreed": (
        "合同未约定逾期违约金,系统不估算租金,由人员核定",
        "the contract agrees no penalty; no rent is guessed, a person settles the amount",
    ),
    "penalty-price-unknown": (
        "违约金按房价比例计,尚未录入房价",
        "the penalty is a share of the price, and nobody told the price",
    ),
    "notice-not-proved": (
        "书面通知尚无送达凭证,不能认定视为交付",
        "no proof yet that the written notice was served; the home cannot count as handed over",
    ),
    "right-lapses": ("解除权到 {until} 为止", "the right to rescind lapses after {until}"),
    # why an entry has its state
    "met-by-fact": ("事实已满足", "a fact has met it"),
    "result": ("由人员完成", "done by a person"),
    "before-go-live": ("早于旅程开始或项目上线", "due before the journey's start or the project's go-live"),
    "newer-rule": ("规则晚于该时段启用", "the rule is younger than the window"),
    "window-closed": ("时段已过", "the window closed"),
    "not-asked": ("不再需要", "no longer asked for"),
    "late": ("因系统中断延误,按规则不再补发", "delayed by an outage of ours; the rule says skip"),
    "merged": ("与 {into} 合并", "carried by {into}"),
    "unreachable": ("{attempts} 次联系未果", "not reached in {attempts} attempts"),
    "refused-by-owner": ("业主拒绝", "the owner refused"),
    "skipped-by-operator": ("操作员跳过", "skipped by an operator"),
    "failing": ("执行失败,稍后重试(第 {tries} 次)", "the move failed; tried again later (try {tries})"),
    "no-consent": ("未获 {purpose} 授权", "no consent for {purpose}"),
    "muted": ("已静默", "muted"),
    "bereavement": ("丧亲期间不打扰", "bereavement"),
    "cap": ("本月触达次数已达上限", "the monthly cap is reached"),
    "cancelled": ("已取消", "it was cancelled"),
    "quiet-hours": ("免打扰时段,延至 {until}", "quiet hours; held until {until}"),
    "no-address": ("没有可用联系方式", "no address to send to"),
    "invalid-address": ("联系方式无效", "the address is invalid"),
    "no-recipient": ("没有收件人", "nobody to send to"),
    "provider-refused": ("服务商拒绝({error})", "the provider refused ({error})"),
    "provider-away": ("服务商暂不可用({error})", "the provider is away ({error})"),
    "provider-silent": ("服务商未明确答复({error})", "the provider gave no clear answer ({error})"),
    "template": ("模板无法渲染({error})", "the template cannot be rendered ({error})"),
    "no-longer-allowed": ("预留后条件改变", "no longer allowed after it was reserved"),
    "restored": (
        "恢复备份所缺的 {from} 至 {to} 内到期,可能已办,请核实",
        "fell due between {from} and {to}, which the restore lost: it may have been done, a person decides",
    ),
    "found": ("恢复后由 {where} 查实已发", "{where} shows, after a restore, that it went out"),
    "receipt": ("送达回执", "delivery receipt"),
    "decided-happened": ("经人工核实:已送到", "a person found out: it happened"),
    "decided-not-happened": ("经人工核实:未送到,可再次发送", "a person found out: it did not happen; it may go again"),
    "decision-voided": ("人工认定已撤回,结果仍不明", "the decision was taken back; the outcome is unknown again"),
    "put-right": ("依据的事实被撤回或更正", "the fact it stood on was taken back or corrected"),
    # verdicts on events
    "future": ("日期在将来,到 {when} 生效", "lies in the future; counts from {when}"),
    "unknown-reference": ("提到的 {kind} 尚不存在", "names an unknown {kind}"),
    "handover-before-signing": (
        "交付结果 {on} 早于签约 {signed}",
        "the outcome of {on} lies before the signing of {signed}",
    ),
    "second-outcome": ("{on} 已有交付结果", "there is an outcome for {on} already"),
    "after-cancellation": ("{on} 晚于退房 {cancelled}", "{on} lies after the cancellation of {cancelled}"),
    "cancelled-after-signing": (
        "已于 {signed} 签约,不能退认购",
        "signed on {signed}; the subscription cannot be cancelled",
    ),
    "deemed-without-notice": ("没有已送达的书面通知", "no served notice before it"),
    "deemed-without-review": ("缺少复核人 reviewed_by", "no reviewed_by"),
    "deemed-notice-missing": (
        "还有 {owners} 位业主的书面通知没有送达凭证",
        "{owners} owners have no proof of a served notice yet",
    ),
    "deemed-with-valid-reason": (
        "{on} 的拒收理由成立,不能视为交付",
        "the refusal of {on} was justified; the home does not count as handed over",
    ),
    "signed-before-subscription": (
        "签约 {on} 早于认购 {subscribed}",
        "the signing of {on} lies before the subscription of {subscribed}",
    ),
    "journey-closed": ("旅程已结束({status})", "the journey is closed ({status})"),
    "second-signing": ("已于 {on} 登记", "registered on {on} already"),
    "in-cover": ("{component} 在保修期内,至 {ends}", "{component} is under warranty until {ends}"),
    "out-of-cover": ("{component} 保修已于 {ends} 届满", "the warranty of {component} ended on {ends}"),
    "cover-unknown": ("{component} 保修期未知", "the warranty of {component} is not known yet"),
    "voided": ("已作废", "voided"),
    "into-the-past": ("改期到 {to},早于下达时刻", "moved to {to}, which lies before it was ordered"),
    "nothing-asked": ("没有规则需要事项 {key},暂无作用", "no rule asks for {key}: without effect for now"),
    # why an operator's action is refused
    "no-such-journey": ("没有这段旅程", "there is no such journey"),
    "no-such-project": ("没有这个项目", "there is no such project"),
    "no-such-batch": ("没有这个批次", "there is no such batch"),
    "no-such-task": ("没有这个任务", "there is no such task"),
    "unknown-event": ("没有这个事件", "there is no such event"),
    "project-exists": ("项目 {code} 已存在", "project {code} exists"),
    "external-id-taken": ("该外部编号已属于旅程 {journey}", "this external_id belongs to {journey}"),
    "unit-taken": ("房源 {unit} 已有旅程 {journey}", "unit {unit} has the journey {journey}"),
    "told-otherwise": (
        "同一来源的事件 {id} 已告知过,但内容不同",
        "event {id} of this source was told before with another body",
    ),
    "task-claimed": ("任务已由他人认领", "the task is claimed by somebody else"),
    "key-used-otherwise": ("此 Idempotency-Key 已用于另一请求", "this Idempotency-Key was used for another request"),
    "still-running": (
        "使用此 Idempotency-Key 的第一次请求尚未结束(still running)",
        "the first request with this Idempotency-Key is still running",
    ),
    "filed-before-signing": (
        "{on} 早于签约日 {signed}",
        "{on} lies before the signing of {signed}",
    ),
    "into-the-past-date": (
        "改期到 {on},早于告知之日 {told}",
        "the new date {on} lies before the day of its telling, {told}",
    ),
    "nobody-acts": ("已记录;目前没有规则据此行动", "kept; no rule acts on it yet"),
    "no-such-item": ("没有这个事项;现有:{known}", "there is no such item; there are: {known}"),
    "changed-meanwhile": (
        "您看到的是「{expected}」,现已变为「{state}」({present});请按现状再决定",
        "you saw {expected}, it is now {state} ({present}): look again and decide",
    ),
    "already-ended": ("事项已结束({state}),不能再{action}", "it has ended ({state}): too late to {action}"),
    "not-ended": ("事项尚未结束({state}),无需重做", "it has not ended ({state}): nothing to redo"),
    "send-under-way": ("正在发送,请待其结束", "a send is under way: wait for its end"),
    "no-longer-asked": ("按现有事实已不需要此事项,重做无效", "the facts no longer ask for it: a redo would do nothing"),
    "statutory": (
        "法定义务,法定期限照常计算;已履行请登记事实,确需跳过请加 statutory",
        "a statutory duty, its clock never stops: tell the fact that meets it, or say `statutory` to skip it anyway",
    ),
    "not-unknown": ("结果并非不明({state}),无需认定", "its outcome is not unknown ({state}): nothing to decide"),
    "decided-by-redo": (
        "已要求重做,不能再认定为未送到",
        "it was redone already: deciding that it did not happen would send it twice",
    ),
    "held-already": ("已{how}({scope})", "there is such a hold already ({how}, {scope})"),
    "no-hold": ("没有可解除的暂缓;现有:{known}", "no such hold to release; there are: {known}"),
    "journey-ended": ("旅程已结束({status})", "the journey has ended already ({status})"),
    "task-closed": ("任务已关闭({state})", "the task is closed ({state})"),
    "assigned-already": ("任务已在 {to} 名下", "the task is with {to} already"),
    "no-such-event": ("这段旅程没有此事件", "this journey has no such event"),
    "not-an-action": (
        "{type} 不是人工处置,请用 event.voided 更正事实",
        "{type} is no operator's action: void the fact itself",
    ),
    "undone-already": ("已撤回", "it was undone already"),
    "gone-out": ("已经发出或办结({state}),无法收回", "it went out or was done ({state}): it cannot be taken back"),
    "home-taken": ("该房已有新旅程 {journey}", "the home has another journey now: {journey}"),
    "corrected": ("已更正", "corrected"),
    # how a statutory duty stands when a home is let in
    "statutory-met": ("已按期履行", "done in time"),
    "statutory-missed": ("法定期限已过,未见履行记录", "its legal date is over and nothing says that it was done"),
    "statutory-late": ("法定期限已过,仍须补办", "its legal date is over; it opens, overdue"),
    "statutory-met-late": ("已履行,但晚于法定期限", "done, after its legal date"),
    "statutory-still-due": (
        "内部期限已过,法定期限未到,须人工跟进",
        "our own date is over, the law's is not: see to it",
    ),
    # what became of a batch's move
    "batch-stands": ("现行日期", "these dates hold"),
    "batch-moved-again": ("此后又改期,以最后一次为准", "the batch was moved again; the last date counts"),
    "batch-told-again": ("与现行日期相同,无需重排", "told as it stood already; nothing was planned again"),
    "replan-waiting": ("等待重排", "waits to be planned again"),
    "replan-running": ("重排中,已完成 {planned}/{homes} 户", "under way: {planned} of {homes} homes planned"),
    "replan-done": ("已重排 {planned} 户,其中 {poked} 户须提前行动", "{planned} homes planned, {poked} act earlier"),
    "replan-superseded": (
        "该批次随后又改期,由后一次重排完成",
        "the batch was moved again; the later change planned its homes",
    ),
}

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


@dataclass(frozen=True, slots=True)
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

    def text(self, lang: str = "zh") -> str:
        """In words, 中文 or English; an unknown code reads as itself."""
        return wording(self.code, self.params, lang)


def wording(code: str, params: Mapping[str, Any], lang: str = "zh") -> str:
    """The sentence of a code; missing parameters show as «?», codes of states and actions in words."""
    texts = TEXTS.get(code)
    if texts is None:
        return code
    worded = {name: _WORDS.get(str(params[name])) for name in ("state", "action", "how") if name in params}
    spoken = {name: words[lang != "zh"] for name, words in worded.items() if words}
    return texts[lang != "zh"].format_map(_Shown({**params, **spoken}))


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
