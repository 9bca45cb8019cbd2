"""Commands that look at journeys."""

from typing import Annotated

import typer

from starter.cli.output import Json, Lang, Output, Where

JOURNEYS = (
    ("id", "编号", "id"), ("project", "项目", "project"), ("unit", "房号", "unit"), ("stage", "阶段", "stage"),
    ("status", "状态", "status"), ("next_due", "下次到期", "next due"), ("overdue", "逾期", "overdue"),
)  # fmt: skip
SHOWN = (
    *JOURNEYS, ("building", "楼栋", "building"), ("batch", "交付批次", "batch"),
    ("external_id", "外部编号", "external id"), ("started_at", "开始于", "started at"),
    ("owners", "业主", "owners"), ("open_tasks", "进行中任务", "open tasks"),
    ("no_valid_contact", "无有效联系方式", "no valid contact"),
)  # fmt: skip
COVERS = (
    ("component", "保修部位", "component"), ("owner_ends", "业主保修至", "owner until"),
    ("contractor_ends", "施工方保修至", "contractor until"), ("gap_days", "空档天数", "gap in days"),
)  # fmt: skip
ENTRIES = (
    ("due", "到期", "due"), ("title", "名称", "title"), ("item", "事项", "item"), ("kind", "种类", "kind"),
    ("role", "岗位", "role"), ("channel", "渠道", "channel"), ("outcome", "结果", "outcome"),
    ("outlook", "预计", "outlook"), ("why", "原因", "reason"),
    ("because", "缘由", "because"), ("key", "键", "key"), ("expected", "所见", "expected"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in (("list", list_journeys), ("show", show)):
        app.command(name)(command)


def list_journeys(
    project: Annotated[str | None, typer.Option("--project")] = None,
    stage: Annotated[str | None, typer.Option("--stage")] = None,
    status: Annotated[str | None, typer.Option("--status")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="交付批次 / handover batch")] = None,
    building: Annotated[str | None, typer.Option("--building", help="楼栋 / building")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="REF", help="某业主的房产 / an owner's homes")] = None,
    overdue: Annotated[
        bool | None, typer.Option("--overdue/--not-overdue", help="有无逾期任务 / with late tasks, or with none")
    ] = None,
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
            batch=batch,
            building=building,
            owner=owner,
            overdue=None if overdue is None else str(overdue).lower(),
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
    live: Annotated[
        bool, typer.Option("--live", help="持续跟踪,Ctrl-C 结束 / follow it as it changes, until Ctrl-C")
    ] = False,
    entries: Annotated[bool, typer.Option("--entries", help="全部事项 / every item, ahead, running and ended")] = False,
    state: Annotated[str | None, typer.Option("--state", help="按结果,如 unknown / by outcome: unknown …")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """一段旅程的现状 / one journey as it stands."""
    from starter.cli.following import follow
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        if live:
            follow(api, where, out)
            return
        if entries or state:
            page = api.get(path_of("journeys", where, "entries"), state=state)
            out.table(page, page["data"], ENTRIES)
            return
        found = api.get(path_of("journeys", where))
    out.show(found, [(out.say(zh, en), out.word(key, found[key])) for key, zh, en in SHOWN if found.get(key)])
    if found.get("warranty") and not as_json:
        out.line("\n保修台账", "\nWarranty ledger")
        out.table(found, found["warranty"], COVERS)
    if found.get("ledgers") and not as_json:
        from starter.cli.ledgers import LEDGERS, ledger_rows

        out.line("\n台账", "\nLedgers")
        out.table(found, ledger_rows(found["ledgers"], out), LEDGERS)
