"""`journey pack` and `journey calendar`: policies as their authors work on them, and bringing a change to homes."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output
from starter.cli.previews import CHANGES, show_preview

Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="政策文件夹,默认内置 / folder of policies"),
]
OverlayOf = Annotated[list[str] | None, typer.Option("--overlay", help="地方叠加,可重复 / may be repeated")]
Source = Annotated[
    Path,
    typer.Argument(
        metavar="DIR|FILE", help="政策包文件夹、叠加或版本文件 / a pack's folder, an overlay, a version", exists=True
    ),
]
InProject = Annotated[str | None, typer.Option("--project", help="只看此项目 / only this project")]
By = Annotated[str | None, typer.Option("--by", help="谁改的 / who changes it")]
CalendarFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="如 cn-2027.yaml / such as cn-2027.yaml", exists=True, dir_okay=False)
]

FINDINGS = (
    ("level", "级别", "level"), ("file", "文件", "file"), ("line", "行", "line"), ("path", "位置", "where"),
    ("text", "问题", "what"),
)  # fmt: skip
NUMBERS = (("path", "位置", "where"), ("name", "名称", "name"), ("value", "数值", "value"))
PUBLISHED = (
    ("name", "政策", "policy"), ("version", "版本", "version"), ("effective_from", "生效日", "effective from"),
    ("state", "结果", "state"), ("journeys", "将重排", "to plan again"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    packs = typer.Typer(no_args_is_help=True, help="政策包 / policy packs")
    for name, command in (
        ("lint", lint), ("show", show), ("diff", diff), ("schema", schema), ("preview", preview), ("apply", apply),
    ):  # fmt: skip
        packs.command(name)(command)
    app.add_typer(packs, name="pack")
    calendars = typer.Typer(no_args_is_help=True, help="放假安排 / work calendars")
    calendars.command("propose")(propose_calendar)
    calendars.command("check")(check_calendar)
    calendars.command("apply")(apply_calendar)
    app.add_typer(calendars, name="calendar")


def lint(
    where: Annotated[str | None, typer.Argument(metavar="[NAME|DIR]", help="默认全部 / default: all of them")] = None,
    folder: Folder = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """检查政策包:文件、行、问题 / what is wrong with packs: file, line, what."""
    from journey import policies

    out = Output(as_json, lang)
    base = _folder(folder)
    place, names = policies.find(where, base) if where else (base, policies.available(base))
    found = policies.lint(place, names)
    errors = [each for each in found if each.level == "error"]
    rows = [each.document() for each in found]
    if rows or as_json:
        out.table({"ok": not errors, "packs": names, "data": rows, "next_cursor": None}, rows, FINDINGS)
    out.note(f"{len(names)} 个政策包,{len(errors)} 处错误", f"{len(names)} packs, {len(errors)} errors")
    return ExitCode.FAILED if errors else ExitCode.OK


def show(
    name: str,
    overlay: OverlayOf = None,
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="该日的版本 / as of a day")] = None,
    numbers: Annotated[str, typer.Option("--numbers", metavar="PATH", help="如 signing.filing / such as …")] = "",
    folder: Folder = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """政策包的版本与数值 / a pack's versions and numbers."""
    from journey import policies
    from journey.domain.pack_words import named, numbers_under

    out = Output(as_json, lang)
    place, pack = _one(name, _folder(folder))
    loaded = policies.show(place, pack, overlay or [], _day(at))
    wanted = {path: value for path, value in numbers_under(loaded.document, numbers).items() if _is_number(path)}
    if not wanted:
        raise Failure("not-found", f"没有 {numbers} / there is no {numbers}", exit_code=ExitCode.NOT_FOUND)
    rows = [{"path": path, "name": named(path, out.lang), "value": _shown(value)} for path, value in wanted.items()]
    head = {
        "pack": pack, "overlays": overlay or [], "version": loaded.pack.version, "hash": loaded.hash,
        "effective_from": loaded.pack.effective_from.isoformat(),
    }  # fmt: skip
    if as_json:
        out.document({**head, "numbers": wanted})
        return
    out.show(head, list(head.items()))
    out.table(head, rows, NUMBERS)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="NAME[@DATE][+OVERLAY] 或文件夹 / or a folder")],
    after: Annotated[str, typer.Argument(metavar="B")],
    folder: Folder = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """两个版本之间逐项变化 / what differs between two, number by number."""
    from journey import policies

    out = Output(as_json, lang)
    base = _folder(folder)
    changed = policies.compare(_loaded(before, base), _loaded(after, base))
    rows = [{**each.document(), "words": each.text(out.lang)} for each in changed]
    out.table({"data": [each.document() for each in changed], "next_cursor": None}, rows, CHANGES)


