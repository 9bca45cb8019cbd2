"""Putting a backup into a home: checked first, prepared beside the store, and only then in its place."""

import os
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from journey.printing import EvidenceFolder
from journey.store import adopting, backup_evidence, installation, restoring, schema
from journey.store.backup import Manifest, read_evidence, unpack
from journey.store.engine import Store, StoreDown
from journey.store.erasing_messages import paper_of_nobody
from journey.store.erasure_log import ErasureLog
from journey.store.restoring import Restored
from starter.erasing import log_of, repeat
from starter.up import home as homes

_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Lost:
    """What the store that is replaced still says: its Temporal and its epoch."""

    namespace_id: str | None = None
    epoch: int = 0


NOTHING_KNOWN = Lost()


@dataclass(frozen=True, slots=True)
class Returned:
    """What begins now, where the old store lies, and the files of evidence that the store speaks of and nobody has."""

    restored: Restored
    aside: Path | None
    missing: Sequence[str] = ()


def restore_home(home: Path, file: Path, manifest: Manifest, now: datetime, evidence: Path | None = None) -> Returned:
    """Replace the home's store by a backup's, and put its evidence into the folder beside what is there.

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
        for _ in read_evidence(file, manifest):  # all of it is good, or nothing is changed
            pass
        restored = _prepare(fresh, manifest, lost, now, log_of(home))
        folder = EvidenceFolder(evidence or home / "evidence")
        for content in read_evidence(file, manifest):
            folder.keep(content)
        gone, missing = _evidence_of(fresh, folder)
        aside = _set_aside(store, now) if store.exists() else None
        fresh.replace(store)
        for digest in gone:  # not before: the old store may speak of it
            folder.remove(digest)
        return Returned(restored, aside, missing)
    finally:
        for ending in _BESIDE:
            Path(f"{home / 'store.db.restoring'}{ending}").unlink(missing_ok=True)
        os.close(held)


def _evidence_of(fresh: Path, folder: EvidenceFolder) -> tuple[Collection[str], Sequence[str]]:
    """What is of nobody any more, to be destroyed again; what the store speaks of and the folder does not have."""
    with Store(f"sqlite:///{fresh}") as store:
        gone = store.read_sync(paper_of_nobody)
        wanted = store.read_sync(backup_evidence.named)
    _is_one_file(fresh)
    return gone, sorted(digest for digest in wanted - gone if not folder.has(digest))


def mark_restored(
    store: Store, taken_at: datetime, now: datetime, lost: Lost = NOTHING_KNOWN, *, erasures: ErasureLog
) -> Restored:
    """Tell a store that stands where it stood at an instant: epoch, bracket, and a hold on every journey.

    Whoever was forgotten since is forgotten again, before anything else reads the store.
    """
    repeat(store, erasures, now)
    restored = store.write_sync(restoring.begin, taken_at, now, least_epoch=lost.epoch, namespace_id=lost.namespace_id)
    after: str | None = ""
    while after is not None:
        after = store.write_sync(restoring.mute_page, restored.epoch, now, after)
    return restored


def _prepare(fresh: Path, manifest: Manifest, lost: Lost, now: datetime, erasures: ErasureLog) -> Restored:
    url = f"sqlite:///{fresh}"
    schema.upgrade(url)
    with Store(url) as store:
        store.write_sync(adopting.all_gone)
        restored = mark_restored(store, manifest.instant, now, lost, erasures=erasures)
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
