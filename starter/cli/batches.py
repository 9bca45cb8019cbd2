"""`journey batch`: handover batches, what a move of one would do, and moving it."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, show_verdict
from starter.cli.previews import show_preview

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
AGENDA = (
    ("due", "到期", "due"), ("title", "事项", "item"), ("occurrence", "哪一项", "which"), ("role", "岗位", "role"),
    ("outcome", "结果", "outcome"), ("at", "时间", "at"), ("why", "原因", "why"),
)  # fmt: skip
LINES = (("at", "时间", "at"), ("text", "事情", "what"))
CHANGES = (("at", "时间", "at"), ("state", "状态", "state"), ("text", "进展", "progress"))


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    batches = typer.Typer(no_args_is_help=True, help="交付批次 / handover batches")
    for name, command in (
        ("list", list_batches), ("show", show), ("plan", plan), ("reschedule", reschedule), ("preview", preview),
        ("agenda", agenda), ("timeline", timeline),
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


Place = Annotated[str, typer.Argument(metavar="PROJECT[/CODE]", help="项目或其批次 / a project, or a batch of it")]


def agenda(place: Place, as_json: Json = False, lang: Lang = "zh") -> None:
    """项目或批次的待办与已办 / what a project or batch has ahead, open and behind it."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(_place(place, "entries"))
    rows = [{**each, "why": "; ".join(one["text"] for one in each["because"])} for each in found["data"]]
    out.table(found, rows, AGENDA)


def timeline(place: Place, as_json: Json = False, lang: Lang = "zh") -> None:
    """项目或批次发生过什么 / what happened to a project or batch."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages(_place(place, "timeline")))
    out.table({"data": rows, "next_cursor": None}, rows, LINES)


def with_dates(act: Callable[[str, dict[str, Any], Output], int]) -> Callable[..., int]:
    """A command on a batch and its new dates: the options that say them are read here, what is left out stays."""

    def command(
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
        told = {
            "handover_from": handover_from,
            "handover_to": handover_to,
            "contract_handover_date": contract_date,
            "completion_accepted_on": completion,
            "buildings": building or None,
            "by": by,
            "reason": reason,
        }
        body = {name: value for name, value in told.items() if value is not None}
        return act(batch, body, Output(as_json, lang))

    command.__name__, command.__doc__ = act.__name__, act.__doc__
    return command


@with_dates
def plan(batch: str, body: dict[str, Any], out: Output) -> int:
    """计划一个批次 / plan a batch."""
    if "buildings" in body and "handover_from" in body:
        body.setdefault("handover_to", body["handover_from"])
    return _tell(batch, body, out)


@with_dates
def reschedule(batch: str, body: dict[str, Any], out: Output) -> int:
    """批次改期 / move a batch that is there."""
    from starter.cli.remote import Remote

    with Remote.open(out) as api:
        api.get(_path(batch))  # a misspelt code must not plan a new batch
    return _tell(batch, body, out)


@with_dates
def preview(batch: str, body: dict[str, Any], out: Output) -> int:
    """改期会怎样,不写入任何内容 / what a move would do; nothing is written."""
    from starter.cli.remote import Remote

    with Remote.open(out, timeout=120) as api:
        found = api.post(f"{_path(batch)}/preview", body)
    show_preview(found, out)
    return ExitCode.FAILED if found["verdict"] == "refused" else ExitCode.OK


def _tell(batch: str, body: dict[str, Any], out: Output) -> int:
    from starter.cli.remote import Remote

    with Remote.open(out) as api:
        answer = api.post(_path(batch), body)
    return show_verdict(answer, out)


def _path(batch: str) -> str:
    from urllib.parse import quote

    from starter.cli.remote import path_of

    project, slash, code = batch.partition("/")
    if not slash or not project or not code:
        raise Failure("usage", "写法:项目/批次,如 XN/3 / takes PROJECT/CODE", exit_code=ExitCode.USAGE)
    return path_of("batches", project, quote(code, safe=""))


def _place(place: str, what: str) -> str:
    from starter.cli.remote import path_of

    return f"{_path(place)}/{what}" if "/" in place else path_of("projects", place, what)


def _row(batch: dict[str, Any]) -> dict[str, Any]:
    return {**batch, **{name: dated["on"] for name, dated in batch["dates"].items()}}
