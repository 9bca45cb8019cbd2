"""Commands that work on the database itself: keys, migrations, and the doctor."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from starter.cli.output import ExitCode, Json, Lang, Output

KEYS = (
    ("id", "编号", "id"), ("name", "名称", "name"), ("prefix", "前缀", "prefix"), ("admin", "管理员", "admin"),
    ("scopes", "权限", "scopes"), ("created_at", "创建", "created"), ("last_used_at", "最近使用", "last used"),
    ("expires_at", "到期", "expires"), ("revoked_at", "吊销", "revoked"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    keys = typer.Typer(no_args_is_help=True, help="接口密钥 / API keys")
    for name, command in (("create", create_key), ("list", list_keys), ("revoke", revoke_key)):
        keys.command(name)(command)
    app.add_typer(keys, name="key")
    database = typer.Typer(no_args_is_help=True, help="数据库 / the store")
    database.command("upgrade")(upgrade)
    app.add_typer(database, name="db")
    app.command("doctor")(doctor)


def create_key(
    name: Annotated[str, typer.Option("--name")] = "cli",
    admin: Annotated[bool, typer.Option("--admin", help="可做一切 / may do everything")] = False,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="read, write, pii:read")] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="有效天数 / days until it ends")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """新建密钥,只显示这一次 / make a key; it is shown this once."""
    from journey.store import keys

    out = Output(as_json, lang)
    now = datetime.now(UTC)
    ends = now + timedelta(days=days) if days else None
    scopes = scope or ([] if admin else [keys.READ, keys.WRITE])
    with open_store() as store:
        id, plain = store.write_sync(keys.create_key, name, admin, scopes, now, ends)
    document = {"id": id, "name": name, "key": plain, "admin": admin, "scopes": scopes, "expires_at": _iso(ends)}
    out.show(document, [("id", id), (out.say("密钥", "key"), plain)])


def list_keys(as_json: Json = False, lang: Lang = "zh") -> None:
    """密钥列表 / list keys."""
    from journey.store import keys

    with open_store() as store:
        found = store.read_sync(keys.list_keys)
    rows = [_key_row(each) for each in found]
    Output(as_json, lang).table({"data": rows, "next_cursor": None}, rows, KEYS)


def revoke_key(id: str, as_json: Json = False, lang: Lang = "zh") -> None:
    """吊销密钥 / revoke a key."""
    from journey.store import keys

    out = Output(as_json, lang)
    with open_store() as store:
        revoked = store.write_sync(keys.revoke_key, id, datetime.now(UTC))
    out.show(_key_row(revoked), [("id", id), (out.say("已吊销", "revoked"), revoked.revoked_at)])


def upgrade(as_json: Json = False, lang: Lang = "zh") -> None:
    """升级数据库结构 / bring the store to this build's version."""
    from journey.settings import Settings
    from journey.store import schema

    out = Output(as_json, lang)
    settings = Settings()
    if settings.database_url is None:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = schema.current(settings.store_url)
    schema.upgrade(settings.store_url)
    after = schema.current(settings.store_url)
    out.show({"before": before, "after": after}, [(out.say("版本", "version"), f"{before or '-'} → {after or '-'}")])


def doctor(
    providers: Annotated[
        bool, typer.Option("--providers", help="询问各渠道的服务商是否应答,不发消息 / ask whether providers answer")
    ] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> int:
    """缺什么、哪里不对 / what is missing or wrong, in plain words."""
    from journey.settings import Settings
    from starter.cli.doctor import examine

    out = Output(as_json, lang)
    findings = examine(Settings(), providers=providers)
    sick = any(each.state == "bad" for each in findings)
    rows = [
        {"check": each.check, "state": each.state, "text": out.say(each.zh, each.en), "ids": list(each.ids)}
        for each in findings
    ]
    columns = (("state", "状态", "state"), ("check", "检查", "check"), ("text", "说明", "text"))
    out.table({"ok": not sick, "data": rows, "next_cursor": None}, rows, columns)
    return ExitCode.FAILED if sick else ExitCode.OK


def open_store(*, any_version: bool = False) -> Any:
    """The store of this installation; Failure with the way out when there is none, or an old one."""
    from journey.settings import Settings
    from journey.store import schema
    from journey.store.engine import Store
    from starter.cli.output import Failure

    settings = Settings()
    if settings.database_url is None and not (settings.home / "store.db").exists():
        raise Failure(
            "no-store",
            f"{settings.home} 中没有数据库:请先运行 `journey up` 或 `journey db upgrade` / "
            f"no store in {settings.home}: run `journey up` or `journey db upgrade` first",
        )
    if not any_version and not schema.is_current(settings.store_url):
        raise Failure("old-store", "数据库版本不符:请运行 `journey db upgrade` / the store needs `journey db upgrade`")
    return Store(settings.store_url)


def _key_row(key: Any) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "admin": key.admin,
        "scopes": sorted(key.scopes),
        "created_at": _iso(key.created_at),
        "expires_at": _iso(key.expires_at),
        "revoked_at": _iso(key.revoked_at),
        "last_used_at": _iso(key.last_used_at),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
