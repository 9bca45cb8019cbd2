"""`journey adopt`, `backup` and `restore` as a clerk meets them."""

import asyncio
import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.adapters.evidence import EvidenceFolder
from journey.store import adopting, installation
from journey.store.engine import Store
from journey.store.tables import epochs, events, holds, letter_runs, projects
from starter.cli import recovery
from starter.cli.app import run
from starter.up import home as homes
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant

OTHER = "another-namespace"
JPEG = b"\xff\xd8\xff\xe0 a photo"


@pytest_asyncio.fixture
async def home(store_sqlite: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A home with one journey that was planned."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    made = await ground(store_sqlite, tmp_path, instant("2026-03-16 10:00"))
    await made.start()
    await made.plan()
    return made


@pytest.fixture
def temporal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Temporal answers."""
    monkeypatch.setattr(recovery, "_namespace", lambda settings: OTHER)


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


async def work(home: Ground, namespace_id: str) -> None:
    await home.store.write(adopting.seen, "wrk_1", namespace_id, "0.1.0", 1, datetime.now(UTC))


def _slip_of_nobody(session: Session, digest: str) -> None:
    """A print run of which everybody is forgotten."""
    project = session.execute(select(projects.c.id)).scalar_one()
    session.execute(
        insert(letter_runs).values(
            id="run_1", project_id=project, at=datetime.now(UTC), actor="li", letters=1, pages=1, missing=[],
            files={"pdf": digest}, fonts=[],
        )
    )  # fmt: skip


@pytest.mark.usefixtures("temporal")
async def test_adopt_says_what_it_gave_to_whom(home: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["adopt", "--yes", "--json"])

    told = answer(capsys)
    assert code == 0
    assert told == {"namespace_id": OTHER, "before": NAMESPACE, "epoch": 2, "journeys": 1, "muted": 0}
    assert await home.store.read(installation.named) == OTHER


@pytest.mark.usefixtures("temporal")
async def test_adopt_asks_nobody_where_nobody_can_be_asked(
    home: Ground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert run(["adopt"]) == 0
    assert run(["adopt", "--json"]) == 0
    assert await home.store.read(installation.epoch) == 3


@pytest.mark.usefixtures("temporal")
async def test_adopt_without_a_word_is_refused_while_the_old_engine_runs(
    home: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    await work(home, NAMESPACE)

    assert run(["adopt", "--json"]) == 5
    assert await home.store.read(installation.named) == NAMESPACE


@pytest.mark.usefixtures("temporal")
async def test_adopt_is_refused_while_the_old_engine_runs(home: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    await work(home, NAMESPACE)

    refused = run(["adopt", "--yes", "--json"])
    error = answer(capsys)["error"]
    forced = run(["adopt", "--yes", "--force", "--json"])

    assert (refused, forced) == (5, 0)
    assert error["code"] == "engine-runs"
    assert "15 s later" in error["text"]


async def test_adopt_without_a_temporal_says_so(
    home: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")

    assert await asyncio.to_thread(run, ["adopt", "--json"]) == 1
    assert answer(capsys)["error"]["code"] == "temporal-away"
    assert await home.store.read(installation.named) == NAMESPACE


async def test_a_restored_home_has_the_backups_rows_an_epoch_a_bracket_and_muted_journeys(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar"
    assert run(["backup", str(file), "--json"]) == 0
    taken = answer(capsys)
    await home.tell("suggestion.raised", text="好")
    home.store.close()

    code = run(["restore", str(file), "--yes", "--json"])

    told = answer(capsys)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        row = store.read_sync(lambda session: session.execute(select(epochs)).one())
        told_since = store.read_sync(_suggestions)
        muted = store.read_sync(_muted)
    assert code == 0
    assert (told["epoch"], told["muted"]) == (2, 1)
    assert row.kind == "restored"
    assert row.namespace_id == NAMESPACE
    assert row.bracket_from == datetime.fromisoformat(taken["taken_at"]) - timedelta(minutes=5)
    assert row.bracket_to > row.bracket_from
    assert told_since == 0
    assert muted == 1
    assert await asyncio.to_thread(Path(told["aside"]).exists)


async def test_a_restore_brings_evidence_back_and_names_what_is_missing(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = EvidenceFolder(tmp_path / "evidence")
    photo, lost, file = folder.keep(JPEG), "f" * 64, tmp_path / "b.tar"
    for number, digest in enumerate((photo, lost)):
        home.clock.instant += timedelta(minutes=number)
        await home.tell("visit.recorded", by="wu", at=home.clock.instant.isoformat(), evidence=[{"photo": digest}])
    assert run(["backup", str(file), "--json"]) == 0
    assert answer(capsys)["evidence"] == {"files": 1, "bytes": len(JPEG)}
    folder.remove(photo)
    later = folder.keep(JPEG + b"later")
    home.store.close()

    code = run(["restore", str(file), "--yes", "--json"])

    assert code == 0
    assert answer(capsys)["missing_evidence"] == [lost]
    assert folder.read(photo) == JPEG
    assert folder.has(later)


async def test_a_restore_destroys_evidence_again_that_was_destroyed_since(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = EvidenceFolder(tmp_path / "evidence"), tmp_path / "b.tar"
    slip = folder.keep(JPEG)
    await home.store.write(_slip_of_nobody, slip)
    assert run(["backup", str(file), "--json"]) == 0
    answer(capsys)
    folder.remove(slip)
    home.store.close()

    assert run(["restore", str(file), "--yes", "--json"]) == 0

    assert answer(capsys)["missing_evidence"] == []
    assert not folder.has(slip)


async def test_a_restore_that_breaks_off_before_the_stores_change_places_destroys_nothing(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = EvidenceFolder(tmp_path / "evidence"), tmp_path / "b.tar"
    slip = folder.keep(JPEG)
    await home.store.write(_slip_of_nobody, slip)
    assert run(["backup", str(file), "--json"]) == 0
    home.store.close()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("starter.up.restoring._set_aside", full)

    assert run(["restore", str(file), "--yes", "--json"]) == 1

    assert folder.has(slip)


async def test_a_backup_whose_evidence_is_not_what_it_says_changes_nothing(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = EvidenceFolder(tmp_path / "evidence"), tmp_path / "b.tar"
    photo = folder.keep(JPEG)
    assert run(["backup", str(file)]) == 0
    folder.remove(photo)
    file.write_bytes(file.read_bytes().replace(JPEG, JPEG[::-1]))
    await home.tell("suggestion.raised", text="好")
    home.store.close()
    capsys.readouterr()

    code = run(["restore", str(file), "--yes", "--json"])

    assert code == 1
    assert answer(capsys)["error"]["code"] == "bad-backup"
    assert not folder.has(photo)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert store.read_sync(_suggestions) == 1
        assert store.read_sync(installation.epoch) == 1


async def test_the_old_store_is_kept_whole_beside_the_new_one(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "b.tar")])
    await home.tell("suggestion.raised", text="好")
    home.store.close()
    capsys.readouterr()

    run(["restore", str(tmp_path / "b.tar"), "--yes", "--json"])

    with Store(f"sqlite:///{answer(capsys)['aside']}") as old:
        assert old.read_sync(_suggestions) == 1


async def test_a_store_that_is_beyond_reading_can_be_replaced(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "b.tar")])
    home.store.close()
    (tmp_path / "store.db").write_bytes(b"not a database" * 500)
    capsys.readouterr()

    code = run(["restore", str(tmp_path / "b.tar"), "--yes", "--json"])

    told = answer(capsys)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert store.read_sync(installation.epoch) == 2
    assert code == 0
    assert await asyncio.to_thread(Path(told["aside"]).read_bytes) == b"not a database" * 500


@pytest.mark.usefixtures("temporal")
async def test_unmuting_takes_back_what_the_restore_placed_and_nothing_else(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await home.tell("hold.placed", scope="care", how="mute", reason="业主要求")
    run(["backup", str(tmp_path / "b.tar")])
    home.store.close()
    run(["restore", str(tmp_path / "b.tar"), "--yes"])
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        both = store.read_sync(_muted)
    capsys.readouterr()

    first = run(["adopt", "--yes", "--unmute", "--json"])
    told = answer(capsys)
    again = run(["adopt", "--yes", "--unmute", "--json"])

    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        left = store.read_sync(lambda session: list(session.execute(select(holds.c.scope)).scalars()))
    assert (first, again) == (0, 0)
    assert both == 2
    assert told["muted"] == 0
    assert left == ["care"]


async def test_a_home_on_which_an_engine_runs_is_not_restored(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "b.tar"), "--json"])
    capsys.readouterr()
    held = homes.lock(tmp_path)
    try:
        code = run(["restore", str(tmp_path / "b.tar"), "--yes", "--json"])
    finally:
        os.close(held)

    assert code == 5
    assert answer(capsys)["error"]["code"] == "home-busy"
    assert await home.store.read(installation.epoch) == 1


async def test_a_store_with_workers_is_not_restored(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "b.tar")])
    await work(home, NAMESPACE)
    capsys.readouterr()

    assert run(["restore", str(tmp_path / "b.tar"), "--yes", "--json"]) == 5
    assert answer(capsys)["error"]["code"] == "engine-runs"


async def test_a_damaged_backup_leaves_the_store_as_it_is(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar"
    run(["backup", str(file)])
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4] = b"oops"
    file.write_bytes(content)
    capsys.readouterr()

    code = run(["restore", str(file), "--yes", "--json"])

    assert code == 1
    assert answer(capsys)["error"]["code"] == "bad-backup"
    assert await asyncio.to_thread(lambda: list(tmp_path.glob("**/*.restoring"))) == []
    assert await home.store.read(installation.epoch) == 1


async def test_a_restore_over_a_store_wants_a_word(
    home: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "b.tar")])
    capsys.readouterr()

    assert run(["restore", str(tmp_path / "b.tar"), "--json"]) == 2
    assert "--yes" in answer(capsys)["error"]["text"]


async def test_a_store_that_was_brought_back_by_other_means_is_told_so(
    home: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_at = datetime.now(UTC) - timedelta(hours=2)

    code = run(["restore", "--taken-at", taken_at.isoformat(), "--yes", "--json"])

    assert code == 0
    assert answer(capsys)["lost_from"] == (taken_at - timedelta(minutes=5)).isoformat()
    assert await home.store.read(_muted) == 1


async def test_the_doctor_says_how_far_the_return_has_come(
    home: Ground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    before = await asyncio.to_thread(_doctor, capsys)
    run(["restore", "--taken-at", datetime.now(UTC).isoformat(), "--yes"])
    capsys.readouterr()

    after = await asyncio.to_thread(_doctor, capsys)

    assert not before.keys() & {"muted", "catching-up"}
    assert "adopt --unmute" in after["muted"]
    assert "1" in after["catching-up"]


def _doctor(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    run(["doctor", "--json"])
    return {each["check"]: each["text"] for each in answer(capsys)["data"]}


@pytest.mark.parametrize("words", [[], ["b.tar", "--taken-at", "2026-03-16T10:00:00Z"], ["--taken-at", "yesterday"]])
def test_half_a_word_is_a_usage_error(words: list[str], home: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["restore", *words, "--yes", "--json"]) == 2


async def test_an_instant_that_lies_ahead_is_refused_by_name(home: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    assert run(["restore", "--taken-at", ahead, "--yes", "--json"]) == 1
    assert answer(capsys)["error"]["errors"][0]["field"] == "taken_at"


@pytest.mark.postgres
def test_postgres_is_backed_up_by_its_own_tool_and_no_password_is_shown(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE_URL", postgres_url)

    assert run(["backup", str(tmp_path / "b.dump"), "--json"]) == 1

    error = answer(capsys)["error"]
    assert error["code"] == "use-pg-dump"
    assert f"pg_dump --format=custom --file={tmp_path / 'b.dump'} postgresql://" in error["text"]


def _suggestions(session: Session) -> int:
    return len(session.execute(select(events.c.id).where(events.c.type == "suggestion.raised")).all())


def _muted(session: Session) -> int:
    return len(session.execute(select(holds.c.event_id).where(holds.c.how == "mute")).all())
