"""`journey answer`: the approved answers 统一口径, searched, added, approved and retired."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import Json, Lang, Output
from starter.cli.tasks import ANSWERS

Name = Annotated[str, typer.Argument(metavar="ID", help="口径编号 / id of an answer")]
OfPack = Annotated[str, typer.Option("--pack", help="政策包,含叠加用 + / with overlays: cn-residential+zhejiang")]
By = Annotated[str, typer.Option("--by", help="谁 / who")]
Many = list[str] | None
DEFAULT_PACK = "cn-residential"
_NOT_SENT = ("id", "topic", "text", "version", "approved_by")

LIST = (*ANSWERS, ("state", "状态", "state"), ("lacks", "待批", "awaits"), ("origin", "来源", "origin"))
HISTORY = (
    ("at", "时间", "at"), ("version", "版本", "version"), ("state", "状态", "state"), ("party", "岗位", "post"),
    ("by", "谁", "by"), ("reason", "原因", "reason"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="统一口径 / approved answers")
    for name, command in (
        ("list", list_answers), ("show", show), ("add", add), ("approve", approve), ("retire", retire),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="answer")


def list_answers(
    q: Annotated[str | None, typer.Option("-q", "--query", help="词语 / words of topic or text")] = None,
    category: Annotated[str | None, typer.Option("--category", help="如 waterproofing / such as …")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="repair, complaint …")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="事项 / a rule's id")] = None,
    offered: Annotated[bool, typer.Option("--offered", help="只列今天可用的 / only those that hold today")] = False,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """统一口径列表与检索 / approved answers, searched."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    wanted = {"q": q, "category": category, "kind": kind, "rule": rule, "pack": pack}
    with Remote.open(out) as api:
        page = api.get("/v1/answers", **wanted, offered=offered or None)
    out.table(page, page["data"], LIST)


def show(answer: Name, pack: OfPack = DEFAULT_PACK, as_json: Json = False, lang: Lang = "zh") -> None:
    """一条口径及其历史 / one answer with its history."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        _show(api.get(path_of("answers", answer), pack=pack), out)


def add(
    answer: Name,
    by: By,
    file: Annotated[
        Path,
        typer.Option(
            "--file", metavar="FILE", help="YAML,同政策包 answers/ / YAML as in a pack", exists=True, dir_okay=False
        ),
    ],
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """新增口径或新版本,批准后才可用 / add an answer or a version; it is offered once it is approved."""
    from journey import policies
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    told = policies.read_answer_file(file)
    # What the API does not know it names: nothing of a file is dropped in silence, but what only a pack may say.
    body: dict[str, Any] = {name: value for name, value in told.items() if name not in _NOT_SENT}
    body |= {"id": answer, "by": by, "pack": pack}
    for name in ("topic", "text"):
        said = told.get(name)
        body |= {f"{name}_{each}": value for each, value in said.items()} if isinstance(said, Mapping) else {}
    with Remote.open(out) as api:
        _show(api.post("/v1/answers", {name: value for name, value in body.items() if value is not None}), out)


def approve(
    answer: Name,
    party: Annotated[str, typer.Option("--party", help="legal 法务 或 / or marketing 营销")],
    by: By,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """批准最新版本 / approve the newest version."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        _show(api.post(path_of("answers", answer, "approve"), {"party": party, "by": by, "pack": pack}), out)


def retire(
    answer: Name,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="必填 / why, always needed")],
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """停用,不再提供 / offer it no more."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        _show(api.post(path_of("answers", answer, "retire"), {"reason": reason, "by": by, "pack": pack}), out)


def _show(found: dict[str, Any], out: Output) -> None:
    out.table(found, [found], LIST)
    if found["history"] and not out.as_json:
        out.table(found, found["history"], HISTORY)
