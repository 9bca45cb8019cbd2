"""Commands that run something: the whole engine, a simulated life, an import."""

from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, writing


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("up")(up)
    app.command("stop")(stop)
    app.command("simulate")(simulate)
    app.command("import")(import_)


def up(
    home: Annotated[Path | None, typer.Option("--home", help="默认 ./.journey / default ./.journey")] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    temporal_port: Annotated[int, typer.Option("--temporal-port", min=0, max=65535)] = 7233,
    ui_port: Annotated[int, typer.Option("--ui-port", min=0, max=65535)] = 8233,
    demo: Annotated[bool, typer.Option("--demo", help="载入示例数据 / load the sample data")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """在本机启动全部 / run everything on this machine: store, Temporal, worker, API."""
    from journey.settings import Settings
    from starter.up import Options
    from starter.up import up as run

    run(
        Options(
            home=home or Settings().home,
            port=port,
            temporal_port=temporal_port,
            ui_port=ui_port,
            demo=demo,
            as_json=as_json,
            lang=lang,
        )
    )


def stop(as_json: Json = False, lang: Lang = "zh") -> None:
    """停止某数据目录上运行的 journey up / end the `journey up` of a home, and wait until it has."""
    from journey.settings import Settings
    from starter.up.stopping import stop_home

    out = Output(as_json, lang)
    home = Settings().home.resolve()
    pid = stop_home(home)
    out.show({"home": str(home), "pid": pid, "stopped": True}, [(out.say("已停止", "stopped"), f"{home} ({pid})")])


def simulate(
    file: Annotated[Path, typer.Argument(help="情景文件 YAML / a scenario file", exists=True, dir_okay=False)],
    html: Annotated[Path | None, typer.Option("--html", help="另写一页 HTML / also write a page")] = None,
    as_json: Json = False,
) -> int:
    """按情景快进多年 / run a scenario of many years in seconds."""
    from starter.simulate.command import run

    return run(file, as_json, html)


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="销售系统导出的 CSV 或 XLSX / a sales system's export, CSV or XLSX", exists=True, dir_okay=False
        ),
    ],
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            help="各行未写项目时;写明其他项目的行不导入 / for rows that name none; rows of another project are refused",
        ),
    ] = None,
    create_project: Annotated[str | None, typer.Option("--create-project", metavar="NAME,CITY")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会怎样 / only say what would happen")] = False,
    errors: Annotated[Path | None, typer.Option("--errors", help="有误的行写到这里 / where dirty rows go")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT.(json|html|csv)", help="另存报告 / also keep the report")
    ] = None,
    go_live: Annotated[
        str | None,
        typer.Option("--go-live", metavar="RFC3339", help="新项目的上线时刻 / when the new project goes live"),
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """导入销售系统的台账,可重复执行 / import an export; safe to repeat."""
    from starter.cli.remote import Remote
    from starter.importing import ExportFile, import_export
    from starter.importing.reporting import check_target, write_report

    out = Output(as_json, lang)
    target = _project(project, create_project, go_live)
    check_target(report)
    export = ExportFile.read(file)
    with Remote.open(out, timeout=120) as api, _Bar(out) as bar:
        done = import_export(
            export,
            api,
            target,
            dry_run=dry_run,
            errors_file=errors or file.with_name(f"{file.stem}.errors.csv"),
            progress=bar.move,
        )
    document = done.document()
    if report:
        with writing(report):
            write_report(report, document, out.lang)
        out.note(f"报告:{report}", f"Report: {report}")
    if as_json:
        out.document(document)
    else:
        _show_import(done, document, out)
    return ExitCode.PARTLY if done.errors else ExitCode.OK


def _show_import(done: Any, document: dict[str, Any], out: Output) -> None:
    from starter.importing.reporting import MISSED, SOON, STATUTORY, summary

    for remark in (*done.warnings, *done.errors):
        out.note(remark.line("zh"), remark.line("en"))
    words = (("started", "新启动"), ("told", "已有,补告"), ("failed", "有误"), ("batches", "批次"))
    out.show(document, [(out.say(zh, key), document[key]) for key, zh in words])
    for project in document["outlook"]:
        out.show(project, summary(project, out.say))
        yes = out.say("是", "yes")
        missed = [{**group, "statutory": yes if group["statutory"] else None} for group in project["missed"]]
        for rows, columns in (
            (missed, MISSED),
            (project["statutory"], STATUTORY),
            (project["leaving"], SOON),
        ):
            if rows:
                out.table(project, rows[:40], columns)
            if len(rows) > 40:
                out.note(f"……共 {len(rows)} 行,用 --report 看全部", f"… {len(rows)} rows; see them all with --report")
    if done.errors_file:
        out.note(f"有误的行:{done.errors_file}", f"Dirty rows: {done.errors_file}")


def _project(code: str | None, words: str | None, go_live: str | None) -> Any:
    from starter.importing import Project

    if go_live and not words:
        raise Failure(
            "usage",
            "--go-live 须与 --create-project 同用:已有项目的上线时刻在新建时已定 / goes with --create-project only",
            exit_code=ExitCode.USAGE,
        )
    if words is None:
        return Project(code) if code else None
    name, _, city = (part.strip() for part in words.replace(",", ",").partition(","))
    if not code or not name or not city:
        raise Failure(
            "usage",
            "--create-project 的写法是 名称,城市,并须有 --project / takes NAME,CITY and needs --project",
            exit_code=ExitCode.USAGE,
        )
    return Project(code, name, city, go_live_at=_instant(go_live))


def _instant(text: str | None) -> Any:
    from pydantic_core import PydanticCustomError

    from journey.domain.event_types.fields import read_instant

    try:
        return read_instant(text) if text else None
    except PydanticCustomError as error:
        raise Failure(
            "usage",
            "--go-live 须为带时区的时刻,如 2026-11-23T09:00:00+08:00 / takes an RFC 3339 instant with an offset",
            exit_code=ExitCode.USAGE,
        ) from error


class _Bar:
    """A progress bar on stderr, for people only."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> "_Bar":
        import sys

        if sys.stderr.isatty() and not self._out.as_json:
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
        return self

    def move(self, done: int, of: int) -> None:
        """Show that `done` of `of` rows are told."""
        if self._progress is not None:
            if self._task is None:
                self._task = self._progress.add_task(self._out.say("导入", "importing"), total=of)
            self._progress.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
