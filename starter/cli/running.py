"""Commands that run something: the whole engine, a simulated life, an import."""

from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("up")(up)
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


def simulate(
    file: Annotated[Path, typer.Argument(help="情景文件 YAML / a scenario file")],
    html: Annotated[Path | None, typer.Option("--html", help="另写一页 HTML / also write a page")] = None,
    as_json: Json = False,
) -> int:
    """按情景快进多年 / run a scenario of many years in seconds."""
    from starter.simulate.command import run

    return run(file, as_json, html)


def import_(
    file: Annotated[Path, typer.Argument(help="销售系统导出的 CSV / a sales system's export, CSV")],
    project: Annotated[str | None, typer.Option("--project", help="各行未写项目时 / for rows that name none")] = None,
    create_project: Annotated[str | None, typer.Option("--create-project", metavar="NAME,CITY")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会怎样 / only say what would happen")] = False,
    errors: Annotated[Path | None, typer.Option("--errors", help="有误的行写到这里 / where dirty rows go")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """导入销售系统的台账,可重复执行 / import an export; safe to repeat."""
    from starter.cli.remote import Remote
    from starter.importing import import_file

    out = Output(as_json, lang)
    target = _project(project, create_project)
    with Remote.open(out) as api, _Bar(out) as bar:
        report = import_file(
            file,
            api,
            target,
            dry_run=dry_run,
            errors_file=errors or file.with_name(f"{file.stem}.errors.csv"),
            progress=bar.move,
        )
    document = report.document()
    if as_json:
        out.document(document)
    else:
        for remark in (*report.warnings, *report.errors):
            out.note(remark.line("zh"), remark.line("en"))
        words = (("started", "新启动"), ("told", "已有,补告"), ("failed", "有误"), ("batches", "批次"))
        out.show(document, [(out.say(zh, key), document[key]) for key, zh in words])
        if report.errors_file:
            out.note(f"有误的行:{report.errors_file}", f"Dirty rows: {report.errors_file}")
    return ExitCode.PARTLY if report.errors else ExitCode.OK


def _project(code: str | None, words: str | None) -> Any:
    from starter.importing import Project

    if words is None:
        return Project(code) if code else None
    name, _, city = (part.strip() for part in words.replace(",", ",").partition(","))
    if not code or not name or not city:
        raise Failure(
            "usage",
            "--create-project 的写法是 名称,城市,并须有 --project / takes NAME,CITY and needs --project",
            exit_code=ExitCode.USAGE,
        )
    return Project(code, name, city)


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
