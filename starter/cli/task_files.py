"""`journey task export|import`: a work list that leaves as a file and comes back with its results."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, keep

Target = Annotated[Path, typer.Argument(metavar="FILE.(csv|xlsx)", help="写到此处 / where it goes")]
Filled = Annotated[
    Path, typer.Argument(metavar="FILE", help="填好结果的清单 / the list with its results", exists=True, dir_okay=False)
]


def export_tasks(
    target: Target,
    role: Annotated[str | None, typer.Option("--role", help="keeper, project-cs …")] = None,
    project: Annotated[str | None, typer.Option("--project")] = None,
    due_before: Annotated[str | None, typer.Option("--due-before", metavar="RFC3339")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """导出进行中的任务,线下填写结果 / a post's open tasks as a file, for results to be written into."""
    from starter.cli.remote import Remote
    from starter.exporting import exported
    from starter.task_files import FILE, rows_of

    out = Output(as_json, lang)
    form = target.suffix.lstrip(".").lower()
    if form not in ("csv", "xlsx"):
        text = out.say("文件名须以 .csv 或 .xlsx 结尾", "the file ends with .csv or .xlsx")
        raise Failure("bad-file", text, exit_code=ExitCode.USAGE)
    with Remote.open(out) as api:
        tasks = list(api.pages("/v1/tasks", role=role, project=project, due_before=due_before, state="open"))
    keep(target, exported("csv" if form == "csv" else "xlsx", FILE, rows_of(tasks), out.lang))
    found = {"file": str(target), "tasks": len(tasks)}
    out.show(found, [(out.say("文件", "file"), target), (out.say("任务", "tasks"), len(tasks))])


def import_results(
    file: Filled,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查,不告知 / only check, tell nothing")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """导入任务结果:逐行校验,可重复执行 / tell the results in a file, row by row; safe to repeat."""
    from starter.cli.remote import Remote
    from starter.task_files import read_results

    out = Output(as_json, lang)
    written, errors = read_results(file.read_bytes())
    counts = {"told": 0, "stands": 0, "refused": 0}
    now = datetime.now(UTC)
    with Remote.open(out, timeout=120) as api:
        for one in written:
            became, wrong = _result(api, one, now, dry_run)
            counts[became] = counts.get(became, 0) + 1
            errors += wrong
    errors.sort(key=lambda one: one.row)
    rows = len(written) + len({one.row for one in errors} - {one.row for one in written})
    document = {"file": str(file), "dry_run": dry_run, "rows": rows, **counts, "failed": len({e.row for e in errors})}
    _say(out, {**document, "errors": [each.document() for each in errors]}, errors)
    return ExitCode.PARTLY if errors else ExitCode.OK


def _result(api: Any, written: Any, now: datetime, dry_run: bool) -> tuple[str, list[Any]]:
    """Tell one result; what became of it, and what is wrong with its row."""
    from starter.cli.remote import path_of
    from starter.importing.remarks import Place, Remark, remark
    from starter.task_files import moved_on, result_of

    try:
        task = api.get(path_of("tasks", written.task))
    except Failure as failure:
        if failure.exit_code != ExitCode.NOT_FOUND:
            raise
        return "refused", [remark(Place(written.row), "task", "unknown-task")]
    if moved_on(written, task):
        return "stands", []
    body, wrong = result_of(written, task, now)
    if wrong or dry_run:
        return "refused" if wrong else "told", wrong
    try:
        answer = api.post(path_of("tasks", written.task, "result"), body)
    except Failure as failure:
        if failure.exit_code not in (ExitCode.FAILED, ExitCode.CONFLICT) or failure.code in _AWAY:
            raise
        return "refused", [Remark(written.row, "result", failure.code, failure.text, failure.text)]
    if answer["verdict"] != "refused":
        return "told", []
    text = (answer.get("reason") or {}).get("text") or answer["verdict"]
    return "refused", [Remark(written.row, "result", "refused", text, text)]


_AWAY = ("unreachable", "store-down", "store-full", "internal", "too-many-requests")


def _say(out: Output, document: dict[str, Any], errors: Sequence[Any]) -> None:
    for each in errors:
        out.note(each.line("zh"), each.line("en"))
    words = (("told", "已告知"), ("stands", "此前已有结果"), ("refused", "被拒绝"), ("failed", "有误的行"))
    out.show(document, [(out.say(zh, key), document[key]) for key, zh in words])
