"""`journey broadcast`: texts for many, what became of them, and sending one."""

from typing import Annotated, Any

import typer

from starter.cli.broadcast_orders import register_orders
from starter.cli.output import ExitCode, Json, Lang, Output

BROADCASTS = (
    ("id", "编号", "id"), ("project", "项目", "project"), ("title", "内容", "what"),
    ("occurrence", "期次", "occurrence"), ("class", "类别", "class"), ("state", "状态", "state"),
    ("opened_at", "开始", "opened"), ("closed_at", "结束", "closed"),
)  # fmt: skip
PROGRESS = (
    ("expected", "应达", "expected"), ("met", "已判定", "met"), ("sent", "已发", "sent"), ("held", "等待", "held"),
    ("failed", "失败", "failed"), ("unknown", "不明", "unknown"), ("left", "剩余", "left"),
    ("per_second", "每秒", "a second"), ("limit", "上限", "limit"), ("ends_at", "预计结束", "ends about"),
)  # fmt: skip
COSTS = (
    ("channel", "渠道", "channel"), ("messages", "条数", "messages"), ("parts", "段数", "parts"),
    ("cost", "费用", "cost"),
)  # fmt: skip
CONTROL = (("at", "时间", "at"), ("action", "指令", "order"), ("by", "由", "by"), ("reason", "理由", "reason"))
MEMBERS = (("channel", "渠道", "channel"), ("id", "编号", "id"), ("state", "状态", "state"))
OUTCOMES = (("outcome", "结果", "outcome"), ("count", "人数", "count"), ("text", "原因", "reason"))
TEXTS = (
    ("language", "语言", "language"), ("channel", "渠道", "channels"), ("recipients", "人数", "persons"),
    ("subject", "标题", "subject"), ("text", "文本", "text"),
)  # fmt: skip
SAMPLE = (
    ("unit", "房号", "unit"), ("name", "姓名", "name"), ("language", "语言", "language"),
    ("channel", "渠道", "channel"), ("address", "联系方式", "address"), ("outcome", "结果", "outcome"),
    ("reason", "原因", "reason"), ("text", "文本", "text"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    broadcasts = typer.Typer(no_args_is_help=True, help="群发 / texts for many owners")
    for name, command in (("list", list_broadcasts), ("show", show), ("start", start)):
        broadcasts.command(name)(command)
    register_orders(broadcasts)
    app.add_typer(broadcasts, name="broadcast")


def list_broadcasts(
    project: Annotated[str | None, typer.Option("--project", help="项目 / project")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """群发列表 / broadcasts, the latest first."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages("/v1/broadcasts", project=project))
    out.table({"data": rows, "next_cursor": None}, rows, BROADCASTS)


def show(
    broadcast: Annotated[str, typer.Argument(metavar="ID", help="群发编号 / id of a broadcast")],
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """一次群发:按结果与原因统计 / one broadcast: recipients by outcome and reason."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("broadcasts", broadcast))
    if as_json:
        out.document(found)
        return
    out.table(found, [found], BROADCASTS)
    out.table(found, [found["progress"]], PROGRESS)
    for rows, columns in ((found["outcomes"], OUTCOMES), (found["channels"], MEMBERS), (found["control"], CONTROL)):
        if rows:
            out.table(found, rows, columns)
    show_texts(out, found)
    if found["state"] == "draft":
        out.note(
            f"待第二人查看:journey broadcast review {broadcast}", f"To be seen: journey broadcast review {broadcast}"
        )
    if found["reach"]:
        reach = found["reach"]
        out.line(
            f"应通知 {reach['persons']} 人,已送出 {reach['reached']} 人,未能送达 {reach['unreached']} 人。",
            f"{reach['persons']} persons, {reach['reached']} reached, {reach['unreached']} by no channel.",
        )


def start(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="项目 / project")],
    message_class: Annotated[str, typer.Option("--class", help="contract | care | marketing")],
    template: Annotated[str | None, typer.Option("--template", help="政策包内的模板 / a template of the pack")] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="自拟正文,总须第二人批准 / words of your own, always let go by another")
    ] = None,
    text_en: Annotated[str | None, typer.Option("--text-en", help="其英文 / the same in English")] = None,
    building: Annotated[str | None, typer.Option("--building", help="楼栋 / building")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="批次 / batch")] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help="阶段,可重复 / may be repeated")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="标签,可重复 / may be repeated")] = None,
    rate: Annotated[int | None, typer.Option("--rate", help="每秒最多条数 / messages a second at most")] = None,
    by: Annotated[str | None, typer.Option("--by", help="发起人 / who asks for it")] = None,
    ident: Annotated[str | None, typer.Option("--id", help="同一编号只发一次 / sent once under one id")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看结果,不发送 / show only, send nothing")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """群发一条 / send a text to many, each decided by consent, hours and caps."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    told: dict[str, Any] = {
        "project": project, "template": template, "class": message_class, "building": building, "batch": batch,
        "stages": stage, "tags": tag, "id": ident, "rate": rate, "by": by,
        "words": {name: said for name, said in (("zh", text), ("en", text_en)) if said} or None,
    }  # fmt: skip
    body = {name: value for name, value in told.items() if value not in (None, [])}
    with Remote.open(out, timeout=120) as api:
        found = api.post("/v1/broadcasts/preview" if dry_run else "/v1/broadcasts", body)
    if not dry_run:
        out.show(
            found, [(out.say("编号", "id"), found["id"]), (out.say("状态", "state"), out.word("state", found["state"]))]
        )
        if found["state"] == "draft":
            out.note(
                "待第二人查看并批准:journey broadcast review、approve。",
                "A second person has to see it and let it go: journey broadcast review, approve.",
            )
        if not found["opened"]:
            out.note("此前已发起,未再发送。", "Asked for before: nothing was sent again.")
    elif as_json:
        out.document(found)
    else:
        show_forecast(out, found)
    return ExitCode.OK


def show_forecast(out: Output, found: dict[str, Any]) -> None:
    """Counts by outcome, costs by channel, the words in every language, and the sample."""
    out.table(found, found["outcomes"], OUTCOMES)
    if found["channels"]:
        out.table(found, found["channels"], COSTS)
        out.line(f"合计 {found['cost']} {found['currency']}", f"{found['cost']} {found['currency']} in all")
    show_texts(out, found)
    out.table(found, found["sample"], SAMPLE)


def show_texts(out: Output, found: dict[str, Any]) -> None:
    """What it says, by language and channel; nothing where that is not told."""
    rows = [
        one | {"channel": " ".join(out.word("channel", each) for each in one["channels"])}
        for one in found.get("texts", ())
    ]
    if rows:
        out.table(found, rows, TEXTS)
