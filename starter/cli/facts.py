"""Commands that tell something: a new project, a new journey, an event."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import typer

from starter.cli.acting import By, Id, Why, say_what_stands
from starter.cli.output import ExitCode, Failure, Json, Lang, Output, show_verdict

NewProject = Annotated[
    str | None,
    typer.Option("--create-project", metavar="NAME,CITY", help="项目不存在时新建 / make the project if missing"),
]
DEFAULT_PACK = "cn-residential"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    projects = typer.Typer(no_args_is_help=True, help="项目 / projects")
    projects.command("create")(create_project)
    projects.command("go-live")(move_go_live)
    app.add_typer(projects, name="project")
    app.command("start")(start)
    app.command("event")(event)


def create_project(
    code: str,
    name: Annotated[str, typer.Option("--name")],
    city: Annotated[str, typer.Option("--city")],
    pack: Annotated[str, typer.Option("--pack")] = DEFAULT_PACK,
    overlay: Annotated[list[str] | None, typer.Option("--overlay")] = None,
    go_live: Annotated[
        str | None, typer.Option("--go-live", metavar="RFC3339", help="上线时刻 / when it went live")
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """新建项目 / create a project."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    body: dict[str, Any] = {"code": code, "name": name, "city": city, "pack": pack}
    body |= {"overlays": overlay} if overlay else {}
    body |= {"go_live_at": go_live} if go_live else {}
    with Remote.open(out) as api:
        answer = api.post("/v1/projects", body)
    reason = (answer.get("reason") or {}).get("text")
    out.show(
        answer,
        [(out.say("项目", "project"), f"{code} {name}"), *([(out.say("注意", "note"), reason)] if reason else [])],
    )


