"""`journey outbox`: messages that went out, and the breakers of templates and providers."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from starter.cli.output import Json, Lang, Output, one_of

STATES = ("planned", "held", "sent", "delivered", "read", "replied", "served", "skipped", "failed", "unknown")
MESSAGES = (
    ("sent_at", "发送时间", "sent at"), ("entry", "事项", "entry"), ("person", "业主", "person"),
    ("channel", "渠道", "channel"), ("template", "模板", "template"), ("state", "状态", "state"),
    ("segments", "条数", "parts"), ("cost", "费用", "cost"), ("reason", "原因", "reason"), ("id", "编号", "id"),
)  # fmt: skip
HISTORY = (("at", "时间", "at"), ("text", "经过", "what happened"))
RECEIPTS = (
    ("at", "时间", "at"), ("state", "回执", "receipt"), ("code", "代码", "code"), ("provider", "服务商", "provider"),
    ("outcome", "处理", "outcome"), ("received_at", "收到", "received"),
)  # fmt: skip
STRANGERS = (
    ("received_at", "收到", "received"), ("outcome", "处理", "outcome"), ("source", "来源", "source"),
    ("provider_id", "服务商编号", "provider's id"), ("state", "回执", "receipt"), ("code", "代码", "code"),
    ("from", "来自", "from"), ("id", "编号", "id"),
)  # fmt: skip
ANSWERS = (("at", "时间", "at"), ("text", "业主回复", "the owner wrote"), ("event", "事件", "event"))
BREAKERS = (
    ("kind", "种类", "kind"), ("name", "名称", "name"), ("breaker", "状态", "state"), ("failed", "失败", "failed"),
    ("passed", "成功", "passed"), ("error", "错误", "error"), ("opened_at", "熔断于", "opened at"),
    ("probe_at", "下次试发", "next probe"),
)  # fmt: skip


class _ListsByDefault(TyperGroup):
    """`journey outbox [ID|PROJECT/UNIT]` lists, as it always did; a word that is a command of its own is that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--help" not in args and not (args and args[0] in self.commands):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=_ListsByDefault, help="发出的消息与熔断 / messages that went out, and breakers")
    for name, command in (("list", list_messages), ("receipts", receipts), ("breakers", breakers), ("reset", reset)):
        group.command(name)(command)
    app.add_typer(group, name="outbox")


def list_messages(
    where: Annotated[str | None, typer.Argument(metavar="[ID|PROJECT/UNIT|MESSAGE]")] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", help=", ".join(STATES), callback=one_of(*STATES)),
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """消息的状态与原因,或一条消息的经过 / messages with their states and why, or the history of one."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        if where is not None and where.startswith(("msg_", "ent_")):
            _show_message(out, api.get(path_of("messages", where)))
            return
        journey = api.get(path_of("journeys", where))["id"] if where else None
        page = api.get("/v1/messages", journey=journey, state=state)
    out.table(page, [_in_words(row) for row in page["data"]], MESSAGES)


def _show_message(out: Output, found: dict[str, Any]) -> None:
    if out.as_json:
        out.document(found)
        return
    out.table(found, [_in_words(found)], MESSAGES)
    out.table(found, found["history"], HISTORY)
    if found["receipts"]:
        out.table(found, found["receipts"], RECEIPTS)
    if found["answers"]:
        out.table(found, found["answers"], ANSWERS)
    for line in (found.get("decision") or {}).get("text", ()):
        out.line(line, line)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """The cost as one reads it."""
    cost = row.get("cost")
    return row | {"cost": f"{cost['amount']} {cost['currency']}" if cost else None}


def receipts(
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="waiting, unknown", callback=one_of("waiting", "unknown"))
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """找不到对应消息的回执:等待中的与已放弃的 / receipts of no message of ours: waiting, and given up."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages("/v1/messages/receipts", outcome=outcome))
    out.table({"data": rows, "next_cursor": None}, rows, STRANGERS)


def breakers(
    state: Annotated[
        str | None,
        typer.Option("--state", help="open, recovering, closed", callback=one_of("open", "recovering", "closed")),
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """失败过的模板与服务商,哪些已熔断 / templates and providers that failed, and which are stopped."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages("/v1/messages/breakers", state=state))
    out.table({"data": rows, "next_cursor": None}, [{**row, "breaker": row["state"]} for row in rows], BREAKERS)


def reset(
    kind: Annotated[str, typer.Argument(metavar="provider|template")],
    name: Annotated[str, typer.Argument(help="如 sms/aliyun / as the list names it")],
    reason: Annotated[str, typer.Option("--reason", help="为什么 / why")],
    by: Annotated[str | None, typer.Option("--by", help="谁说的 / who says so")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """人工恢复:滞留的按速率补发 / close it by hand: what waits goes out at a steady rate."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    body = {"kind": kind, "name": name, "reason": reason} | ({"by": by} if by else {})
    with Remote.open(out) as api:
        found = api.post("/v1/messages/breakers/reset", body)
    out.table(found, [{**found, "breaker": found["state"]}], BREAKERS)
