"""`journey hook`: who may call us with signed callbacks. Works on the database itself, as keys do."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from starter.cli.output import Json, Lang, Output

COLUMNS = (
    ("source", "来源", "source"), ("kind", "种类", "kind"), ("dialect", "格式", "form"),
    ("provider", "服务商", "provider"), ("path", "路径", "path"), ("secrets", "密钥数", "secrets"),
    ("created_at", "创建", "created"), ("rotated_at", "最近换密钥", "rotated"),
)  # fmt: skip

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="来源 / who calls")]
Secret = Annotated[
    str | None, typer.Option("--secret", help="服务商给定的密钥,默认新建 / the provider's own; default: a new one")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="签名回调 / signed callbacks")
    for name, command in (("add", add), ("list", list_all), ("rotate", rotate), ("remove", remove)):
        group.command(name)(command)
    app.add_typer(group, name="hook")


def add(
    source: Source,
    kind: Annotated[str, typer.Option("--kind", help="receipts 回执与回复")] = "receipts",
    form: Annotated[str, typer.Option("--form", help="standard, aliyun, twilio, wechat, bounce 退信")] = "standard",
    provider: Annotated[
        str | None, typer.Option("--provider", help="渠道服务商的名称 / the name of the channel's provider")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Twilio 所调用的完整地址 / the address Twilio calls")] = None,
    secret: Secret = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """新建回调来源,密钥只显示这一次 / let a source call; its secret is shown this once."""
    from journey.store import hooks
    from starter.cli.administer import open_store

    out, now = Output(as_json, lang), datetime.now(UTC)
    with open_store() as store:
        made, plain = store.write_sync(
            hooks.add_hook, source, now, kind=kind, dialect=form, provider=provider, url=url, secret=secret
        )
    _show(out, made, plain)


def list_all(as_json: Json = False, lang: Lang = "zh") -> None:
    """回调来源列表,不含密钥 / list the sources, without their secrets."""
    from journey.store import hooks
    from starter.cli.administer import open_store

    with open_store() as store:
        rows = [_row(each) for each in store.read_sync(hooks.list_hooks)]
    Output(as_json, lang).table({"data": rows, "next_cursor": None}, rows, COLUMNS)


def rotate(
    source: Source,
    secret: Secret = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="旧密钥立即失效 / the old one ends now")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """换密钥,旧的仍可用到下次更换 / a new secret; the old one counts beside it until the next."""
    from journey.store import hooks
    from starter.cli.administer import open_store

    out, now = Output(as_json, lang), datetime.now(UTC)
    with open_store() as store:
        made, plain = store.write_sync(hooks.rotate_secret, source, now, secret=secret, at_once=at_once)
    _show(out, made, plain)


def remove(source: Source, as_json: Json = False, lang: Lang = "zh") -> None:
    """关闭回调来源,已收到的都保留 / close a source; what came through it stays."""
    from journey.store import hooks
    from starter.cli.administer import open_store

    out = Output(as_json, lang)
    with open_store() as store:
        gone = store.write_sync(hooks.remove_hook, source)
    out.show(_row(gone), [(out.say("已关闭", "closed"), gone.source)])


def _show(out: Output, hook: Any, plain: str) -> None:
    rows = [(out.say("来源", "source"), hook.source), (out.say("路径", "path"), _path(hook))]
    out.show(_row(hook) | {"secret": plain}, [*rows, (out.say("密钥", "secret"), plain)])


def _path(hook: Any) -> str:
    """Where it calls; a provider that signs nothing adds its secret as `token`."""
    return f"/v1/hooks/{hook.source}" + ("?token=…" if hook.dialect in ("aliyun", "bounce") else "")


def _row(hook: Any) -> dict[str, Any]:
    return {
        "source": hook.source,
        "kind": hook.kind,
        "dialect": hook.dialect,
        "provider": hook.provider,
        "url": hook.url,
        "path": _path(hook),
        "secrets": len(hook.secrets),
        "created_at": hook.created_at.isoformat(),
        "rotated_at": hook.rotated_at.isoformat() if hook.rotated_at else None,
    }
