"""`journey batch`: handover batches, what a move of one would do, and moving it."""

from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output

Batch = Annotated[str, typer.Argument(metavar="PROJECT/CODE", help="项目/批次 / project and batch")]
From = Annotated[str | None, typer.Option("--handover-from", metavar="DATE", help="交付首日 / first day")]
To = Annotated[str | None, typer.Option("--handover-to", metavar="DATE", help="交付末日 / last day")]
Contract = Annotated[
    str | None, typer.Option("--contract-date", metavar="DATE", help="合同交付日 / contract handover date")
]
Completion = Annotated[
    str | None, typer.Option("--completion", metavar="DATE", help="竣工验收日 / completion accepted on")
]
Buildings = Annotated[list[str] | None, typer.Option("--building", help="楼栋,可重复 / may be repeated")]
By = Annotated[str | None, typer.Option("--by", help="谁改的 / who moves it")]
Why = Annotated[str | None, typer.Option("--reason", help="为什么 / why")]

BATCHES = (
    ("code", "批次", "batch"), ("buildings", "楼栋", "buildings"), ("homes", "户数", "homes"),
    ("handover_from", "交付首日", "handover from"), ("contract_handover", "合同交付日", "contract date"),
    ("completion", "竣工验收", "completion"),
)  # fmt: skip
MOVES = (
    ("told_at", "告知时间", "told at"), ("type", "类型", "type"), ("by", "谁", "by"), ("source", "来源", "source"),
    ("handover_from", "交付首日", "handover from"), ("why", "原因", "why"), ("reason", "现状", "state"),
)  # fmt: skip
CHANGES = (("at", "时间", "at"), ("state", "状态", "state"), ("text", "进展", "progress"))
ITEMS = (
    ("title", "事项", "item"), ("kind", "种类", "kind"), ("what", "变化", "what"), ("how", "方式", "how"),
    ("count", "数量", "count"), ("was_first", "原最早", "was, first"), ("was_last", "原最晚", "was, last"),
    ("due_first", "新最早", "now, first"), ("due_last", "新最晚", "now, last"),
)  # fmt: skip
EXAMPLES = (
    ("unit", "房号", "unit"), ("key", "事项", "item"), ("what", "变化", "what"), ("was", "原", "was"),
    ("due", "新", "now"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    batches = typer.Typer(no_args_is_help=True, help="交付批次 / handover batches")
    for name, command in (
        ("list", list_batches), ("show", show), ("plan", plan), ("reschedule", reschedule), ("preview", preview),
    ):  # fmt: skip
        batches.command(name)(command)
    app.add_typer(batches, name="batch")


def list_batches(
    project: Annotated[str, typer.Option("--project", help="项目 / project")], as_json: Json = False, lang: Lang = "zh"
) -> None:
    """一个项目的批次 / the batches of a project."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages("/v1/batches", project=project))
    out.table({"data": rows, "next_cursor": None}, [_row(row) for row in rows], BATCHES)


def show(batch: Batch, as_json: Json = False, lang: Lang = "zh") -> None:
    """一个批次:日期、户数、改期、重排进展 / one batch: dates, homes, moves, progress."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(_path(batch))
    if as_json:
        out.document(found)
        return
    out.table(found, [_row(found)], BATCHES)
    out.show(found, [(stage, count) for stage, count in found["stages"].items()])
    out.table(found, [{**move, **move["dates"]} for move in found["moves"]], MOVES)
    out.table(found, found["changes"], CHANGES)


def plan(
    batch: Batch,
    handover_from: From = None,
    handover_to: To = None,
    building: Buildings = None,
    contract_date: Contract = None,
    completion: Completion = None,
    by: By = None,
    reason: Why = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """计划一个批次 / plan a batch."""
    body = _body(handover_from, handover_to, contract_date, completion, building, by, reason)
    if building and handover_from:
        body.setdefault("handover_to", handover_from)
    return _tell(batch, body, Output(as_json, lang))


def reschedule(
    batch: Batch,
    handover_from: From = None,
    handover_to: To = None,
    building: Buildings = None,
    contract_date: Contract = None,
    completion: Completion = None,
    by: By = None,
    reason: Why = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """批次改期 / move a batch that is there."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        api.get(_path(batch))  # a misspelt code must not plan a new batch
    return _tell(batch, _body(handover_from, handover_to, contract_date, completion, building, by, reason), out)


def preview(
    batch: Batch,
    handover_from: From = None,
    handover_to: To = None,
    building: Buildings = None,
    contract_date: Contract = None,
    completion: Completion = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """改期会怎样,不写入任何内容 / what a move would do; nothing is written."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        body = _body(handover_from, handover_to, contract_date, completion, building, None, None)
        found = api.post(f"{_path(batch)}/preview", body)
    if as_json:
        out.document(found)
    else:
        _show_preview(found, out)
    return ExitCode.FAILED if found["verdict"] == "refused" else ExitCode.OK


def _show_preview(found: dict[str, Any], out: Output) -> None:
    words = (("homes", "户数"), ("moved_homes", "受影响"), ("poked_earlier", "须提前行动"))
    lines = [(out.say(zh, key), found[key]) for key, zh in words]
    if found.get("poked_homes"):
        lines.append((out.say("例如", "such as"), ", ".join(found["poked_homes"])))
    lines += [(each["date"], f"{each['was'] or '—'} → {each['to'] or '—'}") for each in found["dates"]]
    reason = (found.get("reason") or {}).get("text") or found.get("text")
    out.show(found, [*lines, (out.say("结论", "verdict"), f"{found['verdict']} {reason or ''}")])
    parts = (("items", "事项", "items"), ("again", "再次告知", "told again"), ("at_once", "立即", "at once"))
    for name, zh, en in parts:
        if found[name]:
            out.note(f"{zh}:", f"{en}:")
            out.table(found, found[name], ITEMS)
    if found["examples"]:
        out.note("例:", "Examples:")
        out.table(found, found["examples"], EXAMPLES)


def _tell(batch: str, body: dict[str, Any], out: Output) -> int:
    from starter.cli.remote import Remote

    with Remote.open(out) as api:
        answer = api.post(_path(batch), body)
    reason = answer.get("reason") or {}
    out.show(
        answer, [(out.say("结论", "verdict"), answer.get("verdict")), (out.say("原因", "reason"), reason.get("text"))]
    )
    return ExitCode.FAILED if answer.get("verdict") == "refused" else ExitCode.OK


def _body(
    handover_from: str | None,
    handover_to: str | None,
    contract_date: str | None,
    completion: str | None,
    buildings: list[str] | None,
    by: str | None,
    reason: str | None,
) -> dict[str, Any]:
    told = {
        "handover_from": handover_from,
        "handover_to": handover_to,
        "contract_handover_date": contract_date,
        "completion_accepted_on": completion,
        "buildings": buildings or None,
        "by": by,
        "reason": reason,
    }
    return {name: value for name, value in told.items() if value is not None}


def _path(batch: str) -> str:
    from urllib.parse import quote

    from starter.cli.remote import path_of

    project, slash, code = batch.partition("/")
    if not slash or not project or not code:
        raise Failure("usage", "写法:项目/批次,如 XN/3 / takes PROJECT/CODE", exit_code=ExitCode.USAGE)
    return path_of("batches", project, quote(code, safe=""))


def _row(batch: dict[str, Any]) -> dict[str, Any]:
    return {**batch, **{name: dated["on"] for name, dated in batch["dates"].items()}}
