"""A print run for a batch, lived through on the real workflows: paper out, numbers and proofs in, one letter back."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import select

from journey.domain.errors import Conflict, InvalidInput
from journey.printing import EvidenceFolder
from journey.settings import Settings
from journey.store import keys, letter_runs, work_queries
from journey.store.engine import Store
from journey.store.entry_queries import entries_view, timeline_view
from journey.store.keys import ApiKey
from journey.store.tables import tasks
from journey.store.work_queries import TaskFilter
from starter import letters
from tests.engine import TestEngine, engine
from tests.workflows.runs import eventually

pytestmark = pytest.mark.server
NOTICE = "handover.formal-notice"
STREET = "610000 四川省成都市锦江区春熙路{}号"
OWNERS: Mapping[str, Sequence[dict[str, Any]]] = {
    "3-1-1": (
        {"ref": "zw", "name": "张伟", "phone": "13800138000", "address": STREET.format(1)},
        {"ref": "smith", "name": "Ann Smith", "language": "en", "address": "1 Orchard Road, Singapore 238801"},
    ),
    "3-1-2": ({"ref": "ln", "name": "李娜", "phone": "13800138000"},),
    "3-1-10": ({"ref": "wq", "name": "王强", "address": STREET.format(10)},),
}


class Office:
    """Who prints letters: the services that the REST API and the commands call."""

    def __init__(self, home: TestEngine, settings: Settings, clerk: ApiKey) -> None:
        self.home = home
        self.settings = settings
        self.clerk = clerk
        self.journeys: dict[str, str] = {}

    async def run(self, **more: Any) -> dict[str, Any]:
        now = await self.home.now()
        body = {"project": "XN", "batch": "3", **more}
        return await letters.run(self.home.store, self.home.site.shelf, self.settings, body, now, self.clerk, "zh")

    async def prove(self, run: str, *rows: Sequence[str]) -> dict[str, Any]:
        now = await self.home.now()
        content = _csv(("编号", "日期", "结果", "扫描件"), *rows)
        return await letters.prove(self.home.store, self.settings, self.home.doors, run, content, now, self.clerk)

    async def track(self, run: str, *rows: Sequence[str], replace: bool = False) -> dict[str, Any]:
        now = await self.home.now()
        content = _csv(("编号 reference", "EMS 单号 tracking"), *rows)
        return await letters.track(self.home.store, run, content, now, self.clerk, replace=replace)

    async def printed(self, run: str) -> dict[str, str]:
        """References by the owner's ref."""
        wanted = letter_runs.LetterFilter(run=run)
        page = await self.home.store.read(letter_runs.list_letters, wanted)
        return {one["person"]: one["reference"] for one in page.data}

    async def states(self, unit: str, rule: str = NOTICE) -> list[str]:
        found = await self.home.states(self.journeys[unit])
        return sorted(state for key, state in found.items() if key.startswith(f"{rule}/"))


@pytest_asyncio.fixture
async def office(kernel_store: Store, tmp_path: Path) -> AsyncIterator[Office]:
    """A batch of three homes, three weeks before its handover: four formal notices wait for paper."""
    async with engine(kernel_store, tmp_path, cached=50) as home:
        _, plain = await home.store.write(keys.create_key, "print room", True, (), datetime.now(UTC))
        clerk = await home.store.read(keys.find_key, plain, datetime.now(UTC))
        assert clerk is not None
        office = Office(home, Settings(home=tmp_path, letter_font="none", letter_sender="成都香年置业有限公司"), clerk)
        window: dict[str, Any] = {"handover_from": await home.today(22), "handover_to": await home.today(24)}
        await _tell(home, "batch.planned", batch="3", buildings=["3"], **window)
        await _tell(home, "gate.passed", gate="ready-to-hand-over", scope={"batch": "3"})
        for unit, owners in OWNERS.items():
            signed = await home.fact(
                "contract.signed", id=f"signed-{unit}", contract_handover_date=await home.today(22)
            )
            body = {"project": "XN", "unit": unit, "owners": list(owners), "facts": [signed]}
            office.journeys[unit] = str((await home.doors.start_journey(body)).journey["id"])
        for unit, owners in OWNERS.items():
            await _until(office, unit, ["open"] * len(owners))
        yield office


async def _tell(home: TestEngine, type: str, scope: dict[str, str] | None = None, **data: Any) -> Any:
    now = await home.now()
    body = {"id": type, "type": type, "occurred_at": now.isoformat(), "source": "test", "data": data}
    return await home.doors.tell_project("XN", body | ({"scope": scope} if scope else {}))


async def _until(office: Office, unit: str, states: Sequence[str], rule: str = NOTICE) -> None:
    async def there() -> bool:
        return await office.states(unit, rule) == list(states)

    await eventually(there)


