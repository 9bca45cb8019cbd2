"""`journey template`: texts as their authors and approvers work on them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Failure, Json, Lang, Output

Name = Annotated[str, typer.Argument(metavar="ID", help="模板,如 handover.notice / a template")]
OfPack = Annotated[str, typer.Option("--pack", help="政策包,含叠加用 + / with overlays: cn-residential+zhejiang")]
InLanguage = Annotated[str, typer.Option("--language", help="文本语言 zh 或 en / the text's language")]
Version = Annotated[str | None, typer.Option("--version", metavar="HASH", help="默认最新 / default: the newest")]
Variant = Annotated[str | None, typer.Option("--channel", help="渠道专用文本,如 sms / the variant of a channel")]
Of = Annotated[str, typer.Option("--party", help="legal 法务、marketing 营销,或服务商 / or a provider")]
By = Annotated[str, typer.Option("--by", help="谁 / who")]
Why = Annotated[str | None, typer.Option("--reason", help="原因 / why")]
Code = Annotated[str | None, typer.Option("--code", help="服务商模板号 / the provider's template code")]
DEFAULT_PACK = "cn-residential"

LIST = (
    ("id", "模板", "template"), ("label", "名称", "name"), ("class", "类别", "class"), ("zh", "中文", "Chinese"),
    ("en", "英文", "English"), ("approvals", "须批准", "approved by"), ("variants", "渠道文本", "variants"),
)  # fmt: skip
TEXTS = (
    ("template", "模板", "template"), ("language", "语言", "language"), ("short", "版本", "version"),
    ("since", "起", "since"), ("pack_version", "政策版本", "pack version"), ("text", "文本", "text"),
)  # fmt: skip
SAID = (
    ("at", "时间", "at"), ("language", "语言", "language"), ("short", "版本", "version"), ("party", "方", "party"),
    ("state_label", "状态", "state"), ("by", "谁", "by"), ("reason", "原因", "reason"), ("sign", "签名", "sign"),
    ("code", "模板号", "code"),
)  # fmt: skip
SHOWN = (
    ("channel", "渠道", "channel"), ("text", "文本", "text"), ("characters", "字数", "characters"),
    ("segments", "条数", "parts"), ("price", "估价", "price"), ("missing", "缺少", "missing"),
)  # fmt: skip
STATES = {
    "active": ("发出", "goes out"), "waiting": ("旧文本发出,新文本待批", "an older text goes out"),
    "withheld": ("待批,不发", "withheld"), "missing": ("无", "missing"),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="消息模板 / templates of messages")
    for name, command in (
        ("list", list_templates), ("show", show), ("lint", lint), ("diff", diff), ("preview", preview), ("map", map_),
        ("submit", submit), ("approve", approve), ("reject", reject), ("send-test", send_test),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="template")


def list_templates(pack: OfPack = DEFAULT_PACK, as_json: Json = False, lang: Lang = "zh") -> None:
    """模板列表及是否发出 / templates, and whether their newest texts go out."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        page = api.get("/v1/templates", pack=pack)
    states = [{name: out.say(*STATES[one["state"]]) for name, one in row["languages"].items()} for row in page["data"]]
    out.table(page, [{**row, **each} for row, each in zip(page["data"], states, strict=True)], LIST)


def show(template: Name, pack: OfPack = DEFAULT_PACK, as_json: Json = False, lang: Lang = "zh") -> None:
    """模板的各版本与批准记录 / versions of a template and who said what of them."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("templates", template), pack=pack)
    if as_json:
        out.document(found)
        return
    out.table(found, [_short(row) for row in found["texts"]], TEXTS)
    if found["history"]:
        out.table(found, [_short(row) for row in found["history"]], SAID)


def lint(
    where: Annotated[str | None, typer.Argument(metavar="[NAME|DIR]", help="默认全部 / default: all of them")] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="政策文件夹 / folder of policies")
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """检查模板与统一口径:文件、行、问题 / what is wrong with templates and answers: file, line, what."""
    from journey import policies
    from journey.settings import Settings
    from starter.cli.packs import FINDINGS

    out = Output(as_json, lang)
    base = folder or Settings().policies_folder
    place, names = policies.find(where, base) if where else (base, policies.available(base))
    rows = [each.document() for each in policies.lint(place, names) if _of_words(each.problem.file)]
    errors = [row for row in rows if row["level"] == "error"]
    if rows or as_json:
        out.table({"ok": not errors, "packs": names, "data": rows, "next_cursor": None}, rows, FINDINGS)
    out.note(f"{len(names)} 个政策包,{len(errors)} 处错误", f"{len(names)} packs, {len(errors)} errors")
    return ExitCode.FAILED if errors else ExitCode.OK


def diff(
    template: Name,
    before: Annotated[str, typer.Argument(metavar="VERSION", help="较早版本的哈希 / hash of the earlier version")],
    after: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="默认最新 / default: the newest")] = None,
    language: InLanguage = "zh",
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """两个版本之间逐行变化 / what differs between two versions of a text."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(
            path_of("templates", template, "diff"), before=before, after=after, language=language, pack=pack
        )
    if as_json:
        out.document(found)
        return
    for line in found["lines"] or [out.say("没有变化", "no difference")]:
        out.line(line, line)


