"""An HTTP server on loopback that does what a test says: answer, hang up, drip, answer late or at length."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """Its form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Behaviour = Callable[["Line"], Awaitable[None]]


@dataclass
class Line:
    """One connection of a client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: list[Seen]

    async def read(self) -> Seen:
        """The whole request."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if value
        }
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.seen.append(Seen(method, parts.path, query, headers, body))
        return self.seen[-1]

    async def write(self, content: bytes) -> None:
        """Some bytes."""
        self.writer.write(content)
        await self.writer.drain()


@dataclass
class Provider:
    """The server: what it was sent, and how it behaves at each connection; the last behaviour stays."""

    behaviours: list[Behaviour]
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        behave = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            await behave(Line(reader, writer, self.seen))
        with suppress(OSError, ssl.SSLError):
            writer.close()


@asynccontextmanager
async def provider(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    """A server that lasts as long as the block."""
    served = Provider(list(behaviours))
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    served.url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
        await asyncio.sleep(0)


def answers(body: Any = b"", status: int = 200, **headers: str) -> Behaviour:
    """Answers; a document goes as JSON, header names are given with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def behave(line: Line) -> None:
        await line.read()
        await line.write(head(status, len(content), headers) + content)

    return behave


def head(status: int, length: int, headers: dict[str, str] | None = None) -> bytes:
    """The beginning of an answer."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def closes_before_reading(line: Line) -> None:
    """Hangs up at once."""


async def closes_after_reading(line: Line) -> None:
    """Takes the request and hangs up."""
    await line.read()


async def closes_within_the_answer(line: Line) -> None:
    """Promises more than it sends."""
    await line.read()
    await line.write(head(200, 500) + b'{"id": "half')


async def never_answers(line: Line) -> None:
    """Takes the request and thinks, longer than any test waits."""
    await line.read()
    await asyncio.sleep(600)


async def drips(line: Line) -> None:
    """A byte now and then: no pause is long, the whole is."""
    await line.read()
    await line.write(head(200, 100_000))
    for _ in range(30_000):
        await line.write(b" ")
        await asyncio.sleep(0.02)


async def is_endless(line: Line) -> None:
    """More than anybody asked for."""
    await line.read()
    await line.write(head(200, 1 << 30))
    for _ in range(64):
        await line.write(b'{"id": "' + b"x" * 65_536)


async def speaks_no_http(line: Line) -> None:
    """Something else listens there."""
    await line.read()
    await line.write(b"220 mail.example ESMTP\r\n")


def unreachable() -> str:
    """An address where nobody listens: the port is privileged and not in use."""
    return "http://127.0.0.1:1"


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server on loopback and for the client that trusts it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(["openssl", *options.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=certificate)
