"""`journey task`: the work list of a post, and what became of one task."""

from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import Json, Lang, Output
from starter.cli.task_files import export_tasks, import_results

COLUMNS = (
    ("id", "编号", "id"), ("due", "到期", "due"), ("role", "岗位", "role"), ("kind", "种类", "kind"),
    ("project", "项目", "project"), ("batch", "批次", "batch"), ("unit", "房号", "unit"), ("homes", "各户", "homes"),
    ("title", "事项", "item"),
    ("state", "状态", "state"), ("claimed_by", "认领人", "claimed by"),
)  # fmt: skip


ANSWERS = (
    ("id", "编号", "id"), ("topic", "问题", "topic"), ("text", "答复", "answer"), ("version", "版本", "version"),
    ("valid_until", "有效至", "valid until"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="人工任务 / tasks for people")
    for name, command in (
        ("list", list_tasks), ("show", show), ("claim", claim), ("done", done), ("assign", assign),
        ("export", export_tasks), ("import", import_results),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="task")


def list_tasks(
    role: Annotated[str | None, typer.Option("--role", help="keeper, project-cs …")] = None,
    state: Annotated[
        str, typer.Option("--state", help="默认进行中的;all 为全部 / default: those that run; all: every one")
    ] = "open",
    due_before: Annotated[str | None, typer.Option("--due-before", metavar="RFC3339")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """任务列表,默认只列进行中的 / list tasks, by default those that still run."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        page = api.get("/v1/tasks", role=role, state=None if state == "all" else state, due_before=due_before)
    rows = [{**row, "homes": [home["unit"] for home in row.get("homes", ())]} for row in page["data"]]
    out.table(page, rows, COLUMNS)


def show(id: str, as_json: Json = False, lang: Lang = "zh") -> None:
    """一个任务及相关统一口径 / one task, with the approved answers that help with it."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("tasks", id))
    if as_json:
        out.document(found)
        return
    out.table(found, [found], COLUMNS)
    if found["answers"]:
        out.line("统一口径", "approved answers")
        out.table(found, found["answers"], ANSWERS)


def claim(id: str, by: Annotated[str, typer.Option("--by")], as_json: Json = False, lang: Lang = "zh") -> None:
    """认领任务 / claim a task."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        answer = api.post(path_of("tasks", id, "claim"), {"by": by})
    out.show(answer, [("id", id), (out.say("认领人", "claimed by"), by)])


def done(
    id: str,
    by: Annotated[str | None, typer.Option("--by")] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="默认 done / default done; not-reached, refused")
    ] = None,
    reached: Annotated[
        bool | None, typer.Option("--reached/--not-reached", help="电话是否接通 / was the owner reached")
    ] = None,
    satisfied: Annotated[bool | None, typer.Option("--satisfied/--not-satisfied")] = None,
    notes: Annotated[str | None, typer.Option("--notes")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="RFC3339")] = None,
    photo: Annotated[
        list[Path] | None,
        typer.Option("--photo", help="照片,可重复 / a photo of it, may be repeated", exists=True, dir_okay=False),
    ] = None,
    proof: Annotated[
        str | None,
        typer.Option("--proof", help="送达凭证,即视为送达 / how a letter was proved served: ems, signed, courier"),
    ] = None,
    units: Annotated[
        list[str] | None,
        typer.Option("--unit", help="一通电话涉及多户时,此结果属于哪些户 / of a call about several homes: which"),
    ] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="JSON", help="其余字段 / any other field")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """任务结果 / tell the result of a task."""
    from datetime import UTC, datetime

    from starter.cli.facts import read_object
    from starter.cli.output import ExitCode
    from starter.cli.remote import Remote, evidence_of, path_of

    out = Output(as_json, lang)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    plain = "done" if reached is None else None  # a call's result says whether the owner was reached instead
    given = {"outcome": outcome or plain, "by": by, "reached": reached, "satisfied": satisfied, "notes": notes}
    given["proof"] = proof
    body: dict[str, Any] = {"at": at or now} | ({"units": units} if units else {})
    body |= {key: value for key, value in given.items() if value is not None} | read_object(data, "--data")
    with Remote.open(out, timeout=120) as api:
        if photo:
            kept = [evidence_of(api, one) for one in photo]
            body["evidence"] = [{"photo": digest} for digest in kept]
        answer = api.post(path_of("tasks", id, "result"), body)
    out.show(answer, [("id", id), (out.say("结论", "verdict"), out.word("verdict", answer.get("verdict")))])
    return ExitCode.FAILED if answer.get("verdict") == "refused" else ExitCode.OK


def assign(
    id: str,
    to: Annotated[str, typer.Option("--to", metavar="ROLE|NAME", help="岗位或同事 / a post or a colleague")],
    reason: Annotated[str, typer.Option("--reason", help="必填 / why, always needed")],
    by: Annotated[str | None, typer.Option("--by", help="默认为密钥名 / default: the name of the key")] = None,
    expected: Annotated[str | None, typer.Option("--expected", help="您看到的状态 / the state that you saw")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """转派任务 / give a task to another post or colleague."""
    from starter.cli.acting import say_what_stands
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    body = {"to": to, "reason": reason, "by": by, "expected": expected}
    with Remote.open(out) as api:
        answer = api.post(path_of("tasks", id, "assign"), {name: value for name, value in body.items() if value})
    return say_what_stands(out, answer)
