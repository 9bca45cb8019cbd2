"""How a preview is shown: what moves, for how many homes and posts, what leaves soon."""

from collections.abc import Mapping
from typing import Any

from starter.cli.output import Output

ITEMS = (
    ("title", "事项", "item"), ("kind", "种类", "kind"), ("what", "变化", "what"), ("how", "方式", "how"),
    ("count", "数量", "count"), ("was_first", "原最早", "was, first"), ("was_last", "原最晚", "was, last"),
    ("due_first", "新最早", "now, first"), ("due_last", "新最晚", "now, last"),
)  # fmt: skip
EXAMPLES = (
    ("unit", "房号", "unit"), ("key", "事项", "item"), ("what", "变化", "what"), ("was", "原", "was"),
    ("due", "新", "now"),
)  # fmt: skip
LEAVING = (
    ("day", "日期", "day"), ("kind", "种类", "kind"), ("channel", "渠道", "channel"), ("role", "岗位", "post"),
    ("title", "事项", "item"), ("count", "数量", "count"),
)  # fmt: skip
POSTS = (("role", "岗位", "post"), ("items", "受影响事项", "items that change"))
CHANGES = (("path", "位置", "where"), ("words", "变化", "change"))
_ONE = (
    ("title", "事项", "item"), ("kind", "种类", "kind"), ("role", "岗位", "post"), ("what", "变化", "what"),
    ("how", "方式", "how"), ("channel", "渠道", "channel"), ("was", "原", "was"), ("due", "新", "now"),
    ("at", "时间", "at"),
)  # fmt: skip
_EVENT_PARTS = (
    ("moves", _ONE, "变动", "moves"), ("withdrawn", _ONE, "不再办", "no longer"),
    ("again", _ONE, "再次告知", "told again"),
    ("at_once", _ONE, "立即", "at once"), ("next", _ONE, "两周内将发生", "within two weeks"),
)  # fmt: skip
_COUNTS = (
    ("as_of", "以此时计", "as of"), ("homes", "户数", "homes"), ("moved_homes", "受影响", "homes that change"),
    ("missed", "将错过", "become missed"), ("poked_earlier", "须提前行动", "must act earlier"),
)  # fmt: skip
_PARTS = (
    ("items", ITEMS, "事项", "items"), ("again", ITEMS, "再次告知", "told again"),
    ("at_once", ITEMS, "立即", "at once"),
    ("posts", POSTS, "岗位", "posts"), ("leaving", LEAVING, "两周内将发生", "leaving within two weeks"),
    ("examples", EXAMPLES, "例", "examples"),
)  # fmt: skip


def show_event(found: Mapping[str, Any], out: Output) -> None:
    """What one event would do to one journey."""
    if out.as_json:
        out.document(found)
        return
    reason = (found.get("reason") or {}).get("text") or found.get("text") or ""
    lines = [(out.say("结论", "verdict"), f"{out.word('verdict', found['verdict'])} {reason}")]
    for key, zh, en in (("stage", "阶段", "stage"), ("status", "状态", "status")):
        was, to = out.word(key, found[key]["was"]), out.word(key, found[key]["to"])
        lines += [(out.say(zh, en), f"{was} → {to}")] if was != to else []
    out.show(found, lines)
    for name, columns, zh, en in _EVENT_PARTS:
        if found[name]:
            out.line(f"{zh}:", f"{en}:")
            out.table(found, found[name], columns)


def show_preview(found: Mapping[str, Any], out: Output) -> None:
    """The whole preview, as JSON or for people."""
    if out.as_json:
        out.document(found)
        return
    lines = [(out.say(zh, en), found[key]) for key, zh, en in _COUNTS if found.get(key) is not None]
    if found.get("poked_homes"):
        lines.append((out.say("例如", "such as"), ", ".join(found["poked_homes"])))
    lines += [(each["date"], f"{each['was'] or '—'} → {each['to'] or '—'}") for each in found.get("dates", ())]
    if moved := found.get("go_live"):
        lines.append((out.say("上线时刻", "go-live"), f"{moved['was'] or '—'} → {moved['to'] or '—'}"))
    reason = (found.get("reason") or {}).get("text") or found.get("text")
    if found.get("verdict"):
        lines.append((out.say("结论", "verdict"), f"{out.word('verdict', found['verdict'])} {reason or ''}"))
    elif reason:
        lines.append((out.say("结论", "verdict"), reason))
    out.show(found, lines)
    for policy in found.get("policies", ()):
        rows = [{**each, "words": each["text_zh" if out.lang == "zh" else "text"]} for each in policy["changes"]]
        if rows:
            out.line(f"{policy['name']} {policy['version']}:", f"{policy['name']} {policy['version']}:")
            out.table(found, rows, CHANGES)
    for name, columns, zh, en in _PARTS:
        if found.get(name):
            out.line(f"{zh}:", f"{en}:")
            out.table(found, found[name], columns)