def preview(
    template: Name,
    journey: Annotated[str, typer.Option("--journey", metavar="ID|PROJECT/UNIT", help="旅程 / journey")],
    language: Annotated[str | None, typer.Option("--language", help="默认业主语言 / default: the owner's")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """以掩码的真实业主预览:文本、字数、短信条数、估价 / a preview for a masked owner: text, length, parts, price."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("templates", template, "preview"), journey=journey, language=language)
    out.table(found, found["channels"], SHOWN)
    if found["assumed"]:
        named = ", ".join(found["assumed"])
        out.note(f"该户尚无此事项,以示例代入:{named}", f"the home has no such item yet; made up: {named}")
    return ExitCode.FAILED if any(each["missing"] for each in found["channels"]) else ExitCode.OK


def map_(
    template: Name,
    provider: Annotated[str, typer.Option("--provider", help="服务商,如 aliyun / a provider")],
    by: By,
    sign: Annotated[str | None, typer.Option("--sign", help="签名 / sign name")] = None,
    code: Code = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VARIABLE", help="如 name=owner.name,可重复 / may be repeated"),
    ] = None,
    language: InLanguage = "zh",
    channel: Variant = None,
    version: Version = None,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """登记服务商的签名、模板号与参数 / how a provider knows a text: sign name, code, parameters."""
    params = _params(param) if param else None
    more = {"sign": sign, "code": code, "params": params, "channel": channel, "version": version, "pack": pack}
    return _say(Output(as_json, lang), template, {"party": provider, "by": by, "language": language} | more, "draft")


def submit(
    template: Name,
    party: Of,
    by: By,
    language: InLanguage = "zh",
    channel: Variant = None,
    version: Version = None,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """提交批准 / hand a text in for approval."""
    more = {"channel": channel, "version": version, "pack": pack}
    return _say(Output(as_json, lang), template, {"party": party, "by": by, "language": language} | more, "submitted")


def approve(
    template: Name,
    party: Of,
    by: By,
    code: Code = None,
    language: InLanguage = "zh",
    channel: Variant = None,
    version: Version = None,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """批准文本,即可发出 / approve a text: it goes out from now on."""
    more = {"code": code, "channel": channel, "version": version, "pack": pack}
    return _say(Output(as_json, lang), template, {"party": party, "by": by, "language": language} | more, "approved")


def reject(
    template: Name,
    party: Of,
    by: By,
    reason: Why = None,
    language: InLanguage = "zh",
    channel: Variant = None,
    version: Version = None,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """驳回或收回文本,须说明原因 / reject a text, or take it back; say why."""
    more = {"reason": reason, "channel": channel, "version": version, "pack": pack}
    return _say(Output(as_json, lang), template, {"party": party, "by": by, "language": language} | more, "rejected")


def send_test(
    template: Name,
    to: Annotated[str, typer.Option("--to", help="内部人员的号码或邮箱 / an address of your own staff")],
    by: By,
    channel: Annotated[str, typer.Option("--channel", help="sms, wechat, email, voice")] = "sms",
    language: InLanguage = "zh",
    version: Version = None,
    pack: OfPack = DEFAULT_PACK,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """测试发送给自己,标注【测试】,不发业主 / send a test to yourself, marked; never to an owner."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    body = {"to": to, "by": by, "channel": channel, "language": language, "version": version, "pack": pack}
    with Remote.open(out) as api:
        found = api.post(path_of("templates", template, "test"), _given(body))
    out.show(found, [("id", found["id"]), (out.say("结果", "outcome"), out.word("state", found["state"]))])
    return ExitCode.FAILED if found["state"] in ("failed", "unknown") else ExitCode.OK


def _say(out: Output, template: str, body: dict[str, Any], state: str) -> int:
    from starter.cli.remote import Remote, path_of

    with Remote.open(out) as api:
        found = api.post(path_of("templates", template, "approvals"), _given({**body, "state": state}))
    out.show(
        found,
        [(found["party"], out.word("state", found["state"])), (out.say("版本", "version"), found["version"][:12])],
    )
    if not found["changed"]:
        out.note("此前已如此,未再记录。", "It stood so already: nothing was added.")
    return ExitCode.OK


def _params(given: list[str]) -> dict[str, str]:
    """NAME=VARIABLE, one a parameter."""
    pairs = [each.partition("=") for each in given]
    if any(not name or not variable for name, _, variable in pairs):
        raise Failure("usage", "参数写作 name=owner.name / a parameter is name=owner.name", exit_code=ExitCode.USAGE)
    return {name: variable for name, _, variable in pairs}


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "short": row["version"][:12]}


def _of_words(file: str) -> bool:
    return file.endswith((".j2", "templates.yaml")) or "/answers/" in file
