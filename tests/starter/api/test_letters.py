"""Letters over the REST API: a run, its files for who may read them, numbers and proofs, evidence."""

import io
from typing import Any

import httpx2
from pypdf import PdfReader
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.references import with_check
from journey.store import shelf
from journey.store import tables as t
from journey.store.engine import Store
from journey.store.shared_agendas import open_agenda
from tests.journey.store.seeds import NOON, item, seed
from tests.records import calendar
from tests.starter.api.conftest import Connect

DELAY = "handover.delay-letter/ep_1/evt_9/psn_1"
JPEG = b"\xff\xd8\xff\xe0 a slip"
MESSY = "=cmd|' /C calc'!A0 四川省成都市锦江区春熙路1号"


def waiting(session: Session) -> None:
    """A letter about a new date waits for 张伟, who lives at an address that a spreadsheet would calculate."""
    seed(session)
    open_agenda(session, "prj_1", "prj_1", NOON)
    params = {"person": "psn_1", "handover_on": "2026-09-30"}
    stored = item("handover.delay-letter/ep_1/evt_9", "letter", NOON, params=params)
    stored |= {"key": DELAY, "occurrence": "evt_9/psn_1"}
    entry: dict[str, Any] = {"scope": "journey", "scope_id": "jrn_1", "key": DELAY, "state": "open", "at": NOON}
    session.execute(insert(t.entries).values(item=stored, steps=[], tries=0, attempts=0, **entry))
    task = {"id": "tsk_9", "journey_id": "jrn_1", "project_id": "prj_1", "key": DELAY, "rule": "handover.delay-letter"}
    session.execute(
        insert(t.tasks).values(kind="letter", role="project-cs", state="open", opened_at=NOON, due=NOON, **task)
    )
    where = {"person_id": "psn_1", "channel": "post", "address": MESSY, "state": "ok", "since": NOON}
    session.execute(insert(t.contacts).values(**where))


async def begin(client: httpx2.AsyncClient, store: Store) -> dict[str, Any]:
    """Print what waits; the run."""
    await store.write(shelf.publish_calendar, calendar(), NOON)
    await store.write(waiting)
    made = await client.post("/v1/letters/runs", json={"project": "XN", "by": "li"})
    assert made.status_code == 201, made.text
    run: dict[str, Any] = made.json()
    return run


