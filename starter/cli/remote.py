"""The REST API as the commands see it: where it is, which key opens it, what its refusals mean here."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2

from journey.settings import Settings
from starter.cli.output import ExitCode, Failure, Output

_EXITS: Final = {
    401: ExitCode.NOT_ALLOWED,
    403: ExitCode.NOT_ALLOWED,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
}
_PAGE: Final = 100


class Remote:
    """A connection to the REST API; refusals are raised as `Failure` with the exit code they deserve."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        lang: str = "zh",
        timeout: float = 30.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en" if lang == "en" else "zh-CN"}
        self._http = httpx2.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout, transport=transport, trust_env=False
        )

    @classmethod
    def open(cls, out: Output, home: Path | None = None, *, timeout: float = 30.0) -> Self:
        """Find the API by JOURNEY_URL and JOURNEY_API_KEY, else by `client.toml` of the home."""
        settings = Settings()
        url, key = settings.url, settings.api_key.get_secret_value() if settings.api_key else None
        if not (url and key):
            known = _client_file((home or settings.home) / "client.toml", out)
            url, key = url or known.get("url"), key or known.get("key")
        if not url or not key:
            raise _unknown_address(out, home or settings.home)
        return cls(url, key, lang=out.lang, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Return the body of a page."""
        return self.call("GET", path, query={key: value for key, value in query.items() if value is not None})

    def post(self, path: str, body: Any) -> Any:
        """Send a body and return the answer's."""
        return self.call("POST", path, body=body)

    def upload(self, path: str, content: bytes, **query: Any) -> Any:
        """Send a CSV file and return the answer's body."""
        given = {key: value for key, value in query.items() if value is not None}
        return self.call("POST", path, query=given, content=content)

    def download(self, path: str, **query: Any) -> bytes:
        """Return a file."""
        given = {key: value for key, value in query.items() if value is not None}
        return self._answer("GET", path, query=given).content

    def pages(self, path: str, *, size: int = _PAGE, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every row of a list, read `size` at a time."""
        cursor = None
        while True:
            page = self.get(path, limit=size, cursor=cursor, **query)
            yield from page["data"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
    ) -> Any:
        """Call the API once and return the decoded body; raises `Failure` for anything but success."""
        answer = self._answer(method, path, query=query, body=body, content=content)
        return answer.json() if answer.content else {}

    def _answer(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        try:
            headers = {"Content-Type": "text/csv"} if content is not None else {}
            answer = self._http.request(method, path, params=query, json=body, content=content, headers=headers)
        except httpx2.TransportError as error:
            raise Failure(
                "unreachable",
                f"接口 {self._http.base_url} 无应答 / the API does not answer: {error or type(error).__name__}",
            ) from error
        if not answer.is_success:
            raise refusal(answer)
        return answer


def path_of(kind: str, id: str, *rest: str) -> str:
    """Return a path of the API with the id escaped; a journey may be named PROJECT/UNIT, slash and all."""
    return "/".join(("/v1", kind, quote(id, safe="/" if kind == "journeys" else ""), *rest))


def refusal(answer: httpx2.Response) -> Failure:
    """Turn a problem document into the failure of a command."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    text = problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}"
    failure = Failure(
        problem.get("code") or f"http-{answer.status_code}",
        str(text),
        exit_code=_EXITS.get(answer.status_code, ExitCode.FAILED),
        errors=problem.get("errors") or [],
    )
    failure.problem = problem
    return failure


def evidence_of(api: Remote, file: Path) -> str:
    """The hash of a file that the API has taken as evidence; a refusal names the file."""
    try:
        return str(api.upload("/v1/evidence", file.read_bytes())["hash"])
    except Failure as failure:
        words = f"{file.name}: {failure.text}"
        raise Failure(failure.code, words, exit_code=failure.exit_code, errors=failure.errors) from failure


def _client_file(path: Path, out: Output) -> dict[str, str]:
    try:
        return {key: str(value) for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Failure(
            "bad-client-file", out.say(f"读不了 {path}:{error}", f"{path} cannot be read: {error}")
        ) from error


def _unknown_address(out: Output, home: Path) -> Failure:
    return Failure(
        "no-address",
        out.say(
            f"不知道接口在哪里({home} 中没有 client.toml):请先运行 `journey up`,"
            "或设置 JOURNEY_URL 和 JOURNEY_API_KEY。",
            f"Nobody said where the API is, and {home} has no client.toml: "
            "run `journey up` first, or set JOURNEY_URL and JOURNEY_API_KEY.",
        ),
    )