def move_go_live(
    code: str,
    to: Annotated[str, typer.Option("--to", metavar="RFC3339", help="新的上线时刻 / the new go-live")],
    reason: Why,
    by: By = None,
    expected: Annotated[
        str | None, typer.Option("--expected", help="您看到的上线时刻,已变则拒绝 / the go-live that you saw")
    ] = None,
    id: Id = None,
    preview: Annotated[bool, typer.Option("--preview", help="只说会怎样,不变更 / only say what it would do")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """变更上线时刻 / move the go-live: what is due before it is history."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    said = {"to": to, "reason": reason, "by": by, "expected": expected, "id": id}
    with Remote.open(out) as api:
        path = path_of("projects", code)
        if preview:
            event = new_event("go_live.moved", {"to": to, "reason": reason, "by": by or "cli"})
            return _show_preview(api.post(f"{path}/preview", event), out)
        answer = api.post(f"{path}/actions/go-live", {name: value for name, value in said.items() if value})
    return say_what_stands(out, answer)


def start(
    project: Annotated[str, typer.Option("--project")],
    owner: Annotated[list[str], typer.Option("--owner", metavar="REF,NAME[,PHONE[,EMAIL]]")],
    unit: Annotated[str | None, typer.Option("--unit", help="线索没有房号 / a lead has none")] = None,
    pack: Annotated[str | None, typer.Option("--pack", help="默认为项目的 / default: the project's")] = None,
    overlay: Annotated[list[str] | None, typer.Option("--overlay", help="可重复 / may be repeated")] = None,
    external_id: Annotated[
        str | None, typer.Option("--external-id", help="贵方系统的编号,唯一 / your own id of it, used once")
    ] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", metavar="TYPE:JSON")] = None,
    consent: Annotated[list[str] | None, typer.Option("--consent", help="care, marketing, sensitive")] = None,
    create_project: NewProject = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """启动一段业主旅程 / start a journey."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    now = datetime.now(UTC)
    body: dict[str, Any] = {"project": project, "owners": [read_owner(each, consent or []) for each in owner]}
    given = {"unit": unit, "pack": pack, "overlays": overlay, "external_id": external_id}
    body |= {name: value for name, value in given.items() if value}
    body |= {"facts": [read_fact(each, now) for each in fact]} if fact else {}
    with Remote.open(out) as api:
        if create_project:
            ensure_project(api, project, create_project)
        answer = api.post("/v1/journeys", body)
    lines = [("id", answer["id"]), (out.say("房号", "unit"), f"{project}/{unit or ''}")]
    shown = (("stage", "阶段"), ("status", "状态"))
    lines += [(out.say(zh, key), out.word(key, answer.get(key))) for key, zh in shown]
    lines += [(out.say("注意", "note"), warning["text"]) for warning in answer.get("warnings") or ()]
    out.show(answer, lines)


def event(
    words: Annotated[
        list[str], typer.Argument(metavar="[ID|PROJECT/UNIT] TYPE", help="旅程与事件类型 / journey and type")
    ],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE")] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="JSON")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="REF")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="RFC3339", help="发生时刻,默认现在 / default: now")] = None,
    id: Annotated[
        str | None, typer.Option("--id", help="来源方事件编号 / the teller's id; repeats change nothing")
    ] = None,
    about: Annotated[str | None, typer.Option("--about", metavar="JSON")] = None,
    project: Annotated[str | None, typer.Option("--project", help="告知项目而非旅程 / tell the project")] = None,
    scope: Annotated[str | None, typer.Option("--scope", metavar="building=3|batch=B1|phase=1")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="只说会怎样,不告知 / only say what it would do")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """告知一件事实 / tell a fact to a journey, or with --project to a project."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    if len(words) != (1 if project else 2):
        raise _usage("写法:journey event PROJECT/UNIT TYPE,或 --project CODE TYPE / one journey and one type")
    body = new_event(words[-1], {**read_object(data, "--data"), **({"on": on} if on else {})}, at=at, id=id)
    body |= {"person": person} if person else {}
    body |= {"about": read_object(about, "--about")} if about else {}
    body |= {"scope": _read_scope(scope)} if scope else {}
    with Remote.open(out) as api:
        path = path_of("projects", project) if project else path_of("journeys", words[0])
        if preview:
            return _show_preview(api.post(f"{path}/preview", body), out)
        answer = api.post(f"{path}/events", body)
    return show_verdict(answer, out)


def _show_preview(found: dict[str, Any], out: Output) -> int:
    from starter.cli.previews import show_event, show_preview

    (show_event if "journey" in found else show_preview)(found, out)
    return ExitCode.FAILED if found["verdict"] == "refused" else ExitCode.OK


def ensure_project(api: Any, code: str, words: str) -> None:
    """Make the project named `NAME,CITY` unless it is there."""
    name, _, city = words.partition(",")
    if not name.strip() or not city.strip():
        raise _usage("--create-project 的写法是 名称,城市 / takes NAME,CITY")
    try:
        api.post("/v1/projects", {"code": code, "name": name.strip(), "city": city.strip(), "pack": DEFAULT_PACK})
    except Failure as failure:
        if failure.exit_code != ExitCode.CONFLICT:
            raise


def new_event(type: str, data: dict[str, Any], *, at: str | None = None, id: str | None = None) -> dict[str, Any]:
    """Return the body of an event told by this command line."""
    occurred = at or datetime.now(UTC).isoformat(timespec="seconds")
    return {"id": id or f"cli-{uuid4().hex}", "type": type, "occurred_at": occurred, "data": data, "source": "cli"}


def read_fact(text: str, now: datetime) -> dict[str, Any]:
    """Return the event in `TYPE:JSON`; its instant is `now`, its civil date stands in `on`."""
    type, _, data = text.partition(":")
    return new_event(type.strip(), read_object(data or "{}", "--fact"), at=now.isoformat(timespec="seconds"))


def read_owner(text: str, consents: list[str]) -> dict[str, Any]:
    """Return the owner in `REF,NAME[,PHONE[,EMAIL]]`."""
    parts = [part.strip() for part in text.replace(",", ",").split(",")]
    if not 2 <= len(parts) <= 4 or not parts[0] or not parts[1]:
        raise _usage("--owner 的写法是 编号,姓名[,电话[,邮箱]] / takes REF,NAME[,PHONE[,EMAIL]]")
    owner: dict[str, Any] = {
        key: part for key, part in zip(("ref", "name", "phone", "email"), parts, strict=False) if part
    }
    return owner | ({"consents": consents} if consents else {})


def read_object(text: str | None, option: str) -> dict[str, Any]:
    """Return the JSON object that an option holds, empty without one."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise _usage(f"{option}: 不是 JSON / is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _usage(f"{option}: 须为 JSON 对象 / must be a JSON object")
    return value


def _read_scope(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        return read_object(text, "--scope")
    kind, found, code = text.partition("=")
    if not found or kind not in {"building", "batch", "phase"}:
        raise _usage("--scope 的写法是 building=3、batch=B1 或 phase=1 / takes building=3, batch=B1 or phase=1")
    return {kind: code}


def _usage(text: str) -> Failure:
    return Failure("usage", text, exit_code=ExitCode.USAGE)