async def test_a_run_is_printed_once_listed_and_names_nobody(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    run = await begin(writer, store_sqlite)
    again = await writer.post("/v1/letters/runs", json={"project": "XN"})
    listed = (await writer.get("/v1/letters", params={"run": run["id"]})).json()["data"]
    runs = (await writer.get("/v1/letters/runs", params={"project": "XN"})).json()["data"]

    assert (run["letters"], run["missing"], run["by"], run["fonts"]) == (1, 0, "li", ["STSong-Light"])
    assert (again.status_code, again.json()["id"]) == (200, None)
    assert [one["id"] for one in runs] == [run["id"]]
    (letter,) = listed
    assert (letter["person"], letter["item"], letter["state"], letter["outcome"]) == (
        "zw", "handover.delay-letter", "open", None,
    )  # fmt: skip
    assert "张伟" not in str(listed)
    assert "春熙路" not in str(listed)
    spoken = letter["reference"].lower().replace("-", " ")
    assert (await writer.get(f"/v1/letters/{spoken}")).json() == letter
    lines = (await writer.get("/v1/journeys/jrn_1/timeline", params={"kind": "messages"})).json()["data"]
    assert [line["code"] for line in lines] == ["letter.printed"]
    assert "函件已打印" in lines[0]["text"]


async def test_the_files_of_a_run_need_the_right_to_read_personal_data_and_leave_a_trace(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    run = await begin(writer, store_sqlite)

    refused = await writer.get(f"/v1/letters/runs/{run['id']}/pdf")
    async with connect("read", "pii:read") as clerk:
        pdf = await clerk.get(f"/v1/letters/runs/{run['id']}/pdf")
        listed = await clerk.get(f"/v1/letters/runs/{run['id']}/addresses.csv")
        book = await clerk.get(f"/v1/letters/runs/{run['id']}/addresses.xlsx")

    assert refused.status_code == 403
    assert pdf.headers["content-type"] == "application/pdf"
    assert "2026年9月30日" in PdfReader(io.BytesIO(pdf.content)).pages[1].extract_text()
    assert "'=cmd" in listed.content.decode("utf-8-sig")
    assert "13800138000" in listed.text
    assert book.content.startswith(b"PK")
    rows = await store_sqlite.read(
        lambda session: (
            session.execute(select(t.audit.c.action).where(t.audit.c.subject == run["id"]).order_by(t.audit.c.seq))
            .scalars()
            .all()
        )
    )
    assert rows == ["letters.printed", "letters.read", "letters.read", "letters.read"]


async def test_numbers_and_proofs_by_file_become_facts_and_may_be_sent_again(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    run = await begin(writer, store_sqlite)
    place = f"/v1/letters/runs/{run['id']}"
    (letter,) = (await writer.get("/v1/letters")).json()["data"]
    scan = (await writer.post("/v1/evidence", content=JPEG)).json()["hash"]
    numbers = f"编号,EMS单号\n{letter['reference']},ex123456789cn\n".encode("gb18030")
    proofs = f"reference,on,proof,scan\n{letter['reference']},2026-03-01,ems,{scan}\n".encode()

    tracked = [await writer.post(f"{place}/tracking", content=numbers) for _ in range(2)]
    other = await writer.post(f"{place}/tracking", content=numbers.replace(b"ex123456789cn", b"ex987654321cn"))
    proved = [await writer.post(f"{place}/proofs", content=proofs) for _ in range(2)]

    assert [one.json()["written"] for one in tracked] == [1, 0]
    assert [(one["field"], one["rule"]) for one in other.json()["errors"]] == [("rows/2/tracking", "told-otherwise")]
    assert [one.json()["verdicts"] for one in proved] == [{"taken": 1}] * 2
    assert proved[0].json()["rows"] == proved[1].json()["rows"]
    event = await store_sqlite.read(lambda session: session.execute(select(t.events)).one())
    assert (event.type, event.person_id, event.about) == (
        "letter.delivered", "psn_1", {"item": "handover.delay-letter", "occurrence": "evt_9/psn_1"},
    )  # fmt: skip
    assert event.data == {
        "on": "2026-03-01", "proof": "ems", "tracking": "EX123456789CN",
        "reference": letter["reference"].replace("-", ""), "evidence": [{"scan": scan}],
    }  # fmt: skip
    shown = (await writer.get(f"/v1/letters/{letter['reference']}")).json()
    assert (shown["tracking"], shown["outcome"], shown["on"], shown["scan"]) == (
        "EX123456789CN", "ems", "2026-03-01", scan,
    )  # fmt: skip
    async with connect("read", "pii:read") as clerk:
        assert (await clerk.get(f"/v1/evidence/{scan}")).content == JPEG


async def test_a_letter_that_is_proved_comes_back_only_once_its_proof_is_void(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    run = await begin(writer, store_sqlite)
    place = f"/v1/letters/runs/{run['id']}/proofs"
    (letter,) = (await writer.get("/v1/letters")).json()["data"]
    ems, back = (f"reference,on,proof\n{letter['reference']},2026-03-01,{one}\n" for one in ("ems", "returned"))
    proof = (await writer.post(place, content=ems.encode())).json()["rows"][0]["event"]

    refused = await writer.post(place, content=back.encode())
    stands = (await writer.get(f"/v1/letters/{letter['reference']}")).json()["outcome"]
    voided = update(t.events).where(t.events.c.id == proof).values(reason={"code": "voided", "params": {}})
    await store_sqlite.write(lambda session: session.execute(voided))  # as planning judges it
    taken = [await writer.post(place, content=back.encode()) for _ in range(2)]

    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["rule"]) == (422, "rows/2/outcome", "proved-served")
    assert proof in error["text"]
    assert stands == "ems"
    assert [one.json()["verdicts"] for one in taken] == [{"taken": 1}] * 2
    assert (await writer.get(f"/v1/letters/{letter['reference']}")).json()["outcome"] == "returned"


async def test_what_is_wrong_is_refused_by_row_and_rule(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    run = await begin(writer, store_sqlite)
    place = f"/v1/letters/runs/{run['id']}"
    stranger = with_check("123456789")

    found = {
        "no columns": await writer.post(f"{place}/tracking", content=b"a,b\n1,2\n"),
        "stranger": await writer.post(
            f"{place}/proofs", content=f"编号,日期,结果\n{stranger},2026-03-01,退回\n".encode()
        ),
        "no run": await writer.post("/v1/letters/runs/run_0/tracking", content=b"reference,tracking\n"),
        "no words": await writer.post(f"{place}/proofs", content=f"编号,日期,结果\n{stranger},32.1,丢了\n".encode()),
        "no reason": await writer.post("/v1/letters/runs", json={"project": "XN", "again": [stranger]}),
        "no letter": await writer.get(f"/v1/letters/{stranger}"),
        "no picture": await writer.post("/v1/evidence", content=b"MZ a program"),
        "no project": await writer.post("/v1/letters/runs", json={"project": "YY"}),
    }

    assert {name: answer.status_code for name, answer in found.items()} == {
        "no columns": 422, "stranger": 422, "no run": 404, "no words": 422, "no reason": 422, "no letter": 404,
        "no picture": 422, "no project": 404,
    }  # fmt: skip
    errors = {
        name: [(one.get("field") or one.get("pointer"), one["rule"]) for one in answer.json().get("errors", ())]
        for name, answer in found.items()
    }
    assert errors["no columns"] == [("columns/reference", "required"), ("columns/tracking", "required")]
    assert errors["stranger"] == [("rows/2/reference", "not-in-run")]
    assert errors["no words"] == [("rows/2/on", "not-a-date"), ("rows/2/outcome", "unknown-value")]
    assert errors["no reason"] == [("reason", "required")]
