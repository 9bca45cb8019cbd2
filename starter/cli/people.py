"""`journey people`: persons with their homes, consents and contacts, and merging two that are one."""

from typing import Annotated, Any

import typer

from starter.cli.output import Json, Lang, Output, show_verdict

Ref = Annotated[str, typer.Argument(metavar="REF", help="业主 ref / the owner's ref")]
PEOPLE = (("ref", "业主", "ref"), ("name", "姓名", "name"), ("id", "编号", "id"))
HOMES = (
    ("project", "项目", "project"), ("unit", "房号", "unit"), ("status", "状态", "status"), ("since", "起", "since"),
    ("kind", "取得方式", "kind"), ("former", "曾任", "former"), ("journey", "旅程", "journey"),
)  # fmt: skip
CONSENTS = (
    ("purpose", "用途", "purpose"),
    ("channel", "渠道", "channel"),
    ("given", "同意", "given"),
    ("since", "起", "since"),
)
CONTACTS = (
    ("channel", "渠道", "channel"),
    ("address", "地址", "address"),
    ("state", "状态", "state"),
    ("since", "起", "since"),
)

INBOX = (
    ("at", "时间", "at"), ("read_at", "已读", "read"), ("class", "类别", "class"), ("subject", "标题", "subject"),
    ("text", "内容", "text"), ("id", "编号", "id"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    people = typer.Typer(no_args_is_help=True, help="业主与联系人 / persons")
    for name, command in (
        ("list", list_people), ("show", show), ("inbox", inbox), ("merge", merge), ("consent", consent),
        ("contact", contact), ("erase", erase), ("retention", retention),
    ):  # fmt: skip
        people.command(name)(command)
    app.add_typer(people, name="people")


def list_people(
    q: Annotated[str | None, typer.Option("-q", "--query", help="ref 的一部分 / part of a ref")] = None,
    project: Annotated[str | None, typer.Option("--project")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200)] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """业主列表,姓名掩码 / persons, masked."""
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        page = api.get("/v1/people", q=q, project=project, limit=limit, cursor=cursor)
    out.table(page, page["data"], PEOPLE)


def show(ref: Ref, as_json: Json = False, lang: Lang = "zh") -> None:
    """一位业主:房产、同住人、授权、联系方式 / one person: homes, household, consents, contacts."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        found = api.get(path_of("people", ref))
    if as_json:
        out.document(found)
        return
    words = (("ref", "业主"), ("name", "姓名"), ("aliases", "别名"), ("household", "同住人"), ("language", "语言"))
    out.show(found, [(out.say(zh, key), found[key]) for key, zh in words if found[key]])
    lists = {"homes": HOMES, "consents": CONSENTS, "contacts": CONTACTS, "earlier_contacts": CONTACTS}
    for name, columns in lists.items():
        if found.get(name):
            out.table(found, found[name], columns)


def inbox(
    ref: Ref,
    unread: Annotated[bool, typer.Option("--unread", help="只看未读 / only what was not read")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200)] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """站内信,最新在前 / what lies in a person's inbox, the latest first."""
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    with Remote.open(out) as api:
        page = api.get(path_of("people", ref, "inbox"), unread=unread, limit=limit, cursor=cursor)
    out.table(page, page["data"], INBOX)


def merge(
    ref: Ref,
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="并入者 / who turns out to be the same")],
    reason: Annotated[str, typer.Option("--reason", help="为什么 / why")],
    by: Annotated[str | None, typer.Option("--by")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问;不可撤回 / do not ask; there is no way back")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """两个 ref 是同一人:保留 REF,ALIAS 成为别名 / two refs are one person: REF is kept."""
    from starter.cli.recovery import ask
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    out.note(f"把 {alias} 并入 {ref},不可撤回。", f"{alias} becomes an alias of {ref}; there is no way back.")
    ask(out, yes, must=True)
    body = {"alias": alias, "reason": reason} | ({"by": by} if by else {})
    with Remote.open(out) as api:
        found = api.post(path_of("people", ref, "merge"), body)
    out.show(found, [(out.say("业主", "person"), found["ref"]), (out.say("别名", "aliases"), found["aliases"])])


def erase(
    ref: Ref,
    reason: Annotated[str, typer.Option("--reason", help="为什么 / why")],
    by: Annotated[str | None, typer.Option("--by")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问;不可撤回 / do not ask; there is no way back")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """匿名化一位业主 / forget a person: name, birthday, addresses, words."""
    from starter.cli.recovery import ask
    from starter.cli.remote import Remote, path_of

    out = Output(as_json, lang)
    out.note(f"匿名化 {ref},不可撤回。", f"{ref} is forgotten; there is no way back.")
    ask(out, yes, must=True)
    with Remote.open(out) as api:
        done = api.post(path_of("people", ref, "erase"), {"reason": reason} | ({"by": by} if by else {}))
    kept = out.say("否,另有期限", "no, they have their own time")
    gone = out.say("是", "yes") if done["evidence"] else kept
    out.show(
        done, [(out.say("业主", "person"), done["ref"]), (out.say("授权凭据也已清除", "proofs of consent too"), gone)]
    )


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只统计 / count, and forget nobody")] = False,
    by: Annotated[str | None, typer.Option("--by")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问;不可撤回 / do not ask; there is no way back")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """按保存期限匿名化 / forget everybody whose time has come, with a report by reason."""
    from starter.cli.recovery import ask
    from starter.cli.remote import Remote

    out = Output(as_json, lang)
    if not dry_run:
        ask(out, yes, must=True)
    with Remote.open(out, timeout=600) as api:
        found = api.post("/v1/people/retention", {"dry_run": dry_run} | ({"by": by} if by else {}))
    went = out.say("将匿名化" if dry_run else "已匿名化", "would go" if dry_run else "forgotten")
    proofs = out.say("授权凭据到期", "proofs of consent")
    kept = [(one["text"], one["count"]) for one in found["kept"]]
    seen = (out.say("人数", "looked at"), found["looked_at"])
    strangers = (out.say("无主回复", "answers of strangers"), found.get("strangers", 0))
    out.show(found, [seen, (went, found["erased"]), (proofs, found["evidence_erased"]), strangers, *kept])


def consent(
    ref: Ref,
    purpose: Annotated[str, typer.Argument(help="care, marketing, sensitive")],
    evidence: Annotated[str, typer.Option("--evidence", help="凭据 / the proof")],
    given: Annotated[bool, typer.Option("--given/--withdrawn", help="同意或撤回 / given or withdrawn")] = True,
    channel: Annotated[str | None, typer.Option("--channel")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """授权或撤回 / a consent given or withdrawn."""
    body = {"purpose": purpose, "given": given, "evidence": evidence} | ({"channel": channel} if channel else {})
    return _tell(ref, "consents", body, Output(as_json, lang))


def contact(
    ref: Ref,
    channel: Annotated[str, typer.Argument(help="phone, email, wechat")],
    address: Annotated[str, typer.Argument()],
    what: Annotated[str, typer.Option("--what", help="changed, verified, invalid")] = "changed",
    preferred: Annotated[
        bool | None, typer.Option("--preferred/--not-preferred", help="首选此渠道 / wants to be reached there first")
    ] = None,
    zone: Annotated[str | None, typer.Option("--zone", metavar="IANA", help="现居时区 / where he lives now")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """联系方式变更、核实或失效 / an address that is new, verified or invalid."""
    said = {"channel": channel, "address": address, "what": what, "preferred": preferred, "zone": zone}
    body = {name: value for name, value in said.items() if value is not None}
    return _tell(ref, "contacts", body, Output(as_json, lang))


def _tell(ref: str, kind: str, body: dict[str, Any], out: Output) -> int:
    from starter.cli.remote import Remote, path_of

    with Remote.open(out) as api:
        answer = api.post(path_of("people", ref, kind), body)
    return show_verdict(answer, out)
