"""A backup of a SQLite store: one tar file with the store as it stood at an instant, the evidence, and a manifest.

The manifest proves the rest: hashes and sizes.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from journey.domain.errors import JourneyError
from journey.store import backup_evidence, installation, schema, tables
from journey.store.backup_evidence import Evidence
from journey.store.engine import database_url

FORMAT: Final = 2  # the first had no evidence
_MANIFEST, _STORE = "manifest.json", "store.db"
_COUNTED: Final = ("projects", "persons", "journeys", "events", "entries", "messages", "tasks")


class BadBackup(JourneyError):
    """The file is no backup of ours, is damaged, or comes from a newer build; the text says which."""

    code = "bad-backup"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    format: int
    taken_at: str
    schema: str
    namespace_id: str | None
    epoch: int
    build: str
    counts: dict[str, int]
    size: int
    sha256: str
    evidence: dict[str, int] = field(default_factory=dict)  # size by hash
    damaged: list[str] = field(
        default_factory=list
    )  # files of evidence that were no longer what they had been, and are not in it

    @property
    def instant(self) -> datetime:
        """When it was taken."""
        return datetime.fromisoformat(self.taken_at)


def write_backup(store_url: str, file: Path, build: str, now: datetime, evidence: Path | None = None) -> Manifest:
    """Write the store and its folder of evidence to a new file, readable by its owner only.

    The engine may run meanwhile: what it keeps after the store was copied, the store does not speak of.
    """
    source = database_url(store_url).database
    assert source is not None  # the store is a file
    try:
        with TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as folder:
            copy = Path(folder) / _STORE
            _copy(source, copy)
            manifest = _manifest(copy, build, now, backup_evidence.look(evidence))
            whole = Path(folder) / "backup.tar"
            _pack(whole, manifest, copy, evidence)
            os.link(whole, file)  # all of it or nothing, and never over another file
    except FileExistsError as error:
        raise BadBackup(f"{file} 已存在,请换一个文件名 / {file} exists already: name another one") from error
    except (OSError, sqlite3.Error) as error:
        raise BadBackup(f"无法写备份 {file} / the backup {file} cannot be written: {error}") from error
    return manifest


def _copy(source: str, copy: Path) -> None:
    """`VACUUM INTO` reads one snapshot, whatever is written meanwhile."""
    connection = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
    finally:
        connection.close()


def _manifest(copy: Path, build: str, now: datetime, evidence: Evidence) -> Manifest:
    url = f"sqlite:///{copy}"
    engine = create_engine(url)
    with Session(engine) as session:
        named, epoch = installation.named(session), installation.epoch(session)
        counts = {
            name: session.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in _COUNTED
        }
    engine.dispose()
    revision = schema.current(url)
    assert revision is not None  # a store has a schema
    size, digest = copy.stat().st_size, _digest(copy)
    return Manifest(
        FORMAT, now.isoformat(), revision, named, epoch, build, counts, size, digest, dict(evidence.files),
        list(evidence.damaged),
    )  # fmt: skip


def _pack(whole: Path, manifest: Manifest, copy: Path, evidence: Path | None) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2).encode()
    with whole.open("xb") as file:
        whole.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w") as archive:
            about = tarfile.TarInfo(_MANIFEST)
            about.size, about.mode = len(text), 0o600
            archive.addfile(about, io.BytesIO(text))
            archive.add(copy, _STORE, filter=_owner_only)
            if evidence is not None:
                backup_evidence.pack(archive, evidence, manifest.evidence, _owner_only)
        file.flush()
        os.fsync(file.fileno())


def _owner_only(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself; BadBackup for another file, and for one that a newer build wrote."""
    try:
        with tarfile.open(file, "r:") as archive:
            found: Any = archive.extractfile(_MANIFEST)
            manifest = Manifest(**json.loads(found.read()))
            manifest.instant  # noqa: B018 - an instant that cannot be read is damage too
    except FileNotFoundError as error:
        raise BadBackup(f"没有文件 {file} / there is no file {file}") from error
    except (OSError, tarfile.TarError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise BadBackup(f"{file} 不是完整的备份 / {file} is no backup, or a damaged one") from error
    if manifest.format > FORMAT or not schema.is_known(manifest.schema):
        raise BadBackup(
            f"备份来自更新的版本(数据库版本 {manifest.schema}):请先升级程序 / "
            f"the backup comes from a newer build (schema {manifest.schema}): upgrade the program first"
        )
    return manifest


def unpack(file: Path, manifest: Manifest, target: Path) -> None:
    """Write the store of a backup to a new file; BadBackup when it is not what the manifest says."""
    digest = hashlib.sha256()
    try:
        with tarfile.open(file, "r:") as archive, target.open("xb") as written:
            target.chmod(0o600)
            found: Any = archive.extractfile(_STORE)
            while chunk := found.read(1 << 20):
                digest.update(chunk)
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
    except (OSError, tarfile.TarError, KeyError, AttributeError) as error:
        raise BadBackup(f"{file} 已损坏 / {file} is damaged: {error}") from error
    if digest.hexdigest() != manifest.sha256 or not _sound(target):
        raise BadBackup(f"{file} 已损坏:内容与清单不符 / {file} is damaged: it is not what its manifest says")


def read_evidence(file: Path, manifest: Manifest) -> Iterator[bytes]:
    """The files of evidence of a backup; BadBackup for one that is missing or not what the manifest says."""
    try:
        for _, content in backup_evidence.contents(file, manifest.evidence):
            yield content
    except (OSError, tarfile.TarError, ValueError) as error:
        zh = f"{file} 已损坏:凭证与清单不符({error})"
        raise BadBackup(f"{zh} / {file} is damaged: evidence is not what its manifest says ({error})") from error


def _sound(copy: Path) -> bool:
    connection = sqlite3.connect(copy)
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
