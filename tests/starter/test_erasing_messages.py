"""Forgetting reaches what was sent, answered and printed: inboxes, receipts, answers without a name, paper."""

from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.adapters.evidence import EvidenceFolder
from journey.domain.receipts import Receipt
from journey.domain.values import ReceiptState
from journey.settings import Settings
from journey.store import owner_inbox, receipts
from journey.store.engine import Store
from journey.store.erasing import erase
from journey.store.hooks import add_hook
from journey.store.receipts import Call
from journey.store.tables import events, journeys, letter_runs, letters, messages, persons
from journey.store.tables import receipts as kept_receipts
from starter.letters import erase_paper
from tests.activities.ground import Ground, ground
from tests.records import instant
from tests.starter.test_erasing import everything

NOW = instant("2026-03-16 10:00")
ZHANG = {"ref": "zw", "name": "张伟", "phone": "13800138000", "address": "成都市春熙路1号", "consents": ["care"]}
LI = {"ref": "lf", "name": "李芳", "phone": "13900139001"}
OLD_PHONE = "13700137000"
SECRETS = ("张伟", "13800138000", OLD_PHONE, "张伟您好", "春熙路", "漏水了", "别再发了", "请打我新号")
KEY = "handover.delay-letter/ep_1/evt_9/"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A home of two, one of whom was written to by every way and answered by some."""
    made = await ground(store, tmp_path, NOW)
    await store.write(answered)
    await made.start((), owners=[ZHANG, LI])
    await made.tell("lead.registered", source="walk-in")
    await made.tell("contact.changed", person="zw", channel="phone", address=OLD_PHONE)
    made.clock.instant += timedelta(minutes=1)
    await made.tell("contact.changed", person="zw", channel="phone", address="13800138000")
    people = await store.write(sent_to, made.journey)
    await made.tell("message.replied", text="漏水了", message="msg_1")
    await made.doors.tell_journey(
        made.journey,
        {"id": "r2", "type": "message.replied", "occurred_at": NOW.isoformat(),
         "data": {"text": "请打我新号", "channel": "sms", "address": OLD_PHONE}},
    )  # fmt: skip
    await store.write(printed, made.journey, people, tmp_path)
    return made


def sent_to(session: Session, journey: str) -> dict[str, str]:
    """A text in the inbox of 张伟; both persons by ref."""
    people = {row.ref: row.id for row in session.execute(select(persons.c.ref, persons.c.id))}
    session.execute(
        insert(messages).values(
            id="msg_1", journey_id=journey, entry_key="k/e/once", key="k/e/once/zw", person_id=people["zw"],
            channel="inbox", message_class="contract", template="k", language="zh", state="sent", calls=1,
            reserved_at=NOW, sent_at=NOW, updated_at=NOW,
        )
    )  # fmt: skip
    assert owner_inbox.put(session, "msg_1", "张伟您好", "您在春熙路的信已寄出")
    return people


def answered(session: Session) -> None:
    """Answers from numbers that nobody has yet: they wait, in whatever form the number came."""
    hook, _ = add_hook(session, "carrier", NOW, kind="receipts", dialect="standard")
    told = [
        Receipt(ReceiptState.REPLIED, NOW, "carrier", provider_id="p9", channel="sms", address=number, text="别再发了")
        for number in ("13800138000", "+86 137-0013-7000")
    ]
    receipts.keep(session, Call(hook, "c1", "d"), told, NOW, NOW)
    assert set(session.execute(select(kept_receipts.c.outcome)).scalars()) == {"waiting"}


def printed(session: Session, journey: str, people: dict[str, str], folder: Path) -> None:
    """A letter to 张伟 alone with the slip that came back, and a run that holds one of 李芳 too."""
    paper = EvidenceFolder(folder / "evidence")
    project = session.execute(select(journeys.c.project_id)).scalar_one()
    for run, to in (("run_1", ["zw"]), ("run_2", ["zw", "lf"])):
        files = {"pdf": paper.keep(f"{run} 张伟 春熙路".encode())}
        session.execute(
            insert(letter_runs).values(
                id=run, project_id=project, at=NOW, actor="li", reason="张伟搬到春熙路", letters=len(to), pages=1,
                missing=[], files=files, fonts=[],
            )
        )  # fmt: skip
        for place, ref in enumerate(to, start=1):
            session.execute(
                insert(letters).values(
                    id=f"{run}{ref}", run_id=run, position=place, journey_id=journey, entry_key=KEY + people[ref],
                    copy=int(run[-1]), person_id=people[ref], rule="handover.delay-letter", language="zh",
                    first_page=2, pages=1, scan=paper.keep(f"slip of {run} {ref}".encode()),
                )
            )  # fmt: skip


async def forget(home: Ground, ref: str, *, evidence: bool) -> None:
    """Forget one of them, whatever keeps him."""

    def both(session: Session) -> None:
        person = session.execute(select(persons.c.id).where(persons.c.ref == ref)).scalar_one()
        erase(session, person, reason="test", evidence=evidence, actor="key_1", now=NOW, real_now=NOW)

    await home.store.write(both)
    await erase_paper(home.store, Settings(home=home.folder))


async def test_nothing_that_was_sent_to_him_or_that_he_answered_is_left_and_others_keep_theirs(home: Ground) -> None:
    before = await home.store.read(everything)
    assert [secret for secret in SECRETS if secret in before] == list(SECRETS)

    await forget(home, "zw", evidence=True)

    after = await home.store.read(everything)
    assert [secret for secret in SECRETS if secret in after] == []
    assert "李芳" in after
    assert "13900139001" in after


async def test_paper_goes_with_the_proofs_once_it_is_about_nobody_else(home: Ground) -> None:
    paper = EvidenceFolder(home.folder / "evidence")

    async def left() -> dict[str, bool]:
        def names(session: Session) -> dict[str, str]:
            runs = {row.id: row.files["pdf"] for row in session.execute(select(letter_runs))}
            return runs | {row.id: row.scan for row in session.execute(select(letters))}

        return {name: paper.has(digest) for name, digest in (await home.store.read(names)).items()}

    await forget(home, "zw", evidence=False)
    assert set((await left()).values()) == {True}

    await forget(home, "zw", evidence=True)
    assert {name for name, there in (await left()).items() if not there} == {"run_1", "run_1zw", "run_2zw"}

    await forget(home, "lf", evidence=True)
    assert set((await left()).values()) == {False}


@pytest.mark.parametrize("ref", ["lf", 'l"f\\', "李_%"])
async def test_who_is_named_in_the_sale_of_another_home_keeps_a_ref_only(
    store: Store, tmp_path: Path, ref: str
) -> None:
    home = await ground(store, tmp_path, NOW)
    await home.start(("handover.accepted",), owners=[ZHANG])
    buyer = {"ref": ref, "name": "李芳", "phone": "13900139001"}
    body = {"project": "XN", "unit": "3-1-1203", "owners": [buyer], "facts": []}
    await home.doors.start_journey(body)
    sold = {"id": "sold", "type": "ownership.transferred", "occurred_at": NOW.isoformat()}
    data = {"on": "2026-03-16", "kind": "resale", "to": [buyer]}
    await home.doors.tell_journey(home.journey, sold | {"data": data})

    await forget(home, ref, evidence=True)

    after = await store.read(everything)
    assert [secret for secret in ("李芳", "13900139001") if secret in after] == []
    assert "张伟" in after
    (sale,) = await store.read(
        lambda s: s.execute(select(events.c.data).where(events.c.type == "ownership.transferred")).scalars().all()
    )
    assert sale["to"] == [{"ref": ref}]
