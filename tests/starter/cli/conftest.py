"""A loopback API that answers as told and remembers what it was asked."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest


class LoopbackApi:
    """Answers `METHOD /path` with what `answers` holds, else 404; `asked` keeps method, path, headers and body."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(size) if size else b""
                is_json = "json" in self.headers.get("content-type", "")
                body = json.loads(raw) if raw and is_json else raw or None
                what = f"{self.command} {self.path.split('?')[0]}"
                api.asked.append((f"{self.command} {self.path}", dict(self.headers), body))
                status, document = api.answers.get(what, (404, {"code": "not-found", "detail": "nothing here"}))
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815  # the names that the standard library calls

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackApi]:
    server = LoopbackApi()
    monkeypatch.setenv("JOURNEY_URL", server.url)
    monkeypatch.setenv("JOURNEY_API_KEY", "jo_live_test")
    yield server
    server.close()
