"""Commands that look at journeys."""

from typing import Annotated

import typer

from starter.cli.output import Json, Lang, Output, Where

JOURNEYS = (
    ("id", "编号", "id"), ("project", "项目", "project"), ("unit", "房号", "unit"), ("stage", "阶段", "stage"),
    ("status", "状态", "status"), ("next_due", "下次到期", "next due"), ("overdue", "逾期", "overdue"),
)  # fmt: skip
ENTRIES = (
    ("due", "到期", "due"), ("title", "名称", "title"), ("item", "事项", "item"), ("kind", "种类", "kind"),
    ("role", "岗位", "role"), ("channel", "渠道", "channel"), ("outcome", "结果", "outcome"),
    ("because", "缘由", "because"), ("key", "键", "key"), ("expected", "所见", "expected"),
)  # fmt: skip
TIMELINE = (
    ("at", "时间", "at"), ("code", "代码", "code"), ("title", "事项", "item"), ("text", "说明", "text"),
    ("ref", "指向", "ref"),
)  # fmt: skip
MESSAGES = (
    ("sent_at", "发送时间", "sent at"), ("entry", "事项", "entry"), ("person", "业主", "person"),
    ("channel", "渠道", "channel"), ("template", "模板", "template"), ("state", "状态", "state"),
    ("reason", "原因", "reason"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in (
        ("list", list_journeys), ("show", show), ("timeline", timeline), ("forecast", forecast), ("outbox", outbox),
    ):  # fmt: skip
        app.command(name)(command)


def list_journeys(
    project: Annotated[str | None, typer.Option("--project")] = None,
    stage: Annotated[str | None, typer.Option("--stage")] = None,
    status: Annotated[str | None, typer.Option("--status")] = None,
    q: Annotated[str | None, typer.Option("-q", "--query", help="房号等 / unit and the like")] = None,
    due_before: Annotated[str | None, typer.Option("--due-before", metavar="RFC3339")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200)] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """旅程列表 / list journeys."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        page = api.get(
            "/v1/journeys",
            project=project,
            stage=stage,
            status=status,
            q=q,
            due_before=due_before,
            limit=limit,
            cursor=cursor,
        )
    out.table(page, page["data"], JOURNEYS)
    if page.get("next_cursor") and not as_json:
        out.note(f"还有更多:--cursor {page['next_cursor']}", f"More: --cursor {page['next_cursor']}")


def show(
    where: Where,
    entries: Annotated[bool, typer.Option("--entries", help="全部事项 / every item, ahead, running and ended")] = False,
    state: Annotated[str | None, typer.Option("--state", help="按结果,如 unknown / by outcome: unknown …")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """一段旅程的现状 / one journey as it stands."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        if entries or state:
            page = api.get(path_of("journeys", where, "entries"), state=state)
            out.table(page, page["data"], ENTRIES)
            return
        found = api.get(path_of("journeys", where))
    out.show(found, [(key, value) for key, value in found.items() if value not in (None, [], {})])


def timeline(where: Where, as_json: Json = False, lang: Lang = "zh") -> None:
    """发生过什么,为什么 / what happened, and why."""
    _sub_list(where, "timeline", TIMELINE, Output(as_json, lang))


def forecast(where: Where, as_json: Json = False, lang: Lang = "zh") -> None:
    """接下来会发生什么 / what is still planned."""
    _sub_list(where, "forecast", ENTRIES, Output(as_json, lang))


def outbox(
    where: Annotated[str | None, typer.Argument(metavar="[ID|PROJECT/UNIT]")] = None,
    state: Annotated[str | None, typer.Option("--state")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """发出的消息 / messages that went out."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        journey = api.get(path_of("journeys", where))["id"] if where else None
        page = api.get("/v1/messages", journey=journey, state=state)
    out.table(page, page["data"], MESSAGES)


def _sub_list(where: str, name: str, columns: tuple[tuple[str, str, str], ...], out: Output) -> None:
    from starter.cli.remote import Remote, path_of

    with Remote.open(out) as api:
        page = api.get(path_of("journeys", where, name))
    out.table(page, page["data"], columns)
