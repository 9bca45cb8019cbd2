"""`journey letter`: print runs, the numbers of the post, proofs of service, notices for buildings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, keep

LETTERS = (
    ("reference", "编号", "reference"), ("unit", "房号", "unit"), ("person", "业主", "owner"),
    ("title", "函件", "letter"), ("run", "批次", "run"), ("tracking", "单号", "tracking"),
    ("outcome", "结果", "outcome"), ("on", "日期", "on"),
    ("state", "事项状态", "state"),
)  # fmt: skip
RUNS = (
    ("id", "编号", "id"), ("project", "项目", "project"), ("batch", "交付批次", "batch"), ("at", "打印时间", "printed"),
    ("by", "经办", "by"), ("letters", "封数", "letters"), ("pages", "页数", "pages"), ("missing", "缺", "missing"),
    ("reason", "重印原因", "reason"),
)  # fmt: skip
MISSING = (
    ("unit", "房号", "unit"), ("person", "业主", "owner"), ("title", "函件", "letter"), ("reason", "原因", "reason"),
)  # fmt: skip
ROWS = (
    ("row", "行", "row"), ("reference", "编号", "reference"), ("verdict", "结论", "verdict"),
    ("reason", "原因", "reason"),
)  # fmt: skip
Run = Annotated[str, typer.Argument(metavar="RUN", help="打印批次 / id of a print run")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV 或 XLSX / CSV or XLSX", exists=True, dir_okay=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="书面函件与楼道告示 / letters, and notices for buildings")
    commands = (
        ("run", run), ("runs", list_runs), ("show", show), ("list", list_letters), ("files", files),
        ("tracking", tracking), ("proof", proof), ("poster", poster),
    )  # fmt: skip
    for name, command in commands:
        group.command(name)(command)
    app.add_typer(group, name="letter")


def run(
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="文件写到此处 / where the files go")],
    batch: Annotated[str | None, typer.Option("--batch", metavar="PROJECT/BATCH", help="批次 / a batch")] = None,
    project: Annotated[str | None, typer.Option("--project", help="整个项目 / a whole project")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="只印此类 / letters of this rule only")] = None,
    again: Annotated[
        list[str] | None, typer.Option("--again", metavar="REF", help="重印,可重复 / print again, may be repeated")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="重印原因,必填 / why again, always needed")] = None,
    by: Annotated[str | None, typer.Option("--by", help="默认为密钥名 / default: the name of the key")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """打印所有待寄函件:一个 PDF 和 EMS 地址清单 / print every letter that waits: one PDF, and the list for the post."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    named, _, code = (batch or "").partition("/")
    if bool(batch) == bool(project) or (batch and not code):
        raise _usage(out, "--batch PROJECT/BATCH 或 --project 二选一", "say either --batch PROJECT/BATCH or --project")
    body = {
        "project": project or named,
        "batch": code or None,
        "rule": rule,
        "again": again,
        "reason": reason,
        "by": by,
    }
    with Remote.open(out, timeout=600) as api:
        made = api.post("/v1/letters/runs", {name: value for name, value in body.items() if value})
        made["written"] = _download(api, made["id"], out_dir) if made["id"] else []
    if as_json:
        out.document(made)
    else:
        _say(out, made)
    return ExitCode.PARTLY if made["missing"] else ExitCode.OK


