"""A simulated life for people: per journey one dated line for everything that was done, is open or lies ahead."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

OUTCOMES = {
    "planned": ("待办", "planned", "dim"),
    "open": ("进行中", "open", "yellow"),
    "sent": ("已发送", "sent", "green"),
    "delivered": ("已送达", "delivered", "green"),
    "served": ("已签收", "served", "green"),
    "done": ("已完成", "done", "green"),
    "held": ("暂缓", "held", "yellow"),
    "suppressed": ("未发送", "suppressed", "dim"),
    "skipped": ("已跳过", "skipped", "dim"),
    "merged": ("已合并", "merged", "dim"),
    "missed": ("已错过", "missed", "red"),
    "withdrawn": ("已撤回", "withdrawn", "dim"),
    "failed": ("未成功", "failed", "red"),
    "unknown": ("待核实", "unknown", "red"),
}
STEPS = {"warned": "预警 warned", "overdue": "逾期 overdue", "escalated": "升级 escalated"}


def print_report(document: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the document of a simulation as timelines."""
    out = console or (Console() if sys.stdout.isatty() else Console(width=160))
    for journey in document["journeys"]:
        unit = journey["unit"] or journey["id"]
        out.print(f"[bold]{escape(unit)}[/bold]  {journey['stage']} · {journey['status']}")
        for _, line in sorted(_lines(journey["entries"])):
            out.print(line, soft_wrap=True, highlight=False)
        for cover in _warranty(journey["warranty"]):
            out.print(cover, soft_wrap=True, highlight=False)
        out.print()
    for kind, words in (("batches", "批次 batch"), ("projects", "项目 project")):
        for shared in document[kind]:
            if shared["entries"]:
                out.print(f"[bold]{words} {escape(shared['code'])}[/bold]")
                for _, line in sorted(_lines(shared["entries"])):
                    out.print(line, soft_wrap=True, highlight=False)
                out.print()
    if document["events_refused"]:
        out.print("[bold red]被拒绝的事件 refused events[/bold red]")
        for event in document["events_refused"]:
            reason = event["reason"]
            foreseen = "  (预期之内 as expected)" if event["expected"] else ""
            out.print(f"  {escape(event['id'])}  {event['type']}  {escape(reason['text'] or reason['code'])}{foreseen}")
    if document["refusals_missing"]:
        out.print("[bold red]应被拒绝而未被拒绝 expected to be refused, and were not[/bold red]")
        for event in document["refusals_missing"]:
            code = "" if event["refused"] is True else f"  {event['refused']}"
            out.print(f"  {escape(event['id'])}  {event['type']}{escape(code)}")


def _lines(entries: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Lines with the instant that they are sorted by."""
    for entry in entries:
        zh, en, style = OUTCOMES.get(entry["outcome"], (entry["outcome"], entry["outcome"], ""))
        at = entry["at"] or entry["due"]
        why = _why(entry)
        name = escape(f"{entry.get('title') or entry['item']} {_occurrence(entry)}".strip())
        text = f"  {_when(at)}  [{style}]{zh} {en}[/{style}]  {name}"
        yield at, f"{text}  [dim]{escape(why)}[/dim]" if why else text
        for step in entry["steps"]:
            to = f" → {step['to']}" if step.get("to") else ""
            yield (
                step["at"],
                f"  {_when(step['at'])}  [yellow]{STEPS.get(step['step'], step['step'])}[/yellow]  {name}{to}",
            )


def _occurrence(entry: Mapping[str, Any]) -> str:
    return "" if entry["occurrence"] in (None, "once") else f"({entry['occurrence']})"


def _why(entry: Mapping[str, Any]) -> str:
    words = [each["text"] for each in entry["because"]]
    if entry["reason"] and entry["outcome"] not in ("done", "sent", "merged"):
        words.insert(0, entry["reason"])
    return ";".join(dict.fromkeys(words))


def _warranty(covers: list[Mapping[str, Any]]) -> Iterator[str]:
    known = [cover for cover in covers if cover["owner_ends"]]
    if known:
        yield "  [bold]保修 warranty[/bold]"
    for cover in known:
        contractor = cover["contractor_ends"] or "—"
        gap = f",差 {cover['gap_days']} 天" if cover["gap_days"] else ""
        yield f"    {cover['component']:<18} 业主 {cover['owner_ends']}  施工单位 {contractor}{gap}"


def _when(instant: str) -> str:
    return f"{instant[:10]} {instant[11:16]}"
