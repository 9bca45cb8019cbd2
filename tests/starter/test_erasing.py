"""Forgetting: at request or when the time has come, logged outside the store, and repeated in one brought back."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, NotFound
from journey.domain.receipts import Receipt
from journey.domain.values import ReceiptState
from journey.store import performing
from journey.store.engine import Store
from journey.store.hooks import add_hook
from journey.store.opening import open_next
from journey.store.performing import Wanted
from journey.store.receipts import Call, keep
from journey.store.tables import audit, cases, events, metadata, persons, receipts, units
from starter.erasing import EraseBody, RetentionBody, erase_person, log_of, repeat, retain
from tests.activities.ground import Ground, ground
from tests.records import instant

NOW = instant("2026-03-16 10:00")
OWNER = {"ref": "zw", "name": "张伟", "phone": "13800138000", "birthday": "1988-05-04", "consents": ["care"]}
SECRETS = ("张伟", "13800138000", "1988-05-04", "漏水了", "13900139000")
ASKED = EraseBody(reason="本人申请", by="王芳")
RUN = RetentionBody()


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A lead that has told us much, not lost yet."""
    made = await ground(store, tmp_path, NOW)
    await made.start((), owners=[OWNER])
    await made.tell("lead.registered", source="walk-in")
    await made.tell("suggestion.raised", person="zw", text="漏水了,打 13900139000")
    return made


async def lose(home: Ground) -> None:
    """The lead is lost, and its last work done."""
    home.clock.instant += timedelta(days=1)
    await home.tell("lead.lost")
    await home.plan()


async def run(home: Ground, body: RetentionBody = RUN) -> dict[str, Any]:
    """A run of retention at the clock."""
    log = log_of(home.folder)
    report = await retain(
        home.store, home.site.shelf, log, body, actor="key_1", now=home.clock.instant, strangers_kept=timedelta(days=30)
    )  # fmt: skip
    return report.document("en")


async def ask(home: Ground, ref: str = "zw") -> Any:
    """Forget a person at request."""
    log = log_of(home.folder)
    return await erase_person(home.store, home.site.shelf, log, ref, ASKED, actor="key_1", now=home.clock.instant)


def everything(session: Session) -> str:
    """Every row of the store, as one text; packs and the like know of nobody."""
    skipped = {"packs", "calendars", "audit"}
    tables = [table for name, table in metadata.tables.items() if name not in skipped]
    return json.dumps([[list(row) for row in session.execute(select(table))] for table in tables], default=str,
                      ensure_ascii=False)  # fmt: skip


async def left(home: Ground) -> list[str]:
    """Which of the secrets the store still holds."""
    found = await home.store.read(everything)
    return [secret for secret in SECRETS if secret in found]


async def test_a_lost_lead_goes_after_twelve_months_and_its_proofs_of_consent_after_three_years(home: Ground) -> None:
    assert (await run(home))["kept"][0]["code"] == "kept-living"
    await lose(home)
    assert [one["code"] for one in (await run(home))["kept"]] == ["kept-until"]

    home.clock.instant = instant("2027-03-18 10:00")
    assert (await run(home, RetentionBody(dry_run=True)))["erased"] == 1
    assert await left(home) != []
    first = await run(home)
    home.clock.instant = instant("2028-03-18 10:00")
    waiting = await run(home)
    home.clock.instant = instant("2029-03-18 10:00")
    last, nothing = await run(home), await run(home)

    assert (first["erased"], first["evidence_erased"]) == (1, 0)
    assert [one["code"] for one in waiting["kept"]] == ["kept-evidence"]
    assert (last["erased"], last["evidence_erased"], nothing["looked_at"]) == (0, 1, 0)
    assert await left(home) == []


async def test_what_is_left_of_a_forgotten_person_plans_as_before(home: Ground) -> None:
    await lose(home)
    before = [(each.key, each.state) for each in (await home.plan()).decided]

    await ask(home)

    assert await left(home) == []
    assert [(each.key, each.state) for each in (await home.plan()).decided] == before


async def test_what_proves_his_consents_stays_until_its_own_day(home: Ground) -> None:
    await lose(home)

    await ask(home)

    told = await home.store.read(
        lambda s: s.execute(select(events.c.data).where(events.c.type == "consent.given")).scalars().all()
    )
    assert [data.get("evidence") is not None for data in told] == [True]


