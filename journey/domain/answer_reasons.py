"""What people are answered who asked for something: why it was refused, and what became of it."""

from typing import Final

# code: (中文, English). Parameters are opaque ids, codes, dates and numbers; never personal data.
ANSWER_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # letters
    "letter-printed": (
        "函件刚由另一批次打印,请重新运行",
        "a letter was printed by another run just now: run again",
    ),
    "letter-proves-nothing": (
        "函件送达已记录,但缺少 {missing},不能作为任何函件的送达凭证",
        "the delivery is kept, and proves nothing: it lacks {missing}",
    ),
    "letter-served": (
        "函件 {reference} 已有送达凭证,不再打印",
        "letter {reference} is proved served and is not printed again",
    ),
    "no-such-letter": ("没有这个编号的函件", "there is no letter with that reference"),
    "no-such-run": ("没有这个打印批次", "there is no such print run"),
    "no-such-evidence": ("没有这个凭证文件", "there is no such file of evidence"),
    "no-poster": ("此任务没有可打印的告示", "this task has no notice to print"),
    # why an operator's action is refused
    "no-such-journey": ("没有这段旅程", "there is no such journey"),
    "owner-name-kept": (
        "业主 {ref} 已在册,姓名与此次所填不同:沿用原姓名,此次姓名未录入",
        "owner {ref} is known by another name: that one is kept, the one told now is not",
    ),
    "owner-address-replaced": (
        "业主 {ref} 已在册,其{channel}与此次所填不同:今后用此次的,原有的仍列在业主档案中",
        "owner {ref} is known with another {channel}: the one told now counts, the one before stays on his record",
    ),
    "owner-consent-withdrawn": (
        "业主 {ref} 已撤回「{purpose}」授权:随名单而来的授权不改变撤回。如已重新同意,请以 consent.given 连同凭据告知",
        "owner {ref} has withdrawn the consent «{purpose}»: being listed does not give it back. If he agreed anew, "
        "tell consent.given with its proof",
    ),
    "no-such-person": ("没有这位业主", "there is no such person"),
    "kept-living": ("仍有在手的房产或购房", "a home or a purchase of this person goes on"),
    "kept-open-work": ("仍有未了结的事项", "work for this person is still open"),
    "kept-held": ("有未解除的暂缓或静默", "a hold on this person or a home of his stands"),
    "kept-until": ("保存期限未满", "its time has not come"),
    "kept-evidence": (
        "已匿名化,授权凭据保存期未满",
        "forgotten already; the proofs of his consents have their own time",
    ),
    "kept-unruled": ("政策包未规定保存期限", "the pack has no number for how long to keep"),
    "merged-already": ("不能与自己合并,或已是他人的别名", "it is the same person, or an alias of another one already"),
    "no-such-pack": ("没有发布过政策包 {name}", "no pack {name} is published"),
    "no-such-version": ("没有这个模板版本", "there is no such version of the template"),
    "no-such-project": ("没有这个项目", "there is no such project"),
    "broadcast-state": (
        "群发现为「{now}」,不能{what}",
        "the broadcast is {state}: it cannot be ordered to {order}",
    ),
    "own-broadcast": (
        "须由发起人以外的第二人以其本人的密钥批准或驳回",
        "its author can neither let it go nor reject it: that takes a second person, with an API key of his own",
    ),
    "seen-otherwise": ("请先查看复核页,并带回其 seen", "look at the review first, and hand back its `seen`"),
    "text-changed": ("复核之后文本已变,请重新查看", "the text has changed since it was seen: look again"),
    "audience-changed": (
        "复核之后收件人数由 {was} 变为 {now},请重新查看",
        "the audience changed from {was} to {now} since it was seen: look again",
    ),
    "no-such-breaker": ("没有 {kind} 的熔断记录 {name}", "nothing of that name ever failed ({kind} {name})"),
    "no-such-broadcast": ("没有这次群发", "there is no such broadcast"),
    "no-such-batch": ("没有这个批次", "there is no such batch"),
    "no-such-calendar": ("没有 {country} 的日历", "there is no calendar of {country}"),
    "receipt-unknown": (
        "没有找到这份回执所指的消息(可注明 about.item、occurrence 与 person),已留存,未改变任何事项",
        "no message was found that this receipt is of (name about.item, occurrence and person); it is kept, and changes"
        " nothing",
    ),
    "receipt-overtaken": (
        "该消息的结果已有记录,这份回执不改变任何事项,也不因此补发",
        "what became of its message is on record: this receipt changes nothing, and nothing goes again for it",
    ),
    "no-such-message": ("没有这条消息", "there is no such message"),
    "no-such-task": ("没有这个任务", "there is no such task"),
    "unknown-event": ("没有这个事件", "there is no such event"),
    "project-exists": ("项目 {code} 已存在", "project {code} exists"),
    "go-live-set": (
        "{field}:项目已存在,上线时刻为 {stands};如须变更,请用 project go-live 并说明原因",
        "{field}: the project exists and its go-live is {stands}; move it by `project go-live`, with a reason",
    ),
    "external-id-taken": ("该外部编号已属于旅程 {journey}", "this external_id belongs to {journey}"),
    "unit-taken": ("房源 {unit} 已有旅程 {journey}", "unit {unit} has the journey {journey}"),
    "told-otherwise": (
        "编号 {id} 此前已用过,但内容不同",
        "the id {id} was used before, with another body",
    ),
    "task-claimed": ("任务已由他人认领", "the task is claimed by somebody else"),
    "key-used-otherwise": ("此 Idempotency-Key 已用于另一请求", "this Idempotency-Key was used for another request"),
    "still-running": (
        "使用此 Idempotency-Key 的第一次请求尚未结束(still running)",
        "the first request with this Idempotency-Key is still running",
    ),
    "owed-before-signing": (
        "约定交付日 {on} 早于签约日 {signed}",
        "the agreed handover on {on} lies before the signing of {signed}",
    ),
    "filed-before-signing": (
        "{on} 早于签约日 {signed}",
        "{on} lies before the signing of {signed}",
    ),
    "into-the-past-date": (
        "改期到 {on},早于告知之日 {told}",
        "the new date {on} lies before the day of its telling, {told}",
    ),
    "building-in-batch": (
        "楼栋 {building} 已属于批次 {other},不能再划入批次 {batch};请先改批次 {other} 的楼栋",
        "building {building} belongs to batch {other}, so not to batch {batch} too: change batch {other} first",
    ),
    "batch-without-date": (
        "批次 {batch} 没有任何日期,暂存;告知交付首日或合同交付日后生效",
        "batch {batch} has no day at all: kept, and counts once its first day or its contract date is told",
    ),
    "unit-acceptance-failed": (
        "批次 {batch} 的分户验收未通过,暂存;通过或经批准放行后生效",
        "the homes of batch {batch} failed their acceptance: kept, and counts once they pass it or are let go",
    ),
    "reaches-nobody": (
        "已登记;此范围目前没有已签约业主,通告不会发给任何人,请核对范围",
        "applied, but no home in this scope is signed for yet: it goes to nobody, check the scope",
    ),
    "unknown-building": (
        "项目尚无楼栋 {building}(既无批次也无房屋),暂存;有了以后生效",
        "the project has no building {building} yet, no batch and no home: kept, and counts once it has",
    ),
    "unknown-batch": (
        "项目尚无批次 {batch},暂存;有了以后生效",
        "the project has no batch {batch} yet: kept, and counts once it has",
    ),
    "milestone-told": (
        "节点 {milestone} 已登记于 {first};{on} 若为正确日期,请更正原事件",
        "{milestone} was told for {first}; if {on} is right, correct that event",
    ),
    "gate-unknown": ("已记录;没有规则使用关卡 {gate}", "kept; no rule of ours asks for the gate {gate}"),
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
    "hook-there": ("回调来源 {source} 已存在", "there is a hook {source} already"),
    "call-told-otherwise": (
        "编号 {call} 的回调先前内容不同,本次未保存;内容不同的回调须用新的 webhook-id",
        "another body came under the webhook-id {call} before, and this one was not taken: give it an id of its own",
    ),
    "no-such-hook": ("没有这个回调来源", "there is no such hook"),
    "no-such-event": ("这段旅程没有此事件", "this journey has no such event"),
    "not-an-action": (
        "{type} 不是人工处置,请用 event.voided 更正事实",
        "{type} is no operator's action: void the fact itself",
    ),
    "undone-already": ("已撤回", "it was undone already"),
    "gone-out": ("已经发出或办结({state}),无法收回", "it went out or was done ({state}): it cannot be taken back"),
    "home-taken": ("该房已有新旅程 {journey}", "the home has another journey now: {journey}"),
    "corrected": ("已更正", "corrected"),
    # what became of a batch's move
    "batch-stands": ("现行日期", "these dates hold"),
    "batch-moved-again": ("此后又改期,以最后一次为准", "the batch was moved again; the last date counts"),
    "batch-told-again": ("与现行日期相同,无需重排", "told as it stood already; nothing was planned again"),
    # what a change of policies does
    "policy-there-already": ("已发布过,无变化", "published before: nothing changes"),
    "nothing-moves": ("没有事项移动", "nothing moves"),
    "go-live-ahead": (
        "上线时刻 {when} 在将来:此前到期的事项记为错过,不补办",
        "the go-live of {when} lies ahead: what is due before it will be missed, not done",
    ),
    "go-live-too-far": (
        "上线时刻 {to} 过远,最晚为 {latest}",
        "the go-live of {to} lies too far ahead, {latest} at the latest",
    ),
    "replan-waiting": ("等待重排", "waits to be planned again"),
    "replan-running": ("重排中,已完成 {planned}/{homes} 户", "under way: {planned} of {homes} homes planned"),
    "replan-done": ("已重排 {planned} 户,其中 {poked} 户须提前行动", "{planned} homes planned, {poked} act earlier"),
    "replan-superseded": (
        "该批次随后又改期,由后一次重排完成",
        "the batch was moved again; the later change planned its homes",
    ),
}
