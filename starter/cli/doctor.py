"""What is missing or wrong with this installation, check by check."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.settings import Settings
from journey.store import adopting, restoring, schema
from journey.store.attention import PARKED_LONG, TRIES, Listed, what_waits
from journey.store.engine import Store
from journey.store.tables import calendars, installation
from starter.cli.doctor_channels import channel_findings, door_findings
from starter.cli.doctor_fonts import font_finding
from starter.cli.findings import Finding, State

LEAST_ROOM: Final = 500  # megabytes
_TEMPORAL_PATIENCE: Final = 5.0  # seconds


def examine(settings: Settings, *, providers: bool = False) -> list[Finding]:
    """Return the findings of every check; a check that cannot run is itself a bad finding.

    With `providers` those of the channels are asked for an answer; no message is sent.
    """
    findings = [*_machine(settings)]
    findings += _guarded("letter-font", lambda: [font_finding(settings)])
    findings += _guarded("providers", lambda: [*channel_findings(settings, reach=providers)])
    store_stands = _guarded("store", lambda: [*_schema(settings)])
    findings += store_stands
    stands = all(each.state == "ok" for each in store_stands)
    if stands:
        findings += _guarded("journeys", lambda: [*_journeys(settings)])
        findings += _guarded("hooks", lambda: [*door_findings(settings)])
    findings += _guarded("temporal", lambda: asyncio.run(_temporal(settings, stands)))
    return findings


def _guarded(check: str, run: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return run()
    except Exception as error:  # whatever is broken here is what the reader wants to know
        return [Finding(check, "bad", f"检查失败:{error}", f"the check failed: {error}")]


def _machine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", f"Python {version}", f"Python {version}")
    if os.environ.get("TEMPORAL_ADDRESS"):
        yield Finding("temporal-binary", "ok", "使用外部 Temporal", "an outside Temporal is used")
    else:
        yield from _guarded("temporal-binary", _binary)
    home = settings.home.resolve()
    there = home if home.exists() else home.parent
    if os.access(there, os.W_OK):
        yield Finding("home", "ok", f"{home} 可写", f"{home} is writable")
    else:
        yield Finding("home", "bad", f"{home} 不可写", f"{home} is not writable")
    room = shutil.disk_usage(there).free >> 20
    state: State = "ok" if room >= LEAST_ROOM else "bad"
    yield Finding("disk", state, f"剩余 {room} MB", f"{room} MB left")


def _binary() -> list[Finding]:
    from starter.up.temporal import binary

    found = binary()
    return [Finding("temporal-binary", "ok", found, found)]


def _schema(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.home / "store.db").exists():
        yield Finding("store", "bad", "尚无数据库:请运行 `journey up`", "there is no store yet: run `journey up`")
        return
    now, wanted = schema.current(settings.store_url), schema.head()
    if now == wanted:
        yield Finding("store", "ok", f"版本 {now}", f"version {now}")
    else:
        words = f"版本 {now},应为 {wanted}:请运行 `journey db upgrade`"
        yield Finding("store", "bad", words, f"version {now} instead of {wanted}: run `journey db upgrade`")


def _journeys(settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    with Store(settings.store_url) as store:
        waiting = store.read_sync(what_waits, now)
        years = store.read_sync(_provisional_years, now.year)
        back = store.read_sync(lambda session: (adopting.catching_up(session), restoring.muted(session)))
    for check, zh, en in _COUNTED:
        yield _waits(check, zh, en, waiting[check])
    yield from _returning(back)
    if years:
        listed = ", ".join(years)
        yield Finding("calendar", "note", f"暂定的日历年份:{listed}", f"provisional calendar years: {listed}")


def _returning(back: tuple[tuple[int, int] | None, int]) -> Iterator[Finding]:
    """How far the return from a loss has come."""
    catching_up, muted = back
    if catching_up is not None:
        of, left = catching_up
        yield Finding(
            "catching-up", "note", f"正在重新启动 {of} 段旅程,余 {left}", f"starting {of} journeys again, {left} to go"
        )
    if muted:
        zh = f"恢复备份后仍静默的旅程:{muted};核实后运行 `journey adopt --unmute`"
        yield Finding("muted", "note", zh, f"muted by a restore: {muted}; `journey adopt --unmute` once checked")


_COUNTED: Final = (
    ("stale", "等待重算的旅程", "journeys waiting to be planned again"),
    ("past-due", "过了唤醒时刻 5 分钟以上的旅程", "journeys more than five minutes past their wake"),
    ("unjudged", "未判定的事件", "events not judged yet"),
    ("parked", f"搁置超过 {PARKED_LONG.days} 天的事件", f"events premature for more than {PARKED_LONG.days} days"),
    ("unknown", "结果不明、待人核实的事项", "entries whose outcome a person must find out"),
    ("receipts", "近一周找不到对应消息的回执", "receipts of the last week that no message was found for"),
    ("stuck", f"连续失败 {TRIES} 次以上的事项", f"entries that failed {TRIES} times or more"),
)


def _waits(check: str, zh: str, en: str, found: Listed) -> Finding:
    """How many, and the first few by their ids, so that somebody may go and look."""
    state: State = "ok" if not found.count else "bad" if check == "stuck" else "note"
    named = "; ".join(found.first) + ("; …" if found.count > len(found.first) else "")
    zh_names, en_names = (f"({named})", f" ({named})") if found.first else ("", "")
    return Finding(check, state, f"{zh}:{found.count}{zh_names}", f"{en}: {found.count}{en_names}", tuple(found.first))


def _provisional_years(session: Session, year: int) -> list[str]:
    latest = select(func.max(calendars.c.seq)).group_by(calendars.c.country)
    rows = session.execute(select(calendars.c.country, calendars.c.document).where(calendars.c.seq.in_(latest)))
    found = []
    for country, document in rows:
        years = document["years"].items()
        found += [
            f"{country} {each}" for each, table in years if table["provisional"] and year <= int(each) <= year + 2
        ]
    return sorted(found)


async def _temporal(settings: Settings, store_stands: bool) -> list[Finding]:
    from journey.presence import namespace_of
    from starter.up import temporal
    from starter.up.waiting import open_client

    temporal.find_embedded(settings)
    try:
        client = await asyncio.wait_for(open_client(settings), _TEMPORAL_PATIENCE)
        id = await asyncio.wait_for(namespace_of(client), _TEMPORAL_PATIENCE)
        missing = await asyncio.wait_for(temporal.missing_search_attributes(client), _TEMPORAL_PATIENCE)
        listens = await asyncio.wait_for(temporal.worker_listens(client), _TEMPORAL_PATIENCE)
    except Exception as error:  # refused, unknown host, bad certificate: all mean that Temporal is away
        words = str(error) or type(error).__name__
        return [Finding("temporal", "bad", f"Temporal 无应答:{words}", f"Temporal does not answer: {words}")]
    findings = [Finding("temporal", "ok", f"命名空间 {client.namespace}", f"namespace {client.namespace}")]
    if missing:
        named = ", ".join(missing)
        findings.append(Finding("search-attributes", "bad", f"未登记:{named}", f"not registered: {named}"))
    if not listens:
        findings.append(Finding("worker", "bad", "没有工作进程在接单", "no worker takes work"))
    if store_stands:
        findings += _belongs(settings, id)
    return findings


def _belongs(settings: Settings, id: str) -> list[Finding]:
    with Store(settings.store_url) as store:
        named = store.read_sync(lambda session: session.execute(select(installation.c.namespace_id)).scalar())
    if named in (None, id):
        return []
    zh = "数据库属于另一个 Temporal:确认后运行 `journey adopt`"
    return [Finding("adopted", "bad", zh, "the store belongs to another Temporal: `journey adopt` when that is meant")]