async def test_who_has_a_home_or_a_hold_is_kept_whoever_asks(home: Ground) -> None:
    with pytest.raises(Conflict) as living:
        await ask(home)
    await home.tell("hold.placed", scope="all", how="mute", by="op", reason="诉讼")
    await lose(home)
    with pytest.raises(Conflict) as held:
        await ask(home)
    with pytest.raises(NotFound):
        await ask(home, "nobody")

    assert [each.value.reason and each.value.reason.code for each in (living, held)] == ["kept-living", "kept-held"]
    assert log_of(home.folder).read() == []


async def test_the_repairs_of_a_home_stay_with_it(store: Store, tmp_path: Path) -> None:
    home = await ground(store, tmp_path, NOW)
    await home.start(("handover.accepted",), owners=[OWNER])
    home.clock.instant += timedelta(days=1)
    report = {"category": "plumbing", "severity": "general", "text": "漏水了"}
    leak = await home.tell("defect.reported", person="zw", **report)
    accepted = {"id": "ok", "type": "case.accepted", "data": {"by": "zw"}, "about": {"case": leak.id}}
    accepted |= {"occurred_at": (home.clock.instant + timedelta(hours=1)).isoformat()}
    home.clock.instant += timedelta(days=1)
    await home.doors.tell_journey(home.journey, accepted)
    to = [{"ref": "lf", "name": "李芳", "phone": "13900139001"}]
    data = {"on": home.clock.instant.date().isoformat(), "kind": "resale", "to": to}
    at = home.clock.instant.isoformat()
    sold = {"id": "sold", "type": "ownership.transferred", "occurred_at": at, "data": data}
    await home.doors.tell_journey(home.journey, sold)
    with pytest.raises(Conflict):
        await ask(home)  # the next owner's journey is still to be begun
    await finish(home)

    await ask(home)
    await home.plan()

    found = await home.store.read(lambda s: s.execute(select(cases.c.kind, cases.c.state, units.c.code).join(
        units, units.c.id == cases.c.unit_id)).all())  # fmt: skip
    assert [tuple(row) for row in found] == [("repair", "closed", "3-1-1202")]
    assert await left(home) == []


async def finish(home: Ground) -> None:
    """Begin the next owner's journey, and report whatever is open as done."""
    while moves := [move for move in (await home.plan()).moves if move.kind.value in ("begin", "open")]:
        move, now = moves[0], home.clock.instant
        wanted = Wanted(home.journey, move.key, move.due, move.seen, now, home.site.namespace_id)
        if move.kind.value == "begin":
            await home.store.write(open_next, wanted, now)
        else:
            opened = await home.store.write(performing.open_task, wanted)
            assert opened is not None
            await home.doors.task_result(opened.task, {"reached": True, "by": "wang"})


async def test_a_store_brought_back_forgets_again_whom_the_log_names(home: Ground) -> None:
    await lose(home)
    await ask(home)
    log = log_of(home.folder)
    (line,) = log.path.read_text(encoding="utf-8").splitlines()
    await home.store.write(
        lambda s: s.execute(persons.update().values(name="张伟", erased_at=None))  # as an older backup has him
    )

    again = repeat(home.store, log, home.clock.instant)

    assert again == 1
    assert await left(home) == []
    assert set(json.loads(line)) == {"person", "ref", "at", "reason", "evidence"}
    assert "张伟" not in line
    assert log.path.stat().st_mode & 0o077 == 0


async def test_number_and_words_of_strangers_go_after_their_days_and_that_they_wrote_stays(home: Ground) -> None:
    await home.store.write(_stranger, home.clock.instant)
    home.clock.instant += timedelta(days=29)
    early = await run(home)

    home.clock.instant += timedelta(days=2)
    counted = await run(home, RetentionBody(dry_run=True))
    before = await home.store.read(everything)
    gone, again = await run(home), await run(home)

    assert [one["strangers"] for one in (early, counted, gone, again)] == [0, 1, 1, 0]
    assert "+8613700137000" in before
    after = await home.store.read(everything)
    assert "13700137000" not in after
    assert "你是谁" not in after
    assert await home.store.read(lambda s: s.execute(select(func.count()).select_from(receipts)).scalar_one()) == 1
    line = select(audit.c.detail).where(audit.c.action == "receipts.forgotten")
    assert await home.store.read(lambda s: list(s.execute(line).scalars())) == [{"count": 1}]


def _stranger(session: Session, now: datetime) -> None:
    """An answer from a number that nobody here has."""
    hook, _ = add_hook(session, "carrier", now, kind="receipts", dialect="standard")
    told = Receipt(ReceiptState.REPLIED, now, "carrier", channel="sms", address="13700137000", text="你是谁")
    keep(session, Call(hook, "call-1", "0" * 64), [told], now, now)
