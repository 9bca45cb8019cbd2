"""Two hundred homes, those who tell their facts, and a staff that answers most of its tasks."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from tests.chaos.policy import PACK

PROJECT = "XN"
AGAIN = (0.2, 0.8)  # seconds before a client asks again
ANSWERS = 6.0  # seconds a client waits for one
KEYED = 50
STILL_RUNNING = "still running"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with the seconds after the start of its life at which it happened and at which it is told."""

    happens: float
    told: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Life:
    """What will be told of one home."""

    start: Mapping[str, Any]
    facts: tuple[Fact, ...]

    @property
    def name(self) -> str:
        """The home as the API takes it."""
        return f"{PROJECT}/{self.start['unit']}"


@dataclass(slots=True)
class Told:
    """What the clients saw: events accepted, by home; how often they had to ask again; what nobody expected."""

    accepted: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # home: (source, id)
    repeats: int = 0
    doubled: int = 0
    surprises: list[str] = field(default_factory=list)


class Client:
    """Asks until there is an answer: a broken connection, silence and 5xx mean that nothing is known."""

    def __init__(self, http: httpx2.AsyncClient, told: Told, rng: Random) -> None:
        self._http = http
        self._told = told
        self._rng = rng

    async def post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        """The answer to a POST; None when it was refused for good, which is noted as a surprise."""
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            answer = await self._try("POST", path, json=body, headers=headers)
            if answer is None or answer.status_code >= 500 or STILL_RUNNING in answer.text:
                await self._pause()
            elif answer.is_success or (answer.status_code == 409 and answer.json().get("existing")):
                return answer.json()
            else:
                self._told.surprises.append(f"POST {path} {body.get('type', '')}: {answer.status_code} {answer.text}")
                return None

    async def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET, None while there is none."""
        answer = await self._try("GET", path, params=query)
        return answer.json() if answer is not None and answer.is_success else None

    async def _try(self, method: str, path: str, **more: Any) -> httpx2.Response | None:
        try:
            return await self._http.request(method, path, **more)
        except httpx2.TransportError:
            return None

    async def _pause(self) -> None:
        self._told.repeats += 1
        await asyncio.sleep(self._rng.uniform(*AGAIN))


def midday(now: datetime) -> ZoneInfo:
    """A zone in which it is about noon now: no day ends while these lives run, at whatever hour that is."""
    return ZoneInfo(f"Etc/GMT{now.astimezone(UTC).hour - 12:+d}")  # these names count westward


def project(zone: ZoneInfo) -> Mapping[str, Any]:
    """The project of all these homes."""
    return {"code": PROJECT, "name": "香年", "city": "成都", "pack": PACK, "zone": zone.key}


def compose(number: int, rng: Random, now: datetime) -> Life:
    """One life that starts now, an instant on its project's clock."""
    facts = tuple(sorted(_facts(rng, now, number), key=lambda fact: fact.told))
    first = _event("s", "subscription.signed", now, on=_day(now))
    start = {
        "project": PROJECT,
        "unit": f"{number % 7 + 1}-{number}",
        "owners": list(_owners(number, rng)),
        "facts": [first],
        "external_id": f"CRM-{number}",
    }
    return Life(start, facts)


def _owners(number: int, rng: Random) -> Iterator[dict[str, Any]]:
    reached = {"email": f"owner{number}@example.com"} if rng.random() < 0.4 else {"phone": f"138{number:08d}"}
    yield {"ref": f"own{number}", "name": "张伟", "consents": ["care"], **reached}
    if rng.random() < 0.2:
        yield {"ref": f"own{number}b", "name": "李娜", "email": f"second{number}@example.com"}