def schema(as_json: Json = False) -> None:
    """pack.yaml 的 JSON Schema,供编辑器使用;总是 JSON / the JSON Schema of pack.yaml, for editors; always JSON."""
    from journey import policies

    Output(as_json=True, lang="zh").document(policies.schema())


def preview(
    source: Source,
    project: InProject = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """政策变动会怎样,不写入任何内容 / what a change would do to running journeys; nothing is written."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    body = _given(versions=_versions(source), project=project)
    with Remote.open(out, timeout=600) as api:
        found = api.post("/v1/packs/preview", body)
    show_preview(found, out)
    return ExitCode.OK


def apply(
    source: Source,
    by: By = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """发布并重排有关旅程 / publish, and have the journeys concerned planned again."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        found = api.post("/v1/packs", _given(versions=_versions(source), by=by))
    out.table(found, found["data"], PUBLISHED)
    return ExitCode.OK


def propose_calendar(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="cn, gb, us, ae, sg")],
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2010, max=2050)],
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """起草一年的放假安排,标为暂定 / a year's file to start from, marked provisional."""
    from journey import policies

    out = Output(as_json, lang)
    text = policies.propose_calendar(country, year)
    if as_json:
        out.document({"file": f"{country}-{year}.yaml", "text": text})
    else:
        sys.stdout.write(text)
    out.note(
        f"存为 {country}-{year}.yaml,与公布的通知核对后,将 provisional 改为 false。",
        f"Keep it as {country}-{year}.yaml; compare it with the notice, then set provisional to false.",
    )
    return ExitCode.OK


def check_calendar(file: CalendarFile, project: InProject = None, as_json: Json = False, lang: Lang = "zh") -> int:
    """公布的放假安排会移动什么,不写入 / what a published calendar moves; nothing is written."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out, timeout=600) as api:
        found = api.post("/v1/calendars/preview", _given(**_calendar(file), project=project))
    show_preview(found, out)
    return ExitCode.OK


def apply_calendar(file: CalendarFile, by: By = None, as_json: Json = False, lang: Lang = "zh") -> int:
    """启用放假安排并重排全部旅程 / take a calendar into force and plan journeys again."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out, timeout=120) as api:
        found = api.post("/v1/calendars", _given(**_calendar(file), by=by))
    out.table(found, found["data"], PUBLISHED)
    out.note(
        f"请将 {file.name} 放入政策文件夹的 calendars/,重启后仍然有效。",
        f"Put {file.name} into calendars/ of the policies folder, so that a restart keeps it.",
    )
    return ExitCode.OK


def _given(**body: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _versions(source: Path) -> list[dict[str, Any]]:
    """Every version that a folder or a file stands for, as the door takes them."""
    from journey import policies

    return [
        {"overlays": list(each.overlays), "document": each.loaded.document, "law": dict(each.loaded.law)}
        for each in policies.published_from(source)
    ]


def _calendar(file: Path) -> dict[str, Any]:
    from journey import policies

    try:
        return dict(policies.read_calendar_file(file))
    except ValueError as error:
        raise Failure("bad-calendar", str(error)) from error


def _loaded(text: str, base: Path) -> Any:
    """The pack in NAME[@DATE][+OVERLAY…], or in a folder."""
    from journey import policies

    plain, *overlays = text.split("+") if not Path(text).is_dir() else [text]
    name, _, day = plain.partition("@")
    place, pack = _one(name, base)
    return policies.show(place, pack, overlays, _day(day or None))


def _one(where: str, base: Path) -> tuple[Path, str]:
    """The one pack that is meant, and its folder."""
    from journey import policies

    place, names = policies.find(where, base)
    if len(names) != 1:
        raise Failure("usage", f"{where} 中有多个政策包 / holds several packs", exit_code=ExitCode.USAGE)
    return place, names[0]


def _folder(folder: Path | None) -> Path:
    from journey.settings import Settings

    return folder or Settings().policies_folder


def _day(text: str | None) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Failure(
            "usage", "日期应为 2027-01-01 / a date is written 2027-01-01", exit_code=ExitCode.USAGE
        ) from error


def _is_number(path: str) -> bool:
    from journey.domain.wording import PARTS

    return path.split(".")[0] not in PARTS


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
