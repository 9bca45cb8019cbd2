"""A backup is whole, proves itself, and is taken while the store is written to."""

import asyncio
import json
import sqlite3
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from journey.adapters.evidence import EvidenceFolder
from journey.store import schema
from journey.store.backup import BadBackup, Manifest, read_evidence, read_manifest, unpack, write_backup
from journey.store.engine import Store
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant

NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)


@pytest_asyncio.fixture
async def home(store_sqlite: Store, tmp_path: Path) -> Ground:
    """One journey."""
    made = await ground(store_sqlite, tmp_path, instant("2026-03-16 10:00"))
    await made.start()
    return made


async def take(
    home: Ground, tmp_path: Path, name: str = "b.tar", evidence: Path | None = None
) -> tuple[Path, Manifest]:
    file = tmp_path / name
    url = f"sqlite:///{tmp_path / 'store.db'}"
    return file, await asyncio.to_thread(write_backup, url, file, "0.1.0", NOW, evidence)


async def test_a_backup_says_what_it_holds_and_is_for_its_owner_only(home: Ground, tmp_path: Path) -> None:
    file, written = await take(home, tmp_path)

    read = read_manifest(file)

    assert read == written
    assert (read.namespace_id, read.epoch, read.instant) == (NAMESPACE, 1, NOW)
    assert read.counts["journeys"] == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob(".backup*")))


async def test_a_backup_taken_while_facts_are_told_is_one_consistent_moment(home: Ground, tmp_path: Path) -> None:
    async def tell() -> None:
        for number in range(40):
            await home.tell("suggestion.raised", text=f"{number}")
            home.clock.instant += (instant("2026-03-16 10:01") - instant("2026-03-16 10:00")) / 60

    telling = asyncio.create_task(tell())
    taken: list[tuple[Path, Manifest]] = []
    while not telling.done():
        taken.append(await take(home, tmp_path, f"{len(taken)}.tar"))
        await asyncio.sleep(0)
    await telling
    last, _ = await take(home, tmp_path, "last.tar")

    for file, manifest in taken:
        unpack(file, manifest, tmp_path / "copy.db")
        connection = sqlite3.connect(tmp_path / "copy.db")
        told = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        connection.close()
        (tmp_path / "copy.db").unlink()
        assert told == manifest.counts["events"]
    counts = [manifest.counts["events"] for _, manifest in taken]
    assert len(counts) > 1
    assert counts == sorted(counts)
    assert read_manifest(last).counts["events"] == 42  # a contact, a subscription, and forty words


async def test_no_file_is_written_over(home: Ground, tmp_path: Path) -> None:
    file, _ = await take(home, tmp_path)
    before = file.read_bytes()

    with pytest.raises(BadBackup, match="exists already"):
        await take(home, tmp_path)

    assert file.read_bytes() == before


@pytest.mark.parametrize("at", [0.2, 0.5, 0.9])
async def test_a_damaged_file_is_refused(home: Ground, tmp_path: Path, at: float) -> None:
    file, manifest = await take(home, tmp_path)
    content = bytearray(file.read_bytes())
    place = int(len(content) * at)
    content[place : place + 64] = bytes(64 - byte % 64 + 1 for byte in range(64))
    file.write_bytes(content)

    with pytest.raises(BadBackup, match="damaged"):
        unpack(file, manifest, tmp_path / "copy.db")


@pytest.mark.parametrize("keep", [0, 100, 3000])
async def test_a_file_that_was_cut_off_is_refused(home: Ground, tmp_path: Path, keep: int) -> None:
    file, _ = await take(home, tmp_path)
    file.write_bytes(file.read_bytes()[:keep])

    with pytest.raises(BadBackup):
        unpack(file, read_manifest(file), tmp_path / "copy.db")


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "export.csv"
    other.write_text("unit,owner\n", encoding="utf-8")

    with pytest.raises(BadBackup, match="no backup"):
        read_manifest(other)
    with pytest.raises(BadBackup, match="no file"):
        read_manifest(tmp_path / "none.tar")


async def test_a_backup_of_a_newer_build_is_refused_by_name(
    home: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "current", lambda url: "9999")
    file, _ = await take(home, tmp_path)
    monkeypatch.undo()

    with pytest.raises(BadBackup, match="newer build"):
        read_manifest(file)


async def test_evidence_is_in_it_under_its_hash_and_what_is_damaged_is_named(home: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    slip = EvidenceFolder(folder).keep(b"%PDF-1.4 a slip")
    torn = EvidenceFolder(folder).keep(b"%PDF-1.4 another")
    (folder / torn[:2] / torn).write_bytes(b"%PDF-1.4 something else")
    (folder / slip[:2] / f".{slip}.half").write_bytes(b"%PDF")

    file, written = await take(home, tmp_path, evidence=folder)

    assert (written.evidence, written.damaged) == ({slip: 15}, [torn])
    assert read_manifest(file).evidence == {slip: 15}
    assert list(read_evidence(file, written)) == [b"%PDF-1.4 a slip"]


async def test_evidence_that_is_missing_or_changed_makes_a_backup_a_damaged_one(home: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    EvidenceFolder(folder).keep(b"%PDF-1.4 a slip")
    file, written = await take(home, tmp_path, evidence=folder)
    changed = file.read_bytes().replace(b"a slip", b"a flip")
    file.write_bytes(changed)

    with pytest.raises(BadBackup, match="evidence"):
        list(read_evidence(file, written))
    with pytest.raises(BadBackup, match="evidence"):
        list(read_evidence(file, replace(written, evidence={"0" * 64: 1})))


async def test_the_manifest_can_be_read_without_us(home: Ground, tmp_path: Path) -> None:
    file, written = await take(home, tmp_path)

    with tarfile.open(file) as archive:
        names = archive.getnames()
        manifest = json.loads(archive.extractfile("manifest.json").read())  # type: ignore[union-attr] # it is a file

    assert names == ["manifest.json", "store.db"]
    assert manifest["sha256"] == written.sha256