def _csv(*rows: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _texts(office: Office, made: Mapping[str, Any]) -> list[str]:
    content = EvidenceFolder(office.settings.evidence_folder).read(made["files"]["pdf"])
    assert content is not None
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


async def test_a_batch_is_printed_posted_proved_and_what_came_back_is_not_served(office: Office) -> None:
    made = await office.run()

    assert (made["letters"], made["missing"], made["by"]) == (3, 1, "print room")
    assert [(one["unit"], one["person"], one["reason"]) for one in made["missing_letters"]] == [
        ("3-1-2", "ln", "no-address"),
    ]
    await _is_on_paper(office, made)
    again = await office.run()
    assert (again["id"], again["missing"]) == (None, 1)
    references = await office.printed(made["id"])

    await office.home.move(days=1)
    posted = [(reference, f"EX{place}CN0000") for place, reference in enumerate(references.values())]
    assert await office.track(made["id"], *posted) == {"run": made["id"], "written": 3, "unchanged": 0}
    assert await office.track(made["id"], *posted) == {"run": made["id"], "written": 0, "unchanged": 3}
    await _only_proof_serves(office, made["id"], references)


async def _is_on_paper(office: Office, made: Mapping[str, Any]) -> None:
    """The cover names what is missing; each letter has its address and its own count of pages, in its language."""
    cover, first, second, third = _texts(office, made)
    assert "函件打印批次" in cover
    assert "李娜" in cover
    assert "无通讯地址" in cover
    assert "交付通知书" in first + second
    english = second if "Ann Smith" in second else first
    chinese = first if english is second else second
    assert "1 Orchard Road" in english
    assert "Notice of handover" in english
    assert "Page 1/1" in english
    assert "四川省成都市锦江区春熙路1号" in chinese
    assert "张伟 收" in chinese
    assert "第 1/1 页" in chinese
    assert "成都香年置业有限公司" in chinese
    assert "王强 收" in third  # 3-1-10 comes after 3-1-1 and 3-1-2
    assert "李娜" not in first + second + third


async def _only_proof_serves(office: Office, run: str, references: Mapping[str, str]) -> None:
    scan = EvidenceFolder(office.settings.evidence_folder).keep(b"%PDF-1.4 a slip")
    today = await office.home.today()
    rows = [
        (references["zw"], today, "妥投", scan), (references["smith"], today, "签收", ""),
        (references["wq"], today, "退回", ""),
    ]  # fmt: skip
    told = await office.prove(run, *rows)
    assert [one["verdict"] for one in told["rows"]] == ["applied"] * 3, told

    await _until(office, "3-1-1", ["served", "served"])
    assert await office.states("3-1-10") == ["open"]  # it came back: nobody was served
    assert await office.states("3-1-2") == ["open"]
    await _until(office, "3-1-10", ["open"], "letter.serve-otherwise")
    again = await office.prove(run, *rows)
    assert [one["event"] for one in again["rows"]] == [one["event"] for one in told["rows"]]

    later = await office.home.today(0)
    by_hand = await office.prove(run, (references["wq"], later, "签收", ""))
    assert by_hand["verdicts"] == {"applied": 1}
    await _until(office, "3-1-10", ["served"])
    await _until(office, "3-1-10", ["done"], "letter.serve-otherwise")


async def test_an_owner_without_an_address_is_asked_for_it_and_gets_his_letter_then(office: Office) -> None:
    home, find = office.home, "letter.find-address"
    await _until(office, "3-1-2", ["open"], find)
    assert await office.states("3-1-1", find) == []
    assert (await office.run())["missing"] == 1

    await home.doors.tell_journey(
        office.journeys["3-1-2"],
        {
            "id": "found", "type": "contact.changed", "occurred_at": (await home.now()).isoformat(), "person": "ln",
            "source": "test", "data": {"channel": "post", "address": STREET.format(2)},
        },
    )  # fmt: skip
    await _until(office, "3-1-2", ["done"], find)
    made = await office.run()

    assert (made["letters"], made["missing"]) == (1, 0)
    assert "李娜 收" in _texts(office, made)[1]


async def test_a_letter_is_printed_again_only_on_purpose_with_a_reason_and_not_once_it_is_served(
    office: Office,
) -> None:
    made = await office.run()
    references = await office.printed(made["id"])

    with pytest.raises(InvalidInput) as refused:
        await office.run(again=[references["zw"]])
    assert [(each.field, each.rule) for each in refused.value.errors] == [("reason", "required")]
    again = await office.run(again=[references["zw"]], reason="地址更正")
    assert (again["letters"], again["reason"]) == (1, "地址更正")
    second = await office.printed(again["id"])
    assert set(second) == {"zw"}
    assert second["zw"] != references["zw"]

    await office.prove(again["id"], (second["zw"], await office.home.today(), "ems", ""))
    await _until(office, "3-1-1", ["open", "served"])
    with pytest.raises(Conflict):
        await office.run(again=[references["zw"]], reason="再来一次")


async def test_a_file_with_a_row_at_fault_changes_nothing_and_names_every_row(office: Office) -> None:
    made = await office.run()
    references = await office.printed(made["id"])
    tomorrow, today = await office.home.today(1), await office.home.today()

    with pytest.raises(InvalidInput) as numbers:
        await office.track(
            made["id"], (references["zw"], "EX1CN"), ("AAAAA-AAAAB", "EX2CN"), (references["wq"], "EX1CN")
        )
    with pytest.raises(InvalidInput) as proofs:
        await office.prove(
            made["id"], (references["zw"], today, "妥投", ""), (references["wq"], tomorrow, "妥投", ""),
            (references["smith"], today, "妥投", "f" * 64),
        )  # fmt: skip

    with pytest.raises(InvalidInput) as mixed:
        await office.prove(
            made["id"], (references["zw"], tomorrow, "妥投", ""), (references["wq"], "昨天", "妥投", ""),
            (references["smith"], tomorrow, "妥投", "f" * 64),
        )  # fmt: skip

    assert [(each.field, each.rule) for each in mixed.value.errors] == [
        ("rows/2/on", "not-yet"), ("rows/3/on", "not-a-date"), ("rows/4/on", "not-yet"),
        ("rows/4/scan", "unknown-file"),
    ]  # fmt: skip
    assert [(each.field, each.rule) for each in numbers.value.errors] == [
        ("rows/2/tracking", "twice"), ("rows/3/reference", "not-a-reference"), ("rows/4/tracking", "twice"),
    ]  # fmt: skip
    assert [(each.field, each.rule) for each in proofs.value.errors] == [
        ("rows/3/on", "not-yet"), ("rows/4/scan", "unknown-file"),
    ]  # fmt: skip
    listed = await office.home.store.read(letter_runs.list_letters, letter_runs.LetterFilter(run=made["id"]))
    assert {(one["tracking"], one["outcome"]) for one in listed.data} == {(None, None)}
    assert await office.states("3-1-1") == ["open", "open"]


CHASE = "handover.service-proof"


async def test_a_result_with_its_proof_serves_the_notice_of_the_owner_it_was_for(office: Office) -> None:
    home, journey = office.home, office.journeys["3-1-1"]
    letter = (await _open_letters(home, "3-1-1"))[-1]

    with pytest.raises(InvalidInput) as refused:
        await home.doors.task_result(letter["id"], {"by": "li", "proof": "by word of mouth"})
    await home.doors.task_result(letter["id"], {"by": "li", "proof": "signed"})
    await _until(office, "3-1-1", ["open", "served"])

    assert [each.field for each in refused.value.errors] == ["data/proof"]
    assert await office.states("3-1-1", CHASE) == []
    (served,) = [one for one in await home.store.read(entries_view, journey) if one["outcome"] == "served"]
    assert served["key"] == letter["key"]
    assert served["person"] in ("zw", "smith")
    told = (await home.store.read(timeline_view, journey, kind="facts")).data
    assert told[-1]["code"] == "event.handover.notice_served"


async def test_a_notice_that_was_only_sent_off_is_chased_until_its_proof_comes(office: Office) -> None:
    home = office.home
    (letter,) = await _open_letters(home, "3-1-10")
    await home.doors.task_result(letter["id"], {"by": "li"})
    await _until(office, "3-1-10", ["open"], CHASE)
    assert await office.states("3-1-10") == ["done"]
    (chase,) = await _open_letters(home, "3-1-10", CHASE)

    with pytest.raises(InvalidInput) as refused:
        await home.doors.task_result(chase["id"], {"by": "li", "outcome": "done"})
    await home.doors.task_result(chase["id"], {"by": "li", "proof": "ems", "tracking": "EX9"})
    await _until(office, "3-1-10", ["done"], CHASE)

    assert [(each.field, each.rule) for each in refused.value.errors] == [("proof", "no-proof")]
    await _until(office, "3-1-10", ["served"])


async def _open_letters(home: TestEngine, unit: str, rule: str = NOTICE) -> Sequence[Mapping[str, Any]]:
    page = await home.store.read(work_queries.list_tasks, TaskFilter(role="project-cs", state="open"))
    return [one for one in page.data if (one["unit"], one["item"]) == (unit, rule)]


async def test_a_notice_on_the_wall_is_done_with_a_photo_and_serves_nobody(office: Office) -> None:
    home = office.home

    async def opened() -> bool:
        return bool(await _posting(home))

    await eventually(opened)
    task = await _posting(home)
    assert (task["role"], task["batch"], task["title"]) == ("property-cs", "3", "张贴交付告示并拍照")

    with pytest.raises(InvalidInput) as refused:
        await home.doors.task_result(task["id"], {"outcome": "done", "by": "wu", "evidence": "贴好了"})
    assert [(each.field, each.rule) for each in refused.value.errors] == [("evidence", "no-photo")]
    photo = {"outcome": "done", "by": "wu", "evidence": [{"photo": "a" * 64}]}
    await home.doors.task_result(task["id"], photo)

    async def closed() -> bool:
        state = select(tasks.c.state).where(tasks.c.id == task["id"])
        return bool(await home.store.read(lambda session: session.execute(state).scalar_one()) == "done")

    await eventually(closed)
    await home.move(minutes=1)
    assert await office.states("3-1-1") == ["open", "open"]


async def _posting(home: TestEngine) -> dict[str, Any]:
    page = await home.store.read(work_queries.list_tasks, TaskFilter(role="property-cs"))
    return next((one for one in page.data if one["item"] == "batch.handover-posting"), {})
