"""`journey act`: what an operator does to a journey, each with a reason."""

import sys
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output, Where

Why = Annotated[str, typer.Option("--reason", help="必填 / why, always needed")]
By = Annotated[str | None, typer.Option("--by", help="默认为密钥名 / default: the name of the key")]
Key = Annotated[str | None, typer.Option("--key", help="事项的键 / the item's key")]
Item = Annotated[str | None, typer.Option("--item", metavar="RULE", help="规则编号,唯一时可用 / a rule that asks once")]
Occurrence = Annotated[str | None, typer.Option("--occurrence", help="同一规则的第几次 / which of several")]
Expected = Annotated[
    str | None, typer.Option("--expected", help="您看到的状态,已变则拒绝 / what you saw; refused when it changed")
]
Id = Annotated[str | None, typer.Option("--id", help="操作编号,重复无效 / your id; repeats change nothing")]
Scope = Annotated[str, typer.Option("--scope", help="all, care, marketing, 规则或键 / a rule or a key")]
Person = Annotated[str | None, typer.Option("--person", metavar="REF", help="该业主的全部旅程 / all of an owner's")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="人工处置一段旅程 / steer a journey")
    for name, command in (
        ("skip", skip), ("redo", redo), ("reschedule", reschedule), ("decide", decide), ("mute", mute),
        ("pause", pause), ("resume", resume), ("cancel", cancel), ("undo", undo),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="act")


def skip(
    where: Where, reason: Why, key: Key = None, item: Item = None, occurrence: Occurrence = None,
    statutory: Annotated[bool, typer.Option("--statutory", help="确认跳过法定义务 / also a duty of the law")] = False,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """跳过一个事项 / do not do an item."""
    named = {"key": key, "item": item, "occurrence": occurrence, "statutory": statutory}
    return _act("skip", where, named | _said(reason, by, expected, id), Output(as_json, lang))


def redo(
    where: Where, reason: Why, key: Key = None, item: Item = None, occurrence: Occurrence = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """重做已结束的事项 / do again what has ended."""
    named = {"key": key, "item": item, "occurrence": occurrence}
    return _act("redo", where, named | _said(reason, by, expected, id), Output(as_json, lang))


def reschedule(
    where: Where, reason: Why,
    to: Annotated[str, typer.Option("--to", metavar="RFC3339", help="改到何时 / the new instant")],
    key: Key = None, item: Item = None, occurrence: Occurrence = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """改期 / move an item to another instant."""
    named = {"key": key, "item": item, "occurrence": occurrence, "to": to}
    return _act("reschedule", where, named | _said(reason, by, expected, id), Output(as_json, lang))


def decide(
    where: Where, reason: Why,
    outcome: Annotated[str, typer.Option("--outcome", metavar="happened|not-happened", help="核实结果 / what is true")],
    key: Key = None, item: Item = None, occurrence: Occurrence = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """认定结果不明的发送 / say how an unknown send ended."""
    named = {"key": key, "item": item, "occurrence": occurrence, "outcome": outcome}
    return _act("decide", where, named | _said(reason, by, expected, id), Output(as_json, lang))


def mute(
    where: Where, reason: Why, scope: Scope = "all", person: Person = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """静默:不再发送 / keep messages from going out."""
    held = {"scope": scope, "person": person}
    return _act("mute", where, held | _said(reason, by, expected, id), Output(as_json, lang))


def pause(
    where: Where, reason: Why, scope: Scope = "all", person: Person = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """暂停:时限停走,法定期限除外 / stop the clocks, except statutory ones."""
    held = {"scope": scope, "person": person}
    return _act("pause", where, held | _said(reason, by, expected, id), Output(as_json, lang))


def resume(
    where: Where, reason: Why, scope: Scope = "all", person: Person = None,
    how: Annotated[str | None, typer.Option("--how", help="只解除 mute 或 pause / only this kind")] = None,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """恢复:解除静默或暂停 / end a mute or a pause."""
    held = {"scope": scope, "person": person, "how": how}
    return _act("resume", where, held | _said(reason, by, expected, id), Output(as_json, lang))


def cancel(
    where: Where, reason: Why,
    yes: Annotated[
        bool, typer.Option("--yes", help="不再询问;无终端或 --json 时不问 / do not ask; only a terminal is asked")
    ] = False,
    by: By = None, expected: Expected = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """取消整段旅程 / end the journey."""
    out = Output(as_json, lang)
    if not yes and sys.stdin.isatty() and not out.as_json:
        _confirm(where, out)
    return _act("cancel", where, _said(reason, by, expected, id), out)


def undo(
    words: Annotated[
        list[str], typer.Argument(metavar="[ID|PROJECT/UNIT] EVENT", help="处置的事件编号 / the action's event")
    ],
    reason: Why, by: By = None, id: Id = None, as_json: Json = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """撤回一次处置 / take an operator's action back."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    if len(words) > 2:
        raise Failure("usage", "写法:journey act undo [旅程] 事件 / [journey] event", exit_code=ExitCode.USAGE)
    where = words[0] if len(words) == 2 else None
    if where is None:
        with Remote.open(out) as api:
            where = api.get(path_of("events", words[0]))["journey"] or "-"
    return _act("undo", where, {"event": words[-1]} | _said(reason, by, None, id), out)


def say_what_stands(out: Output, answer: dict[str, Any]) -> int:
    """Show an action's answer; a refused verdict fails."""
    reason, item, task = (answer.get(name) or {} for name in ("reason", "item", "task"))
    lines = [
        (out.say("结论", "verdict"), out.word("verdict", answer.get("verdict"))),
        (out.say("原因", "reason"), reason.get("text")),
        (out.say("事件", "event"), answer.get("event")),
        (out.say("事项", "item"), item.get("key") or task.get("key")),
        (out.say("现状", "stands"), item.get("expected") or task.get("state")),
        (out.say("岗位", "role"), task.get("role")),
        (out.say("上线时刻", "go-live"), answer.get("go_live_at")),
        (out.say("旅程", "journey"), answer.get("status")),
        (out.say("关闭", "closes"), [each["title"] for each in answer.get("closes", [])]),
    ]
    out.show(answer, [line for line in lines if line[1]])
    return ExitCode.FAILED if answer.get("verdict") == "refused" else ExitCode.OK


def _said(reason: str, by: str | None, expected: str | None, id: str | None) -> dict[str, Any]:
    return {"reason": reason, "by": by, "expected": expected, "id": id}


def _act(action: str, where: str, body: dict[str, Any], out: Output) -> int:
    from starter.cli.remote import Remote, path_of

    told = {name: value for name, value in body.items() if value not in (None, False)}
    with Remote.open(out) as api:
        answer = api.post(path_of("journeys", where, "actions", action), told)
    return say_what_stands(out, answer)


def _confirm(where: str, out: Output) -> None:
    """Say what open work a cancel closes, and ask. A script's word is the reason that it gave."""
    from starter.cli.remote import Remote, path_of

    with Remote.open(out) as api:
        path = path_of("journeys", where, "entries")
        found = [each for state in ("open", "held") for each in api.get(path, state=state)["data"]]
    for each in found:
        out.note(f"将关闭:{each['title']}({each['due']})", f"closes: {each['title']} ({each['due']})")
    if not found:
        out.note("没有进行中的工作。", "No open work.")
    if not typer.confirm(out.say("确认取消整段旅程?", "Cancel the whole journey?"), err=True):
        raise Failure("stopped", "未取消 / not cancelled")