def list_runs(
    project: Annotated[str | None, typer.Option("--project", help="项目 / project")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """打印批次列表 / print runs, the latest first."""
    _list("/v1/letters/runs", RUNS, Output(as_json, lang), project=project)


def show(run: Run, as_json: Json = False, lang: Lang = "zh") -> None:
    """一个打印批次:结果与缺件 / one print run: its outcomes, and what is missing."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(f"/v1/letters/runs/{run}")
    if as_json:
        out.document(found)
        return
    out.table(found, [found], RUNS)
    out.table(found, [{"outcome": name, "count": count} for name, count in found["outcomes"].items()],
              (("outcome", "结果", "outcome"), ("count", "封数", "letters")))  # fmt: skip
    if found["missing_letters"]:
        out.table(found, found["missing_letters"], MISSING)


def list_letters(
    project: Annotated[str | None, typer.Option("--project", help="项目 / project")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="批次 / batch")] = None,
    run: Annotated[str | None, typer.Option("--run", help="打印批次 / print run")] = None,
    state: Annotated[str | None, typer.Option("--state", help="open | ems | signed | courier | returned")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """已打印的函件 / printed letters and how they ended."""
    _list("/v1/letters", LETTERS, Output(as_json, lang), project=project, batch=batch, run=run, state=state)


def files(
    run: Run,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="文件写到此处 / where the files go")],
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """再次取得一个批次的文件 / fetch the files of a print run again."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out, timeout=600) as api:
        written = _download(api, run, out_dir)
    out.show({"run": run, "written": written}, [(out.say("文件", "files"), written)])


def tracking(
    run: Run,
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="允许更正单号 / let a number be corrected")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """登记邮寄单号:全部采纳或全部不采纳 / take the numbers of the post: all of them, or none."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.upload(f"/v1/letters/runs/{run}/tracking", file.read_bytes(), replace=True if replace else None)
    out.show(
        found, [(out.say("已登记", "written"), found["written"]), (out.say("未变", "unchanged"), found["unchanged"])]
    )


def proof(
    run: Run,
    file: File,
    scans: Annotated[
        Path | None, typer.Option("--scans", metavar="DIR", help="扫描件目录 / the folder with the scans", exists=True)
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """登记送达或退回:有凭证才算送达 / tell how letters ended: only proof makes one served."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    content = file.read_bytes()
    with Remote.open(out, timeout=600) as api:
        told = _with_scans(api, content, scans, out)
        found = api.upload(f"/v1/letters/runs/{run}/proofs", told)
    out.table(found, found["rows"], ROWS)
    return ExitCode.PARTLY if found["verdicts"].get("refused") else ExitCode.OK


def poster(
    task: Annotated[str, typer.Argument(metavar="TASK", help="任务 / a task")],
    target: Annotated[Path, typer.Option("--out", metavar="FILE", help="PDF 写到此处 / where the PDF goes")],
    size: Annotated[str, typer.Option("--size", help="a4 | a3")] = "a4",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """打印楼道告示 / print the notice that a task wants on the wall."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        content = api.download(path_of("tasks", task, "poster"), size=size)
    keep(target, content)
    out.show({"task": task, "written": str(target)}, [(out.say("文件", "file"), target)])


def _list(path: str, columns: Sequence[tuple[str, str, str]], out: Output, **query: Any) -> None:
    from starter.cli.remote import Remote

    with Remote.open(out) as api:
        rows = list(api.pages(path, **query))
    out.table({"data": rows, "next_cursor": None}, rows, columns)


def _say(out: Output, made: Mapping[str, Any]) -> None:
    if made["id"] is None:
        out.note("没有待打印的函件。", "No letter waits to be printed.")
    else:
        out.table(made, [made], RUNS)
        for path in made["written"]:
            out.line(path, path)
    if made["missing_letters"]:
        out.note(f"未打印 {made['missing']} 封:", f"Not printed: {made['missing']}")
        out.table(made, made["missing_letters"], MISSING)


def _download(api: Any, run: str, folder: Path) -> list[str]:
    """The three files of a run, for their owner only: they hold names and addresses."""
    written = []
    for name, target in (("pdf", f"{run}.pdf"), ("addresses.xlsx", f"{run}.xlsx"), ("addresses.csv", f"{run}.csv")):
        keep(folder / target, api.download(f"/v1/letters/runs/{run}/{name}"))
        written.append(str(folder / target))
    return written


def _with_scans(api: Any, content: bytes, folder: Path | None, out: Output) -> bytes:
    """The file with its scans taken and named by their hashes; every missing one is named before any is taken."""
    import csv
    import io

    from starter.cli.remote import evidence_of
    from starter.letter_files import scans_named, with_scans

    if folder is None:
        return content
    names = scans_named(content)
    lost = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
    if lost:
        raise Failure("unknown-file", out.say(f"目录中没有:{'、'.join(lost)}", f"not in the folder: {', '.join(lost)}"))
    hashes = {name: evidence_of(api, folder / name) for name in names}
    text = io.StringIO(newline="")
    csv.writer(text).writerows(with_scans(content, hashes))
    return text.getvalue().encode()


def _usage(out: Output, zh: str, en: str) -> Failure:
    return Failure("usage", out.say(zh, en), exit_code=ExitCode.USAGE)
