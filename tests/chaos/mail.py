"""A real SMTP server that takes no keys, answers late at times, and at times hangs up after it took a message."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from random import Random

from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERED, LATE, TOO_LATE, HUNG_UP, REFUSED = "answered", "late", "too-late", "hung-up", "refused"
LATE_BY, TOO_LATE_BY = (0.5, 2.0), 6.0  # seconds; the channel waits four


@dataclass(slots=True)
class Mailroom:
    """What the server took: the Message-ID of every body that came in whole, and how it was answered."""

    rng: Random
    port: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a message, then answer as chance will have it."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message_id = str(message_from_bytes(content)["Message-ID"]).strip()
        how = self.rng.choices([ANSWERED, LATE, TOO_LATE, HUNG_UP, REFUSED], weights=[80, 8, 4, 5, 3])[0]
        if how == REFUSED:
            return "550 not here"
        self.taken.append((message_id, how))
        if how == LATE:
            await asyncio.sleep(self.rng.uniform(*LATE_BY))
        elif how == TOO_LATE:
            await asyncio.sleep(TOO_LATE_BY)
        elif how == HUNG_UP and server.transport is not None:
            server.transport.close()
        return "250 OK"

    def copies(self) -> dict[str, int]:
        """How often each Message-ID was taken."""
        found: dict[str, int] = {}
        for message_id, _ in self.taken:
            found[message_id] = found.get(message_id, 0) + 1
        return found


@asynccontextmanager
async def mailroom(seed: int) -> AsyncIterator[Mailroom]:
    """A server on a free port of this machine for the length of a block."""
    room = Mailroom(Random(f"mail/{seed}"))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(room, hostname="localhost", loop=loop, decode_data=False), "127.0.0.1", 0
    )
    room.port = server.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        server.close()
