"""A broadcast over a project of many homes, on both stores, beside a plain loop over owners in the same run.

Of class `emergency` unless `--class` names another one: an emergency goes at any hour and without a throttle. `care`
decides consent, what stops care, the monthly cap and quiet hours for each. The throttle of such a run is raised out of
the way, and its homes lie in a zone where it is about noon.
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

import worker
from benchmarks.crowd import settle
from benchmarks.rig import Figure, Rig, rig
from journey.adapters.channels import Gateway, Outgoing
from journey.adapters.templates import render
from journey.adapters.wiring import gateway_from
from journey.contracts.broadcasting import Order
from journey.contracts.names import QUEUE, broadcast_workflow
from journey.domain.saying import worded
from journey.domain.values import MessageClass
from journey.ports import SystemClock
from journey.store import broadcasts
from journey.store.broadcasts import NewBroadcast
from journey.store.ids import new_id
from journey.store.ledger import journal_rows
from journey.store.tables import contacts, journal, journeys, messages, parties, persons, projects
from starter.broadcasts import MOST_RATE
from tests.chaos.lives import midday
from tests.databases import database, postgres_server

HOMES = int(os.environ.get("BENCH_HOMES", "10000"))
LOOPED = min(1000, HOMES)  # owners of the plain loop: its rate does not depend on how many there are
CLASSES = (MessageClass.EMERGENCY, MessageClass.CONTRACT, MessageClass.CARE)  # whom the owners here get something of
TEXT = "【{{ project.name }}】尊敬的{{ owner.name }},您关注的工程有新进展:{{ milestones | join('、') }}。感谢您的信任。"


async def measure(message_class: MessageClass = MessageClass.EMERGENCY) -> list[Figure]:
    """Messages sent and recorded a second, from the start of the workflow to its end."""
    figures = await _measured(message_class, "SQLite", None, "≥ 400/s")
    with postgres_server() as server, database(server) as url:
        return figures + await _measured(message_class, "PostgreSQL", url, "≥ 800/s")


async def _measured(message_class: MessageClass, store: str, url: str | None, target: str) -> list[Figure]:
    async with rig(url) as ground:
        project = await ground.store.read(lambda s: s.execute(select(projects.c.id)).scalar_one())
        noon = midday(datetime.now(UTC)).key
        await ground.store.write(lambda s: s.execute(update(projects).values(zone=noon)))
        await asyncio.to_thread(settle, ground.store, project, HOMES, datetime.now(UTC))
        gateway = gateway_from(ground.settings, SystemClock().now)
        looped = await _plain_loop(ground, gateway)
        engine = await worker.build(ground.settings, client=ground.client, store=ground.store, gateway=gateway)
        broadcast = await ground.store.write(_open, project, message_class, datetime.now(UTC))
        async with engine.worker:
            seconds, early = await _run(ground, broadcast)
        late = _resident()
        sent = await ground.store.read(_sent) - LOOPED
    rate, named = sent / seconds, f"broadcast of class {message_class}"
    return [
        Figure(f"plain loop on {store}: a send and a transaction an owner", f"{looped:.0f}/s"),
        Figure(
            f"{named} to {HOMES:,} owners on {store}, recorded",
            f"{rate:.0f}/s = {rate / looped:.1f} of the loop, {sent} sent",
            target,
        ),
        Figure(
            f"worker memory, a tenth of a {named} on {store} and all of it", f"{early:.0f} and {late:.0f} MB", "flat"
        ),
    ]


def _open(session: Session, project: str, message_class: MessageClass, now: datetime) -> str:
    new = NewBroadcast(
        project=project, rule="broadcast.notice", subject=project, occurrence="bench", message_class=message_class,
        due=now, expires=now + timedelta(days=1), rate=MOST_RATE,
        params={"template": "project.milestone-news", "milestones": ["topped-out"]},
    )  # fmt: skip
    return broadcasts.open_broadcast(session, new, now)[0]


async def _run(ground: Rig, broadcast: str) -> tuple[float, float]:
    """How long it took, and the memory of this process when a tenth was through."""
    started = time.perf_counter()
    handle = await ground.client.start_workflow(
        "Broadcast", Order(broadcast=broadcast), id=broadcast_workflow(broadcast), task_queue=QUEUE
    )
    while True:
        await asyncio.sleep(0.5)
        if await ground.store.read(_sent) >= LOOPED + HOMES / 10:
            break
    early = _resident()
    await handle.result()
    return time.perf_counter() - started, early


def _sent(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(messages).where(messages.c.state == "sent")) or 0


def _resident() -> float:
    """Megabytes of resident memory."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


async def _plain_loop(ground: Rig, gateway: Gateway) -> float:
    """What a script would do: send, then write down that it was sent, one owner after the other. Nothing is decided."""
    owners = await ground.store.read(_owners)
    started = time.perf_counter()
    for owner in owners:
        said = {"owner": {"name": owner.name}, "project": {"name": "基准"}, "components": [], "feast": ""}
        body = render(TEXT, worded(said | {"milestones": ["topped-out"]}, owner.language))
        message = new_id("msg")
        sent = await gateway.deliver(
            Outgoing(key=message, channel="sms", to=owner.address, body=body, language="zh", message_id=message)
        )
        await ground.store.write(_write_down, owner, message, sent.provider_id, datetime.now(UTC))
    return len(owners) / (time.perf_counter() - started)


def _owners(session: Session) -> list[Row[Any]]:
    return list(
        session.execute(
            select(persons.c.id, persons.c.name, persons.c.language, contacts.c.address, journeys.c.id.label("journey"))
            .join(contacts, contacts.c.person_id == persons.c.id)
            .join(parties, parties.c.person_id == persons.c.id)
            .join(journeys, journeys.c.episode_id == parties.c.episode_id)
            .limit(LOOPED)
        )
    )


def _write_down(session: Session, owner: Row[Any], message: str, provider_id: str, now: datetime) -> None:
    row = owner._mapping
    session.execute(
        insert(messages).values(
            id=message, key=message, journey_id=row["journey"], entry_key="loop", person_id=row["id"], channel="sms",
            message_class="contract", template="loop", language=row["language"], state="sent", calls=1,
            reserved_at=now, sent_at=now, updated_at=now, provider_id=provider_id,
        )
    )  # fmt: skip
    session.execute(insert(journal), journal_rows(row["journey"], [(now, "message.sent", "loop", {})]))
