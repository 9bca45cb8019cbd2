"""Commands that look back and ahead: timeline, forecast, explain; in words or as one drawn page."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.journeys import ENTRIES
from starter.cli.output import ExitCode, Json, Lang, Output, Where, writing

KINDS = {
    "fact": "facts", "facts": "facts", "item": "items", "items": "items", "message": "messages", "messages": "messages",
}  # fmt: skip
MOST_LIVES = 100

Html = Annotated[Path | None, typer.Option("--html", metavar="OUT", help="画成一页 HTML / draw one page")]
Names = Annotated[bool, typer.Option("--names", help="显示业主全名,须有权限 / owners' names, with the scope for it")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in (("timeline", timeline), ("forecast", forecast), ("explain", explain)):
        app.command(name)(command)


def timeline(
    where: Where,
    kind: Annotated[str | None, typer.Option("--kind", help="facts, items, messages")] = None,
    html: Html = None,
    names: Names = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """发生过什么,为什么 / what happened, and why."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    wanted = _kind(kind)
    with Remote.open(out) as api:
        if html is not None:
            _draw(html, "timeline", [_life(api, where, names)], out)
            if not as_json:
                return
        lines = list(api.pages(path_of("journeys", where, "timeline"), kind=wanted))
    if as_json:
        out.document({"data": lines, "next_cursor": None})
    else:
        _by_day(lines, out)


def forecast(
    where: Annotated[
        str, typer.Argument(metavar="ID|PROJECT/UNIT|PROJECT", help="旅程或整个项目 / a journey or a whole project")
    ],
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="项目:往后几周 / project: weeks ahead")] = 12,
    by: Annotated[str, typer.Option("--by", metavar="week|month", help="项目:按周或月 / project: periods")] = "week",
    html: Html = None,
    names: Names = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """接下来会发生什么 / what is still planned; for a whole project by week or month and post."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        if "/" in where or where.startswith("jrn_"):
            page = api.get(path_of("journeys", where, "forecast"))
            if html is not None:
                _draw(html, "forecast", [_life(api, where, names)], out)
                if not as_json:
                    return
            out.table(page, page["data"], ENTRIES)
            return
        load = api.get(path_of("projects", where, "forecast"), weeks=weeks, by=by)
        if html is not None:
            _draw_project(html, api, load, out)
            if not as_json:
                return
    rows, columns = workload_table(load, out)
    out.table(load, rows, columns)


def explain(
    where: Where,
    item: Annotated[str, typer.Argument(metavar="KEY|RULE", help="事项的键,或规则 / the item's key, or its rule")],
    occurrence: Annotated[str | None, typer.Option("--occurrence", help="有多个时 / where there are several")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """一个事项为什么是这样 / why an item is as it is, and what would change it."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("journeys", where, "explain"), item=item, occurrence=occurrence)
    if as_json:
        out.document(found)
    else:
        _show_explanation(found, out)
    return ExitCode.OK if found["asked"] else ExitCode.NOT_FOUND


def workload_table(load: Mapping[str, Any], out: Output) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
    """A project's work ahead as rows of periods with a column for every post and class of message."""
    from journey.domain.values import MessageClass, Role

    all_loads = [load["overdue"], *load["periods"], load["beyond"]]
    posts = [role for role in Role if any(role in each["posts"] for each in all_loads)]
    classes = [each for each in MessageClass if any(each in one["messages"] for one in all_loads)]
    columns = [("period", "时段", "period")]
    columns += [(f"posts:{role}", role.zh, role.value) for role in posts]
    columns += [(f"messages:{each}", f"消息·{each.zh}", f"{each.value} messages") for each in classes]
    columns.append(("suppressed", "预计不发", "will not go"))
    named = [(out.say("已逾期", "overdue"), load["overdue"])]
    named += [(f"{each['from']} – {each['until']}", each) for each in load["periods"]]
    named.append((out.say("此后", "later"), load["beyond"]))
    return [{"period": name, **_counts(each)} for name, each in named], columns


def _counts(load: Mapping[str, Any]) -> dict[str, int]:
    """Its cells; one column sums up what is expected not to go."""
    counts = {f"{field}:{code}": count for field in ("posts", "messages") for code, count in load[field].items()}
    kept_back = sum(load["suppressed"].values())
    return counts | ({"suppressed": kept_back} if kept_back else {})


def _kind(told: str | None) -> str | None:
    if told is not None and told not in KINDS:
        raise typer.BadParameter("facts, items, messages", param_hint="--kind")
    return KINDS[told] if told else None


def _by_day(lines: Iterable[Mapping[str, Any]], out: Output) -> None:
    """One heading a day, one line a happening, the hour before it."""
    from rich.markup import escape

    from starter.cli.output import console

    day, screen = "", console()
    for line in lines:
        if line["at"][:10] != day:
            day = line["at"][:10]
            screen.print(f"[bold]{day}[/bold]", highlight=False)
        screen.print(f"  {line['at'][11:16]}  {escape(line['text'])}", highlight=False, soft_wrap=True)
    if not day:
        out.note("没有记录。", "Nothing here.")


def _show_explanation(found: Mapping[str, Any], out: Output) -> None:
    from rich.markup import escape

    from starter.cli.output import console

    screen = console()
    if found["asked"]:
        screen.print(f"[bold]{escape(found['title'])}[/bold]  {escape(found['key'])}", highlight=False, soft_wrap=True)
    for section in found["sections"]:
        if section["lines"]:
            screen.print(f"[bold]{escape(section['title'])}[/bold]", highlight=False)
        for line in section["lines"]:
            at = f"{line['at'][:16].replace('T', ' ')}  " if line.get("at") else ""
            screen.print(f"  {at}{escape(line['text'])}", highlight=False, soft_wrap=True)


def _life(api: Any, where: str, names: bool) -> dict[str, Any]:
    from starter.cli.remote import path_of

    found: dict[str, Any] = api.get(path_of("journeys", where, "life"), names=True if names else None)
    return found


def _draw(path: Path, kind: str, lives: list[dict[str, Any]], out: Output, **more: Any) -> None:
    """Write the page of lives, with what the project has ahead where that is known."""
    from starter.view import write_page

    first = lives[0]
    project = {"code": first["project"], "name": first["name"]}
    document = {"kind": kind, "project": project, "now": first["now"], "lives": lives, **more}
    with writing(path):
        write_page(path, document, out.lang)
    _say_page(path, out)


def _say_page(path: Path, out: Output) -> None:
    """Where the page is: the answer of the command, or a remark beside the one JSON document."""
    (out.note if out.as_json else out.line)(f"页面:{path}", f"Page: {path}")


def _draw_project(path: Path, api: Any, load: Mapping[str, Any], out: Output) -> None:
    from itertools import islice

    from starter.cli.remote import path_of
    from starter.view import write_page

    lives = list(islice(api.pages(path_of("projects", load["project"], "lives"), size=25), MOST_LIVES))
    document = {
        "kind": "forecast",
        "project": {"code": load["project"], "name": load["name"]},
        "now": load["now"],
        "lives": lives,
        "total": load["journeys"],
        "load": load,
    }
    with writing(path):
        write_page(path, document, out.lang)
    _say_page(path, out)
