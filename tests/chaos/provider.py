"""A provider in a process of its own, which counts whom it contacted; and the channel that calls it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from journey.adapters.channels import Delivery, Outgoing, PermanentFailure, UnknownOutcome
from starter.processes import die_with_parent

REFUSED, HANGS_UP = 0.005, 0.01  # shares of calls: an error in the body of a good answer, and no answer after taking it
LATENCY: Final = (0.0, 0.02)  # seconds


def serve_provider(port: int, takes_keys: bool, seed: int, contacts: str) -> None:
    """Answer until killed; each contact that is made is a line of the file `contacts`: the recipient, then the key."""
    die_with_parent()
    asyncio.run(_Provider(takes_keys, Random(seed), Path(contacts)).serve(port))


class _Provider:
    def __init__(self, takes_keys: bool, rng: Random, contacts: Path) -> None:
        self._takes_keys = takes_keys
        self._rng = rng
        self._contacts = contacts.open("a", encoding="utf-8", buffering=1)
        self._known: set[str] = set()

    async def serve(self, port: int) -> None:
        """Until killed."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", port, backlog=500)
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if not line:  # the caller was killed before it had asked
            writer.close()
            return
        asked = json.loads(line)
        await asyncio.sleep(self._rng.uniform(*LATENCY))
        if Random(asked["to"]).random() < REFUSED:  # the same numbers at every call
            answer = {"code": "isv.MOBILE_NUMBER_ILLEGAL"}
        else:
            self._contact(asked["key"], asked["to"])
            answer = {"code": "OK", "id": f"p-{len(self._known)}"}
            if self._rng.random() < HANGS_UP:
                writer.close()
                return
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    def _contact(self, key: str, to: str) -> None:
        if self._takes_keys and key in self._known:
            return  # a key that is known contacts nobody again
        self._known.add(key)
        self._contacts.write(f"{to} {key}\n")


@dataclass(frozen=True, slots=True)
class LoopbackChannel:
    """Text messages by the provider of this machine."""

    port: int
    takes_keys: bool
    name: str = "sms"
    provider: str = "loopback"
    needs_template: bool = False
    timeout: timedelta = timedelta(seconds=5)

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Ask the provider; an answer of which the body says no is a refusal, no answer at all a doubt."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(json.dumps({"key": outgoing.key, "to": outgoing.to}).encode() + b"\n")
            line = await reader.readline()
            writer.close()
        except OSError:
            raise UnknownOutcome("connection") from None
        if not line:
            raise UnknownOutcome("hung-up")
        answer = json.loads(line)
        if answer["code"] != "OK":
            raise PermanentFailure(answer["code"])
        return Delivery(state="sent", provider_id=answer["id"])
