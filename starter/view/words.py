"""What the page itself says, 中文 and English: names of its parts, of outcomes."""

from collections.abc import Mapping
from typing import Final

from journey.domain.telling import Words

PAGE: Final[Mapping[str, Words]] = {
    "title": ("业主旅程", "Owner Journey"),
    "simulate": ("模拟的一生", "Simulated lives"),
    "forecast": ("前瞻", "The view ahead"),
    "timeline": ("回顾", "The view back"),
    "as-of": ("截至", "As of"),
    "life": ("1 段旅程", "1 journey"),
    "lives": ("{count} 段旅程", "{count} journeys"),
    "shown-of": ("仅显示前 {shown} 段,共 {all} 段", "The first {shown} of {all} journeys"),
    "outcome": ("结果", "Outcome"),
    "kind": ("种类", "Kind"),
    "post": ("岗位", "Post"),
    "every-post": ("全部岗位", "Every post"),
    "zoom": ("时间跨度", "Span"),
    "all": ("全程", "All"),
    "year": ("年", "Year"),
    "quarter": ("季", "Quarter"),
    "month": ("月", "Month"),
    "closer": ("放大", "Zoom in"),
    "wider": ("缩小", "Zoom out"),
    "to-today": ("回到今天", "Go to today"),
    "today": ("今天", "Today"),
    "ahead": ("以后", "Ahead"),
    "stages": ("阶段", "Stages"),
    "facts": ("事实", "Facts"),
    "messages": ("消息", "Messages"),
    "contacts": ("联系", "Calls, visits"),
    "work": ("工作", "Work"),
    "everything": ("全部", "Everything"),
    "covers": ("保修", "Warranty"),
    "expand": ("展开", "Expand"),
    "collapse": ("收起", "Collapse"),
    "list": ("列表", "As a list"),
    "when": ("时间", "When"),
    "item": ("事项", "Item"),
    "why": ("缘由", "Why"),
    "due": ("应办", "Due"),
    "happened": ("实际", "Happened"),
    "planned-for": ("原定", "Planned for"),
    "legal": ("法定期限", "Legal end"),
    "asks": ("依据", "Asked for by"),
    "class": ("类别", "Class"),
    "channel": ("渠道", "Channel"),
    "person": ("对象", "For"),
    "ladder": ("升级过程", "Ladder"),
    "verdict": ("裁定", "Verdict"),
    "by": ("操作人", "By"),
    "told": ("告知", "Told"),
    "days-late": ("晚 {days} 天", "{days} d late"),
    "items-here": ("{count} 个事项", "{count} items"),
    "close": ("关闭", "Close"),
    "back": ("返回", "Back"),
    "owner-ends": ("业主保修至", "Owner's cover until"),
    "contractor-ends": ("施工单位至", "Contractor's until"),
    "gap": ("我方独自承担 {days} 天", "{days} d on us alone"),
    "nothing": ("没有符合条件的事项", "Nothing fits the filter"),
    "help": (
        "悬停、点按或用键盘(方向键移动,回车查看)可见缘由。实心为已发生,空心为将来。",
        "Hover, tap or use the keyboard (arrows move, Enter opens) for the reasons. Filled: happened. Hollow: ahead.",
    ),
    "load": ("未来工作量", "Work ahead"),
    "load-posts": ("各岗位应办事项", "Items due by post"),
    "load-messages": ("将发出的消息", "Messages that go out"),
    "overdue-now": ("已逾期", "Overdue now"),
    "beyond": ("此后", "Later"),
    "period": ("时段", "Period"),
    "total": ("合计", "Total"),
    "refused": ("被拒绝的事件", "Refused events"),
    "no-script": ("此页需要 JavaScript。", "This page needs JavaScript."),
    "language": ("语言", "Language"),
    "chart": ("时间轴", "Time axis"),
    "unit": ("房号", "Home"),
}

# Outcomes as they are counted and coloured: what happened, runs, is late, lies ahead, went wrong, was not done.
GROUPS: Final[Mapping[str, Words]] = {
    "done": ("已办", "Done"),
    "open": ("进行中", "Under way"),
    "late": ("逾期", "Overdue"),
    "ahead": ("将来", "Ahead"),
    "wrong": ("异常", "Went wrong"),
    "quiet": ("未执行", "Not done"),
}
GROUP_OF: Final[Mapping[str, str]] = {
    "sent": "done", "delivered": "done", "served": "done", "done": "done",
    "merged": "done",  # another one carries it
    "open": "open", "warned": "open", "held": "open", "reserved": "open",
    "overdue": "late", "escalated": "late",
    "planned": "ahead",
    "failed": "wrong", "unknown": "wrong", "missed": "wrong",
    "suppressed": "quiet", "skipped": "quiet", "withdrawn": "quiet",
}  # fmt: skip
VERDICTS: Final[Mapping[str, Words]] = {
    "applied": ("已采纳", "Applied"), "parked": ("暂存", "Parked"),
    "refused": ("已拒绝", "Refused"), "taken": ("已接收", "Taken, judged later"),
}  # fmt: skip
UNPLACED: Final[Words] = ("—", "—")
