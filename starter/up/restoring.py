"""Putting a backup into a home: checked first, prepared beside the store, and only then in its place."""

import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from journey.store import adopting, installation, restoring, schema
from journey.store.backup import Manifest, unpack
from journey.store.engine import Store, StoreDown
from journey.store.restoring import Restored
from starter.up import home as homes

_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Lost:
    """What the store that is replaced still says: its Temporal and its epoch."""

    namespace_id: str | None = None
    epoch: int = 0


NOTHING_KNOWN = Lost()


def restore_home(home: Path, file: Path, manifest: Manifest, now: datetime) -> tuple[Restored, Path | None]:
    """Replace the home's store by a backup's; what begins now, and where the old store lies.

    Raises HomeBusy while an engine runs on the home, BadBackup for a damaged file; then nothing was changed.
    """
    homes.prepare(home)
    held = homes.lock(home, patience=0)
    try:
        store, fresh = home / "store.db", home / "store.db.restoring"
        lost = _lost(store, now) if store.exists() else Lost()
        for ending in _BESIDE:
            Path(f"{fresh}{ending}").unlink(missing_ok=True)
        unpack(file, manifest, fresh)
        restored = _prepare(fresh, manifest, lost, now)
        aside = _set_aside(store, now) if store.exists() else None
        fresh.replace(store)
        return restored, aside
    finally:
        for ending in _BESIDE:
            Path(f"{home / 'store.db.restoring'}{ending}").unlink(missing_ok=True)
        os.close(held)


def mark_restored(store: Store, taken_at: datetime, now: datetime, lost: Lost = NOTHING_KNOWN) -> Restored:
    """Tell a store that stands where it stood at an instant: epoch, bracket, and a hold on every journey."""
    restored = store.write_sync(restoring.begin, taken_at, now, least_epoch=lost.epoch, namespace_id=lost.namespace_id)
    after: str | None = ""
    while after is not None:
        after = store.write_sync(restoring.mute_page, restored.epoch, now, after)
    return restored


def _prepare(fresh: Path, manifest: Manifest, lost: Lost, now: datetime) -> Restored:
    url = f"sqlite:///{fresh}"
    schema.upgrade(url)
    with Store(url) as store:
        store.write_sync(adopting.all_gone)
        restored = mark_restored(store, manifest.instant, now, lost)
    _is_one_file(fresh)
    return restored


def _lost(store: Path, now: datetime) -> Lost:
    """As far as it can be read; an engine that still runs on it is no reason to guess."""
    url = f"sqlite:///{store}"
    try:
        if not schema.is_current(url):
            return Lost()
        with Store(url) as opened:
            named, epoch = opened.read_sync(lambda session: (installation.named(session), installation.epoch(session)))
            others = opened.read_sync(adopting.standing, "", now).others
    except (DBAPIError, StoreDown, sqlite3.DatabaseError):
        return Lost()
    if others:
        raise adopting.EngineRuns("引擎仍在运行:请先停止 / workers still run on this store: stop them first")
    return Lost(named, epoch)


def _set_aside(store: Path, now: datetime) -> Path:
    """Keep the old store under another name; one that can be read stays in its place until the new one takes it."""
    aside = store.with_name(f"store.db.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if _is_one_file(store):
        os.link(store, aside)
        return aside
    for ending in _BESIDE:
        part = Path(f"{store}{ending}")
        if part.exists():
            part.replace(f"{aside}{ending}")
    return aside


def _is_one_file(store: Path) -> bool:
    """Write back what lies beside a store; False for one that is too damaged for that."""
    try:
        connection = sqlite3.connect(store, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False
    return not any(Path(f"{store}{ending}").exists() for ending in _BESIDE[1:])
