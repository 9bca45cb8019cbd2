"""`journey broadcast pause`, `approve` and the like: orders to a broadcast, and who did not get it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, keep

Ident = Annotated[str, typer.Argument(metavar="ID", help="群发编号 / id of a broadcast")]
Why = Annotated[str, typer.Option("--reason", help="必填 / why, always needed")]
By = Annotated[str | None, typer.Option("--by", help="默认为密钥名 / default: the name of the key")]


def register_orders(group: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, command in (
        ("pause", pause), ("resume", resume), ("cancel", cancel), ("rate", rate), ("review", review),
        ("approve", approve), ("reject", reject), ("recipients", recipients),
    ):  # fmt: skip
        group.command(name)(command)


def pause(broadcast: Ident, reason: Why, by: By = None, as_json: Json = False, lang: Lang = "zh") -> None:
    """暂停:不再发出,已呼出的照常结束 / let nothing more go; calls that are out end as they do."""
    _order(Output(as_json, lang), broadcast, "pause", {"reason": reason, "by": by})


def resume(broadcast: Ident, reason: Why, by: By = None, as_json: Json = False, lang: Lang = "zh") -> None:
    """继续 / go on where it was paused."""
    _order(Output(as_json, lang), broadcast, "resume", {"reason": reason, "by": by})


def cancel(broadcast: Ident, reason: Why, by: By = None, as_json: Json = False, lang: Lang = "zh") -> None:
    """取消:其余各户记为撤回 / let nothing more go; everybody who is left is withdrawn."""
    _order(Output(as_json, lang), broadcast, "cancel", {"reason": reason, "by": by})


def rate(
    broadcast: Ident,
    reason: Why,
    per_second: Annotated[
        int | None, typer.Option("--per-second", help="每秒上限;不填即按政策包 / at most; without it the pack's")
    ] = None,
    by: By = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """限速 / how many messages go a second at most."""
    _order(Output(as_json, lang), broadcast, "rate", {"reason": reason, "by": by}, rate=per_second)


def review(broadcast: Ident, as_json: Json = False, lang: Lang = "zh") -> None:
    """复核:人数、费用与文本样例 / what a draft would do: how many, what it costs, some texts."""
    from starter.cli.broadcasts import show_forecast
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        found = api.get(path_of("broadcasts", broadcast, "review"))
    if as_json:
        out.document(found)
        return
    show_forecast(out, found)
    out.line(f"批准时请带 --seen {found['seen']}", f"to let it go: --seen {found['seen']}")


def approve(
    broadcast: Ident,
    seen: Annotated[str, typer.Option("--seen", help="复核页所示 / as the review showed it")],
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    by: By = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """批准:由发起人以外的第二人 / let a draft go, as somebody else than its author."""
    _order(Output(as_json, lang), broadcast, "approve", {"reason": reason, "by": by, "seen": seen})


def reject(broadcast: Ident, reason: Why, by: By = None, as_json: Json = False, lang: Lang = "zh") -> None:
    """驳回 / send a draft back for good."""
    _order(Output(as_json, lang), broadcast, "reject", {"reason": reason, "by": by})


def _order(out: Output, broadcast: str, what: str, body: dict[str, Any], **more: Any) -> None:
    from starter.cli.remote import Remote, path_of

    told = {name: value for name, value in body.items() if value is not None} | more
    with Remote.open(out) as api:
        found = api.post(path_of("broadcasts", broadcast, what), told)
    out.show(found, [("id", broadcast), (out.say("状态", "state"), out.word("state", found["state"]))])
    if not found["changed"]:
        out.note("此前已是如此。", "It was so already.")


def recipients(
    broadcast: Ident,
    missed: Annotated[bool, typer.Option("--missed", help="仅未送达者 / only those whom nothing reached")] = False,
    outcome: Annotated[str | None, typer.Option("--outcome", help="sent, held, failed …")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="原因代码 / code of a reason")] = None,
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.(csv|xlsx)", help="另存为表格 / as a file for a spreadsheet")
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """逐人结果:渠道、结果、原因、时间 / recipients one by one: channel, outcome, reason, when."""
    from starter.broadcasts import RECIPIENTS
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    wanted: dict[str, Any] = {"missed": "true" if missed else None, "outcome": outcome, "reason": reason}
    with Remote.open(out, timeout=120) as api:
        if target is not None:
            return _export(out, api, broadcast, target, wanted)
        rows = list(api.pages(path_of("broadcasts", broadcast, "recipients"), **wanted))
    out.table({"data": rows, "next_cursor": None}, rows, RECIPIENTS)
    return ExitCode.OK


def _export(out: Output, api: Any, broadcast: str, target: Path, wanted: dict[str, Any]) -> int:
    from starter.cli.remote import path_of

    form = target.suffix.lstrip(".").lower()
    if form not in ("csv", "xlsx"):
        text = out.say("文件名须以 .csv 或 .xlsx 结尾", "the file ends with .csv or .xlsx")
        raise Failure("bad-file", text, exit_code=ExitCode.USAGE)
    content = api.download(path_of("broadcasts", broadcast, "export"), form=form, **wanted)
    keep(target, content)
    out.show({"file": str(target), "bytes": len(content)}, [(out.say("已存", "kept as"), target)])
    return ExitCode.OK
