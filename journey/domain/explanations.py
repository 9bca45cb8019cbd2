"""What an explanation may say: codes with parameters, in 中文 and English."""

from collections.abc import Mapping
from typing import Any, Final

from journey.domain.reasons import TEXTS, wording

Words = tuple[str, str]

SECTIONS: Final[Mapping[str, Words]] = {
    "why": ("为什么有它", "Why it exists"),
    "when": ("什么时候", "When"),
    "waited": ("等了什么", "What it waited for"),
    "who": ("谁决定的", "Who decided"),
    "looked": ("为什么发或没发", "Why it was sent, or not"),
    "happened": ("一步步经过", "What happened, step by step"),
    "change": ("怎样才会改变", "What it would take to change"),
}

EXPLANATIONS: Final[Mapping[str, Words]] = {
    # why it exists
    "asked-by": ("由规则「{title}」({rule})提出", "asked for by the rule {title} ({rule})"),
    "rule-says": ("规则说明:{summary}", "the rule says: {summary}"),
    "requirement": ("依据要求 {ids}", "it answers the requirement {ids}"),
    "own-rule": ("内核自身的规则,无外部要求", "a rule of the engine itself"),
    "rule-unknown": ("此版本不认识规则 {rule}", "this build does not know the rule {rule}"),
    "stands-on": ("因事实「{event}」({on})而起", "it stands on the fact {event} of {on}"),
    "stands-on-shared": ("因项目或批次的日期 {on} 而起", "it stands on a date of the project or batch, {on}"),
    "fact-corrected": ("该事实后经更正", "that fact was corrected since"),
    "numbers-of": ("数字取自政策包 {pack} {version}(自 {effective} 起,{hash})",
                   "numbers of the pack {pack} {version} (from {effective}, {hash})"),
    "numbers-pinned": ("按 {day} 有效的版本锁定", "pinned to the version that held on {day}"),
    "number": ("{path} = {value}", "{path} = {value}"),
    "calendar": ("按 {country} 日历({hash})计算", "counted on the calendar of {country} ({hash})"),
    "asked-again": ("由事件 {event} 再次要求", "asked for again by the event {event}"),
    "never-asked": ("从未有规则提出过 {key}", "no rule ever asked for {key}"),
    "nearest": ("最接近的有:{keys}", "the nearest there are: {keys}"),
    "rule-asks-nothing": ("规则「{title}」存在,但按现有事实不提出任何事项",
                          "the rule {title} is there, but the facts give it nothing to ask for"),
    # when
    "due": ("应办时刻 {due}", "due {due}"),
    "plain-date": ("按规则原为 {original}", "the rule alone would say {original}"),
    "no-shift": ("日期未经任何调整", "nothing has moved its date"),
    "legal-end": ("法定期限至 {legal}", "the law's end is {legal}"),
    "opens": ("{opens} 开启", "opens {opens}"),
    "warns": ("{warn} 预警", "warns {warn}"),
    "escalates": ("未办则 {escalate} 升级至{to}", "if not done, it goes up to {to} {escalate}"),
    "closes": ("{expires} 之后不再有意义", "makes no sense after {expires}"),
    "stands-since": ("自 {at} 起为「{state}」", "{state} since {at}"),
    "now-because": ("现状原因:{why}", "it stands so because: {why}"),
    # what it waited for
    "waited-for-nothing": ("没有等待过", "it waited for nothing"),
    "waits-to-open": ("尚未开启,等到 {opens}", "not open yet, waits for {opens}"),
    "waits-until": ("暂缓至 {until}", "held until {until}"),
    "was-held": ("{at} 暂缓:{why}", "held {at}: {why}"),
    "was-on-hold": ("{placed} 起{how}({scope}),{released}", "{how} from {placed} ({scope}), {released}"),
    "not-released": ("尚未解除", "not released yet"),
    "released": ("{at} 解除", "released {at}"),
    "not-sent": ("{at} 未发送:{why}", "not sent {at}: {why}"),
    "next-attempt": ("已联系 {attempts} 次未果,下次 {next}", "{attempts} attempts, the next one {next}"),
    # why it was sent, or not
    "looked-at": ("判定时所见", "what the decision looked at"),
    "never-decided": ("尚未作过发送判定", "no send of it was decided on yet"),
    # who decided
    "by-rule": ("规则与日历自行得出,无人干预", "rule and calendar alone: nobody intervened"),
    "post": ("责任岗位:{role}", "the post that answers for it: {role}"),
    "claimed": ("由 {by} 认领", "claimed by {by}"),
    "operator": ("{at} {by}:{action}({why})", "{at} {by}: {action} ({why})"),
    "reported": ("{at} 登记结果:{outcome}({by})", "{at} the result was reported: {outcome} ({by})"),
    "sent-by": ("发送时判定:{channel},{state}({at})", "decided when it was sent: {channel}, {state} ({at})"),
    "by-fact": ("由事实「{event}」({on})满足", "met by the fact {event} of {on}"),
    # what it would take to change
    "correct-the-fact": ("更正或作废事实 {event},即按新事实重算", "correct or void {event}: it is planned again"),
    "change-the-date": ("项目或批次改期后自动重算", "a new date of the project or batch moves it"),
    "change-the-number": ("政策包发布新数字并生效后自动重算", "a new version of the pack with other numbers moves it"),
    "reschedule": ("人工改期:journey act reschedule", "an operator may move it: journey act reschedule"),
    "skip": ("人工跳过:journey act skip", "an operator may skip it: journey act skip"),
    "statutory-skip": ("法定义务,只有明示 statutory 才能跳过", "a statutory duty: skipped only with the word for it"),
    "report-a-result": ("登记任务结果:journey task done {task}", "report the result: journey task done {task}"),
    "tell-the-fact": ("登记满足它的事实,即视为完成", "tell the fact that meets it, and it is done"),
    "redo": ("人工重做:journey act redo", "an operator may have it done again: journey act redo"),
    "decide": ("查明后认定:journey act decide", "find out and decide: journey act decide"),
    "stays-sent": ("已发出的无法收回;更正事实会另开任务向业主说明",
                   "what went out stays; a corrected fact opens a task to put it right"),
    "undo": ("撤回该处置:journey act undo {event}", "take the decision back: journey act undo {event}"),
    "by-itself": ("到时自动继续", "it goes on by itself then"),
    "give-consent": ("业主重新授权({purpose})后即可发送", "a new consent of the owner ({purpose}) lets it go"),
    "release-hold": ("解除静默或暂停后继续", "releasing the hold lets it go on"),
    "bereavement-ends": ("丧亲期结束后继续", "it goes on when the time of mourning is over"),
    "next-month": ("下月重新判断", "it is judged again in the next month"),
    "new-contact": ("补录或核实联系方式后可再发", "a new or verified address lets it go"),
    "wanted-again": ("事实再次需要时自动恢复", "it comes back by itself when the facts ask for it again"),
    "see-carrier": ("由 {into} 承载,改变它即可", "{into} carries it: change that one"),
    "history": ("早于上线的历史,不再补办", "it is history from before the start and is not made up for"),
    "wait-for-send": ("正在发送,结束后才能处置", "a send is under way: wait for its end"),
}  # fmt: skip


def explained(code: str, params: Mapping[str, Any], lang: str = "zh", zone: str | None = None) -> str:
    """The sentence of a code of an explanation or of a reason; missing parameters show as «?»."""
    texts = EXPLANATIONS.get(code)
    if texts is None:
        return wording(code, params, lang, zone)
    return texts[lang != "zh"].format_map(_Known(params))


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


assert not set(EXPLANATIONS) & set(TEXTS), "a code means one thing"
