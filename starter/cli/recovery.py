"""Commands after a loss: give the store to a Temporal, back it up, bring it back."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from starter.cli.administer import open_store
from starter.cli.output import ExitCode, Failure, Json, Lang, Output

Yes = Annotated[bool, typer.Option("--yes", "-y", help="不再询问 / do not ask")]
_PATIENCE = 10.0  # seconds that Temporal may take to answer


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("adopt")(adopt)
    app.command("backup")(backup)
    app.command("restore")(restore)


def adopt(
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="旧引擎仍在运行也接管 / although the old engine runs")] = False,
    unmute: Annotated[bool, typer.Option("--unmute", help="解除恢复时的静默 / release what a restore muted")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """把数据库交给当前 Temporal,启动应运行的旅程 / give the store to this Temporal and start what should run."""
    from journey.settings import Settings
    from journey.store import adopting, restoring

    out = Output(as_json, lang)
    namespace_id = _namespace(Settings())
    with open_store() as store:
        before = store.read_sync(adopting.standing, namespace_id, datetime.now(UTC))
        out.note(*_what_adopting_does(before, namespace_id))
        ask(out, yes)  # a script need say nothing: while another engine runs it is refused anyway
        adopted = store.write_sync(adopting.adopt, namespace_id, datetime.now(UTC), force=force)
        while unmute and store.write_sync(restoring.unmute_page, datetime.now(UTC)):
            pass
        muted = store.read_sync(restoring.muted)
    _show_adopted(out, before.namespace_id, adopted, muted)


def _show_adopted(out: Output, before: str | None, adopted: Any, muted: int) -> None:
    document = {
        "namespace_id": adopted.namespace_id,
        "before": before,
        "epoch": adopted.epoch,
        "journeys": adopted.journeys,
        "muted": muted,
    }
    lines = [
        (out.say("命名空间", "namespace"), adopted.namespace_id),
        (out.say("代次", "epoch"), adopted.epoch),
        (out.say("将启动的旅程", "journeys to start"), adopted.journeys),
    ]
    if muted:
        zh, en = f"{muted} 段:核实后运行 `journey adopt --unmute`", f"{muted}: `journey adopt --unmute` once checked"
        lines.append((out.say("恢复后仍静默", "muted by a restore"), out.say(zh, en)))
    out.show(document, lines)


def backup(file: Path, as_json: Json = False, lang: Lang = "zh") -> None:
    """备份数据库,运行中也可 / back up the store; the engine may run meanwhile."""
    from journey.settings import Settings
    from journey.store.backup import write_backup

    out = Output(as_json, lang)
    settings = Settings()
    with open_store(any_version=True) as store:  # before an upgrade, above all
        if store.dialect != "sqlite":
            raise _use_pg_dump(settings.store_url, file)
    manifest = write_backup(settings.store_url, file, settings.build, datetime.now(UTC), settings.evidence_folder)
    shown = [(key, manifest.counts[key]) for key in ("journeys", "events", "messages")]
    evidence = {"files": len(manifest.evidence), "bytes": sum(manifest.evidence.values())}
    out.show(
        {"file": str(file), **asdict(manifest), "evidence": evidence},
        [
            (out.say("备份", "backup"), str(file)),
            (out.say("时刻", "taken at"), manifest.taken_at),
            *shown,
            (out.say("凭证", "evidence"), evidence["files"]),
        ],
    )
    if manifest.damaged:
        files = ", ".join(manifest.damaged)
        out.note(f"凭证已损坏,未收入备份:{files}", f"Damaged evidence is not in the backup: {files}")


def restore(
    file: Annotated[
        Path | None,
        typer.Argument(help="`journey backup` 的文件 / a file of `journey backup`", exists=True, dir_okay=False),
    ] = None,
    taken_at: Annotated[
        str | None, typer.Option("--taken-at", metavar="RFC3339", help="已用 pg_restore 恢复的备份时刻 / see the docs")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """恢复备份:旅程以静默状态回来 / bring a backup back; journeys come back muted."""
    from journey.settings import Settings

    out = Output(as_json, lang)
    settings = Settings()
    if (file is None) == (taken_at is None):
        raise _usage("写法:journey restore FILE,或 --taken-at INSTANT / name a FILE, or --taken-at INSTANT")
    if taken_at is not None:
        restored, aside, missing = _already_there(out, taken_at, yes), None, ()
    else:
        assert file is not None  # one of the two
        returned = _from_file(out, settings, file, yes)
        restored, aside, missing = returned.restored, returned.aside, returned.missing
    _show_restored(out, restored, aside, missing)


def _show_restored(out: Output, restored: Any, aside: Path | None, missing: Sequence[str]) -> None:
    document = {
        "epoch": restored.epoch,
        "lost_from": restored.begins.isoformat(),
        "lost_to": restored.ends.isoformat(),
        "muted": restored.journeys,
        "aside": str(aside) if aside else None,
        "missing_evidence": list(missing),
    }
    lines = [
        (out.say("代次", "epoch"), restored.epoch),
        (out.say("缺失的时段", "lost"), f"{document['lost_from']} … {document['lost_to']}"),
        (out.say("静默回来的旅程", "journeys, muted"), restored.journeys),
        (out.say("原数据库", "old store"), document["aside"]),
    ]
    if missing:
        lines.append((out.say("缺失的凭证", "missing evidence"), ", ".join(missing)))
    out.show(document, lines)
    out.note(
        "接着:启动引擎;让各来源重新告知该时段的事实;核实结果不明的事项;再运行 `journey adopt --unmute`。",
        "Next: start the engine, have sources tell that time again, look at `unknown`, then `journey adopt --unmute`.",
    )


def _from_file(out: Output, settings: Any, file: Path, yes: bool) -> Any:
    from journey.store.backup import read_manifest
    from starter.up.restoring import restore_home

    if settings.database_url is not None:
        raise _usage(
            "数据库不在数据目录中:先用数据库自己的工具恢复,再运行 `journey restore --taken-at` / "
            "the store is not in the home: restore it with its own tools, then `journey restore --taken-at INSTANT`"
        )
    manifest = read_manifest(file)
    counts = manifest.counts
    out.note(
        f"备份 {manifest.taken_at}:{counts['journeys']} 段旅程,{counts['events']} 条事实;之后的内容将不在数据库中。",
        f"Backup of {manifest.taken_at}: {counts['journeys']} journeys, {counts['events']} facts; later ones are lost.",
    )
    ask(out, yes, must=(settings.home / "store.db").exists())
    return restore_home(settings.home.resolve(), file, manifest, datetime.now(UTC), settings.evidence_folder)


def _already_there(out: Output, taken_at: str, yes: bool) -> Any:
    from journey.settings import Settings
    from starter.erasing import log_of
    from starter.up.restoring import mark_restored

    instant = _instant(taken_at)
    ask(out, yes, must=True)
    with open_store() as store:
        return mark_restored(store, instant, datetime.now(UTC), erasures=log_of(Settings().home.resolve()))


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _usage("--taken-at 须为带时区的 RFC 3339 时刻 / --taken-at takes an RFC 3339 instant with an offset")
    return found.astimezone(UTC)


def _namespace(settings: Any) -> str:
    """The id of the Temporal namespace that answers."""
    from journey.presence import namespace_of
    from starter.up import temporal
    from starter.up.waiting import open_client

    async def ask() -> str:
        return await namespace_of(await open_client(settings))

    temporal.find_embedded(settings)
    try:
        return asyncio.run(asyncio.wait_for(ask(), _PATIENCE))
    except Exception as error:  # refused, unknown host, bad certificate: all mean that Temporal is away
        words = str(error) or type(error).__name__
        raise Failure(
            "temporal-away",
            f"Temporal 无应答,请先启动({words}) / Temporal does not answer: start it, or `journey up`, first ({words})",
        ) from error


def _what_adopting_does(before: Any, namespace_id: str) -> tuple[str, str]:
    if before.namespace_id == namespace_id:
        zh, en = "数据库已属于此 Temporal", "The store belongs to this Temporal already"
    else:
        zh, en = f"数据库将从 {before.namespace_id} 转属 {namespace_id}", f"The store goes to {namespace_id}"
    return (
        f"{zh};{before.journeys} 段旅程将(重新)启动,已做之事不会重做。",
        f"{en}; {before.journeys} journeys are started (again), nothing that was done is done again.",
    )


def ask(out: Output, yes: bool, *, must: bool = False) -> None:
    """Ask a person at a terminal; a script must say --yes where something is replaced."""
    if yes:
        return
    if sys.stdin.isatty() and not out.as_json:
        if not typer.confirm(out.say("继续?", "Go on?"), err=True):
            raise Failure("stopped", "已停止,未作改动 / stopped, nothing was changed")
    elif must:
        raise _usage("须确认:请加 --yes / this must be confirmed: say --yes")


def _use_pg_dump(url: str, file: Path) -> Failure:
    from journey.store.engine import database_url

    plain = database_url(url).set(drivername="postgresql", password=None).render_as_string()
    command = f"pg_dump --format=custom --file={file} {plain}"
    return Failure("use-pg-dump", f"PostgreSQL 请用其自带工具备份 / PostgreSQL is backed up by its own tool: {command}")


def _usage(text: str) -> Failure:
    return Failure("usage", text, exit_code=ExitCode.USAGE)
