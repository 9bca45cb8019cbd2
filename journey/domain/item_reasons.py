"""Why items, entries and facts are as they are: the sentences of their codes."""

from typing import Final

# code: (中文, English). Parameters are opaque ids, codes, dates and numbers; never personal data.
ITEM_TEXTS: Final[dict[str, tuple[str, str]]] = {
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
    "pushed-after-holiday": (
        "原定 {was},遇节假日;提前则距上次联系过近,顺延到节后首个工作日",
        "was {was}, in a holiday; before it would be too soon after the last contact, so due on the first working day"
        " after it",
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
    "not-delivered": ("{channel} 未送达({code})", "it did not arrive by {channel} ({code})"),
    "given-back": ("运营商退回,未送达", "the carrier gave it back: it did not arrive"),
    "wrong-person": ("{channel} 收件人并非业主本人", "a stranger answered by {channel}"),
    "redone": ("由操作员要求重做", "asked for again by an operator"),
    "repeated": ("日期变动,按新日期再次发送", "the date moved; sent again for the new date"),
    "announced": ("日期变动,告知业主", "the date moved; the owner is told"),
    "paused": ("暂停 {seconds} 秒,期限相应顺延", "paused for {seconds} s; the clock was shifted"),
    "on-time-share": (
        "近 {months} 个月到期任务 {due} 项,按时 {on_time} 项,{percent}%(要求 {wanted}%)",
        "{on_time} of the {due} tasks due in the last {months} months were on time: {percent} % (wanted: {wanted} %)",
    ),
    "none-due": ("近 {months} 个月没有到期任务", "no task fell due in the last {months} months"),
    "at-the-group": ("案件 {case} 已升级至 {level},尚未关闭", "case {case} stands at {level} and is open"),
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
    "no-sensitive-consent": (
        "未获敏感个人信息授权,只登记一般信息",
        "no consent to sensitive data; general fields only",
    ),
    "next-open-day": ("下一次开放日为 {on}", "the next open day is on {on}"),
    "no-next-open-day": ("暂无下一次开放日,另行约定", "no further open day is planned; a date is agreed by itself"),
    "cancelled-in-free-days": (
        "在 {until} 前无理由退认购,定金全额退还",
        "cancelled in the free days until {until}; the deposit goes back whole",
    ),
    "cancelled-after-free-days": (
        "已过无理由退认购期限 {until},定金按认购书处理",
        "the free days ended on {until}; the deposit goes by the subscription",
    ),
    "load-bearing": (
        "涉及承重结构,按急修处理,并须上报",
        "it bears load: an emergency, and always reported",
    ),
    "inspections-missing": ("尚无记录的必检项:{kinds}", "mandatory inspections without a record: {kinds}"),
    "deposit-unknown": (
        "未登记装修保证金金额,由人员核实后结清",
        "nobody told what deposit was paid: a person finds out and settles it",
    ),
    "drawn": ("按批次 {percent}% 抽中入户回访", "drawn by lot: {percent} % of the batch are visited"),
    "route-changed": ("报修渠道有变,重新告知", "the repair route changed; told again"),
    "right-lapses": ("解除权到 {until} 为止", "the right to rescind lapses after {until}"),
    "waits-for-gate": (
        "等待交付条件:{gates}。通过后自动继续,也可由负责人署名放行",
        "waits for the gate of its batch: {gates}. It goes on by itself once that passes, or by a named override",
    ),
    "gate-overridden": ("交付条件由 {by} 放行", "the gate of its batch was overridden by {by}"),
    "reserve-short": (
        "竣工验收到交付首日 {on} 的查验整改时间少 {days} 天",
        "{days} days too few for inspection and rectification before the handover of {on}",
    ),
    "milestone-untold": (
        "计划日已到,尚未告知是否达成",
        "its planned day has come and nobody told whether it was reached",
    ),
    "clock-from-telling": (
        "报告晚知,时限自获知({known})起算",
        "the report was learnt late; the clock runs from {known}",
    ),
    "clock-stood": ("挂起 {seconds} 秒,时限相应顺延", "paused for {seconds} s; the clock was shifted"),
    "booked-slot": ("按预约时段 {slot}", "by the booked slot {slot}"),
    "raised": ("升级至 {level}:{why}", "raised to {level}: {why}"),
    # why an entry has its state
    "opened-journey": ("已开立旅程 {journey}", "the journey {journey} has begun"),
    "carried-to": ("已移交旅程 {journey}", "handed on to the journey {journey}"),
    "waits-for-journey": ("新业主旅程尚未开立", "the new owner's journey has not begun yet"),
    "met-by-fact": ("事实已满足", "a fact has met it"),
    "result": ("由人员完成", "done by a person"),
    "before-go-live": ("早于旅程开始或项目上线", "due before the journey's start or the project's go-live"),
    "no-such-case": ("没有这个案件", "no such case"),
    "survey-fatigue": ("{days} 天内问卷已达上限", "surveyed often enough within {days} days"),
    "newer-rule": ("规则晚于该时段启用", "the rule is younger than the window"),
    "window-closed": ("时段已过", "the window closed"),
    "not-asked": ("不再需要", "no longer asked for"),
    "late": ("因系统中断延误,按规则不再补发", "delayed by an outage of ours; the rule says skip"),
    "merged": ("与 {into} 合并", "carried by {into}"),
    "unreachable": ("{attempts} 次联系未果", "not reached in {attempts} attempts"),
    "refused-by-owner": ("业主拒绝", "the owner refused"),
    "skipped-by-operator": ("操作员跳过", "skipped by an operator"),
    "failing": ("执行失败,稍后重试(第 {tries} 次)", "the move failed; tried again later (try {tries})"),
    "no-consent": ("未获{purpose}授权", "no consent for {purpose}"),
    "muted": ("已静默", "muted"),
    "bereavement": ("丧亲期间不打扰", "bereavement"),
    "cap": ("本月触达次数已达上限", "the monthly cap is reached"),
    "open-complaint": ("有未了结的重大投诉,不发关怀", "a grave complaint is open: no care"),
    "delay-case": ("交付逾期未了结,不发关怀", "the handover is late: no care"),
    "recent-emergency": ("刚报过急修,不发关怀", "an emergency was reported lately: no care"),
    "not-yet": ("当地时间 {until} 才开始", "begins at {until} where the person lives"),
    "joined-later": ("群发开始后才加入", "joined after the broadcast had begun"),
    "cancelled": ("已取消", "it was cancelled"),
    "quiet-hours": ("免打扰时段,延至 {until}", "quiet hours; held until {until}"),
    "no-address": ("没有可用联系方式", "no address to send to"),
    "invalid-address": ("联系方式无效", "the address is invalid"),
    "no-channel-left": ("没有可用渠道({tried})", "no channel is left ({tried})"),
    "provider-stopped": (
        "服务商连续失败,已熔断({name}),{until} 再试",
        "the provider failed again and again and is stopped ({name}); asked again {until}",
    ),
    "template-stopped": (
        "模板连续失败,已熔断({name}),{until} 再试",
        "the template failed again and again and stopped itself ({name}); tried again {until}",
    ),
    "catching-up": (
        "服务商恢复后按速率补发({name}),轮到 {until}",
        "its provider is back and what waited goes out at a steady rate ({name}): its turn is {until}",
    ),
    "unverified-address": (
        "新联系方式尚未核实,核实后再用",
        "the new address is not verified yet; it is used once somebody has",
    ),
    "no-recipient": ("没有收件人", "nobody to send to"),
    "provider-refused": ("服务商拒绝({error})", "the provider refused ({error})"),
    "provider-away": ("服务商暂不可用({error})", "the provider is away ({error})"),
    "provider-silent": ("服务商未明确答复({error})", "the provider gave no clear answer ({error})"),
    "template": ("模板无法渲染({error})", "the template cannot be rendered ({error})"),
    "template-not-approved": (
        "文本尚未批准({by}),批准后发出",
        "the text is not approved yet ({by}); it goes out once it is",
    ),
    "approval-order": ("当前为 {was},不能改为 {wanted}", "it stands as {was}, which {wanted} cannot follow"),
    "no-such-template": ("没有这个模板", "no such template"),
    "no-such-answer": ("没有这条统一口径", "no such answer"),
    "no-such-test": ("没有这次测试发送", "no such test send"),
    "not-a-test-address": ("该联系方式属于业主,未发送", "the address belongs to an owner: nothing was sent"),
    "temporal-away": ("Temporal 不可用,未发送", "Temporal is away; nothing was sent"),
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
    "unknown-reference": ("提到的{kind}尚不存在", "names an unknown {kind}"),
    "not-of-this-home": (
        "此人不是本旅程现任或曾任业主,待 parties.changed 告知后生效",
        "about a person who is and was no owner here; counts once parties.changed names them",
    ),
    "home-held": (
        "房源 {unit} 属于旅程 {journey},空出后生效",
        "home {unit} has the journey {journey}; counts when it is free",
    ),
    "other-home": (
        "本旅程已有房源 {has},换房请告知 unit.changed",
        "this journey has the home {has}: tell a change of home as unit.changed",
    ),
    "resale-before-handover": (
        "{on} 尚未交付,不能转移产权;交付前变更买受人请告知 parties.changed(更名)",
        "nothing was handed over by {on}: before the handover, tell other buyers as parties.changed",
    ),
    "same-owners": ("新业主就是现业主", "the new owners are the present ones"),
    "agent-without-power": (
        "签收人仅为代办人,授权于 {until} 已止,不能在 {on} 签收;补授权或追认后生效",
        "signed on {on} by an agent alone whose power ended on {until}; counts once a power covers that day",
    ),
    "pause-emergency": ("急修不得挂起", "an emergency repair is never paused"),
    "pause-not-approved": ("挂起须由 {by} 的上级批准", "a pause asked for by {by} is approved by a post above it"),
    "pause-too-long": (
        "挂起累计不得超过 {limit},尚余 {left} 小时",
        "pauses of a case last {limit} in all at most; {left} h are left",
    ),
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
    "deemed-without-refusal": (
        "已登记;此前没有拒收或缺席记录,请复核",
        "kept; no refusal and no absence is on record before it: look into it",
    ),
    "deemed-before-offer": (
        "已登记;{on} 早于约定交付日 {offered},此前也没有拒收或缺席记录,请复核",
        "kept; {on} lies before the day of handover, {offered}, and no refusal or absence is on record: look into it",
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
    # how a statutory duty stands when a home is let in
    "statutory-met": ("已按期履行", "done in time"),
    "statutory-missed": ("法定期限已过,未见履行记录", "its legal date is over and nothing says that it was done"),
    "statutory-late": ("法定期限已过,仍须补办", "its legal date is over; it opens, overdue"),
    "statutory-met-late": ("已履行,但晚于法定期限", "done, after its legal date"),
    "statutory-still-due": (
        "内部期限已过,法定期限未到,须人工跟进",
        "our own date is over, the law's is not: see to it",
    ),
}
