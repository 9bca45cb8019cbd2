"""`journey case`: repairs and complaints, and what happens in them."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, show_verdict

Case = Annotated[
    list[str],
    typer.Argument(
        metavar="[ID|PROJECT/UNIT] CASE",
        help="案件编号;或旅程与报修时的名字 / its id; or its journey, and the name it was told under",
    ),
]
By = Annotated[str, typer.Option("--by", help="谁 / who")]
At = Annotated[str | None, typer.Option("--at", metavar="RFC3339", help="发生时刻,默认现在 / default: now")]
Evidence = Annotated[str | None, typer.Option("--evidence", help="凭证 / what shows it")]
Data = Annotated[str | None, typer.Option("--data", metavar="JSON", help="其余字段 / any other field")]

COLUMNS = (
    ("id", "编号", "id"), ("alias", "名称", "name"), ("kind", "种类", "kind"), ("class", "级别", "class"),
    ("unit", "房号", "unit"), ("state", "状态", "state"), ("level", "升级", "level"),
    ("opened_at", "报修时间", "opened"), ("closed_at", "结案时间", "closed"),
)  # fmt: skip
CLOCKS = (("round", "轮次", "round"), ("clock", "时限", "clock"), ("due", "到期", "due"), ("at", "完成", "met"))
STEPS = (("at", "时间", "at"), ("level", "级别", "level"), ("to", "岗位", "post"), ("why", "原因", "why"))
# what one types: the event that it tells, and what it is called
TOLD = {
    "ack": ("case.acknowledged", "受理 / acknowledged"),
    "reply": ("case.replied", "答复业主 / the owner was told"),
    "book": ("case.booked", "预约上门 / an appointment was booked"),
    "on-site": ("case.on_site", "到场 / somebody is there"),
    "contain": ("case.contained", "险情控制 / the danger is stopped"),
    "plan": ("case.planned", "方案确定 / the plan is agreed"),
    "done": ("case.fixed", "修复 / it is fixed"),
    "accept": ("case.accepted", "验收认可或会签 / accepted, or counter-signed"),
    "dispute": ("case.disputed", "业主有争议 / the owner disputes it"),
    "reopen": ("case.reopened", "重新打开 / it came back"),
    "pause": ("case.paused", "挂起 / the clocks stand still"),
    "resume": ("case.resumed", "恢复 / the clocks run again"),
    "reassign": ("case.reassigned", "转派 / passed on"),
    "raise": ("case.escalated", "业主要求升级 / the owner asks for the level above"),
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="维修与投诉 / repairs and complaints")
    group.command("list")(list_cases)
    group.command("show")(show)
    for word, (event, meaning) in TOLD.items():
        group.command(word, help=meaning)(_teller(event))
    app.add_typer(group, name="case")


def list_cases(
    where: Annotated[str | None, typer.Argument(metavar="[ID|PROJECT/UNIT]")] = None,
    project: Annotated[str | None, typer.Option("--project")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="repair, complaint")] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="open, paused, fixed, disputed, closed, transferred")
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """案件列表 / list cases, of everybody or of one journey."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        rows = list(api.pages("/v1/cases", project=project, kind=kind, state=state, journey=where))
    out.table({"data": rows, "next_cursor": None}, rows, COLUMNS)


def show(case: Case, as_json: Json = False, lang: Lang = "zh") -> None:
    """一个案件:各轮时限、升级 / one case: its clocks round by round, and its ladder."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = _find(api, case, out)
    if as_json:
        out.document(found)
        return
    out.table(found, [found], COLUMNS)
    out.table(found, found["clocks"], CLOCKS)
    out.table(found, found["steps"], STEPS)


def _teller(event: str) -> Callable[..., int]:
    """The command that tells one type of event."""

    def tell(
        case: Case,
        by: By,
        at: At = None,
        reason: Annotated[str | None, typer.Option("--reason", help="挂起须为三种原因之一 / a pause has three")] = None,
        evidence: Evidence = None,
        to: Annotated[str | None, typer.Option("--to", metavar="ROLE", help="转派给 / passed on to")] = None,
        until: Annotated[str | None, typer.Option("--until", metavar="DATE")] = None,
        slot: Annotated[str | None, typer.Option("--slot", metavar="RFC3339", help="预约时刻 / booked hour")] = None,
        approved_by: Annotated[str | None, typer.Option("--approved-by", help="上一级批准人 / one level up")] = None,
        countersigned: Annotated[bool, typer.Option("--countersigned", help="公司会签 / signed by us")] = False,
        data: Data = None,
        as_json: Json = False,
        lang: Lang = "zh",
    ) -> int:
        from starter.cli.facts import read_object

        given: dict[str, Any] = {
            "by": by, "reason": reason, "evidence": evidence, "to": to, "until": until, "slot": slot,
            "approved_by": approved_by, "countersigned": countersigned or None,
        }  # fmt: skip
        body = {name: value for name, value in given.items() if value is not None} | read_object(data, "--data")
        return _tell(Output(as_json, lang), case, event, body, at)

    return tell


def _tell(out: Output, words: list[str], kind: str, data: dict[str, Any], at: str | None) -> int:
    from starter.cli.facts import new_event
    from starter.cli.remote import Remote, path_of

    where, case = _named(words)
    with Remote.open(out) as api:
        event = new_event(kind, data, at=at) | {"about": {"case": case}}
        journey = where or api.get(path_of("cases", case))["journey"]
        answer = api.post(f"{path_of('journeys', journey)}/events", event)
    return show_verdict(answer, out)


def _named(words: list[str]) -> tuple[str | None, str]:
    """The journey, where it is named, and the case."""
    if len(words) > 2:
        raise Failure("usage", "写法:[旅程] 案件 / [journey] case", exit_code=ExitCode.USAGE)
    return (words[0] if len(words) == 2 else None), words[-1]


def _find(api: Any, words: list[str], out: Output) -> dict[str, Any]:
    """A case by its id, or one of a journey by its id or name."""
    from starter.cli.remote import path_of

    where, case = _named(words)
    if where is None:
        return dict(api.get(path_of("cases", case)))
    for found in api.pages("/v1/cases", journey=where):
        if case in (found["id"], found["alias"]):
            return dict(found)
    raise Failure("not-found", out.say("没有这个案件", "no such case"), exit_code=ExitCode.NOT_FOUND)