def _facts(rng: Random, now: datetime, number: int) -> Iterator[Fact]:
    def fact(key: str, kind: str, happens: float, *, person: str | None = None, **data: Any) -> Fact:
        at = now + timedelta(seconds=happens)
        return Fact(happens, happens + rng.uniform(0, 4), _event(key, kind, at, person=person, **data))

    on = _day(now)
    promised = (now.date() + timedelta(days=30)).isoformat()
    if rng.random() < 0.04:
        yield fact("x", "subscription.cancelled", 5, on=on, reason="改变主意")
        return
    yield fact("c", "contract.signed", 3, on=on, contract_handover_date=promised)
    if rng.random() < 0.7:
        yield fact("f", "contract.filed", rng.uniform(5, 9), on=on)
    if rng.random() < 0.04:
        yield fact("x", "contract.cancelled", 12, on=on, reason="退房")
        return
    yield fact("h", "handover.accepted", 8, on=on)
    if rng.random() < 0.2:
        later = (now.date() + timedelta(days=60)).isoformat()
        yield fact("cc", "event.corrected", 10, event_id="c", reason="录入有误", data={"contract_handover_date": later})
    if rng.random() < 0.5:
        yield fact("m", "moved_in", 12, on=on)
        if rng.random() < 0.4:
            yield fact("mv", "event.voided", 14, event_id="m", reason="误报")
    if rng.random() < 0.4:
        yield fact(
            "d", "defect.reported", rng.uniform(18, 30),
            category="plumbing", component="plumbing", severity="general", text="水管渗水",
        )  # fmt: skip
    if rng.random() < 0.1:
        # The handover that everything stands on was told for the wrong home; the right one follows.
        yield fact("hv", "event.voided", rng.uniform(15, 25), event_id="h", reason="录错房号")
        yield fact("h2", "handover.accepted", 27, on=on)
    owner = f"own{number}"
    if rng.random() < 0.15:
        yield fact("p", "contact.changed", rng.uniform(4, 20), person=owner, channel="phone", address="13900139000")
    if rng.random() < 0.1:
        yield fact("hp", "hold.placed", 9, scope="all", how="mute", reason="业主要求")
        yield fact("hr", "hold.released", 22, scope="all", how="mute", reason="已沟通")


def _event(key: str, kind: str, at: datetime, *, person: str | None = None, **data: Any) -> dict[str, Any]:
    event = {"id": key, "source": "crm", "type": kind, "occurred_at": at.isoformat(), "data": data}
    return event | ({"person": person} if person else {})


def _day(now: datetime) -> str:
    return now.date().isoformat()


async def live(client: Client, told: Told, number: int, rng: Random, after: float, zone: ZoneInfo) -> None:
    """Begin a life after a while and tell its facts, some of them twice, none of them in a given order."""
    await asyncio.sleep(after)
    life = compose(number, rng, datetime.now(zone))
    # A key whose first request died is free again after a minute, so only the first homes use one.
    key = f"start-{number}" if number % 5 == 0 and number < KEYED else None
    started = await client.post("/v1/journeys", life.start, key)
    if started is not None:
        told.accepted.setdefault(life.name, set()).add(("crm", "s"))
    await asyncio.gather(*(_tell(client, told, life, fact, rng) for fact in life.facts))


async def _tell(client: Client, told: Told, life: Life, fact: Fact, rng: Random) -> None:
    await asyncio.sleep(fact.told)
    times = 2 if rng.random() < 0.15 else 1
    told.doubled += times - 1
    path = f"/v1/journeys/{life.name}/events"
    answers = await asyncio.gather(*(client.post(path, fact.body) for _ in range(times)))
    if all(answer is not None for answer in answers):
        told.accepted.setdefault(life.name, set()).add(("crm", str(fact.body["id"])))


class Staff:
    """Looks at the open tasks every second and tells a result of most of them, a while after each opened.

    Three homes in ten are neglected: half of their tasks are never answered and go up the ladder.
    """

    def __init__(self, client: Client, told: Told, seed: int) -> None:
        self._client = client
        self._told = told
        self._seed = seed
        self._seen: set[str] = set()
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether results are still to be told."""
        return bool(self._answering)

    async def work(self) -> None:
        """Until cancelled; results that are on their way then are dropped."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(1)
        finally:
            answering = list(self._answering)
            for each in answering:
                each.cancel()
            await asyncio.gather(*answering, return_exceptions=True)

    async def _look(self) -> None:
        cursor: str | None = None
        while True:
            query = {"state": "open", "limit": 200} | ({"cursor": cursor} if cursor else {})
            page = await self._client.get("/v1/tasks", **query)
            if page is None:
                return
            for task in page["data"]:
                if task["id"] not in self._seen:
                    self._seen.add(task["id"])
                    self._take(task)
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _take(self, task: Mapping[str, Any]) -> None:
        neglected = Random(f"{self._seed}/{task['unit']}").random() < 0.3
        rng = Random(f"{self._seed}/{task['unit']}/{task['item']}/{task['key'].rsplit('/', 1)[-1]}")
        if rng.random() < (0.5 if neglected else 0.03):
            return
        answering = asyncio.create_task(self._answer(task, f"{PROJECT}/{task['unit']}", rng))
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)

    async def _answer(self, task: Mapping[str, Any], home: str, rng: Random) -> None:
        await asyncio.sleep(rng.uniform(0, 5))
        body: dict[str, Any] = {"id": f"result-{task['id']}", "by": "stf_1", "at": datetime.now(UTC).isoformat()}
        body |= {"reached": rng.random() < 0.9} if task["kind"] == "call" else {"outcome": "done"}
        for _ in range(2 if rng.random() < 0.15 else 1):
            if await self._client.post(f"/v1/tasks/{task['id']}/result", body) is None:
                return
        self._told.accepted.setdefault(home, set()).add(("", body["id"]))
