"""What a command says: one JSON document or tables for people on stdout, notes on stderr, one exit code."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

Row: TypeAlias = Mapping[str, Any]

Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / exactly one JSON document on stdout")]


def _known_language(value: str) -> str:
    if value.lower().replace("_", "-").split("-")[0] not in ("zh", "en"):
        raise typer.BadParameter("只能是 zh 或 en / must be zh or en")
    return value


def one_of(*allowed: str) -> Callable[[str | None], str | None]:
    """A check of an option: one of these values, or none; any other is wrong usage, as it is for the API."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in allowed:
            raise typer.BadParameter(f"只能是 / must be one of: {', '.join(allowed)}")
        return value

    return check


Lang = Annotated[str, typer.Option("--lang", help="zh 或 en / zh or en", callback=_known_language)]
Where = Annotated[
    str, typer.Argument(metavar="ID|PROJECT/UNIT", help="旅程编号,或 项目/房号 / journey id, or PROJECT/UNIT")
]


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    CONFLICT = 5
    PARTLY = 6


class Failure(Exception):
    """The command ends here: a stable code, words for people, the fields at fault, the exit code."""

    def __init__(
        self, code: str, text: str, *, exit_code: ExitCode = ExitCode.FAILED, errors: Sequence[Any] = ()
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.exit_code = exit_code
        self.errors = list(errors)
        self.problem: dict[str, Any] = {}  # the API's own words, when it was the one that refused

    def document(self) -> dict[str, Any]:
        """Return the JSON document of the error."""
        return {"error": {"code": self.code, "text": self.text, "errors": self.errors}}


class Output:
    """Where one command writes to."""

    def __init__(self, as_json: bool, lang: str) -> None:
        self.as_json = as_json
        self.lang = "en" if lang.lower().startswith("en") else "zh"

    def say(self, zh: str, en: str) -> str:
        """Return the words in the chosen language."""
        return en if self.lang == "en" else zh

    def word(self, column: str, value: Any) -> Any:
        """A code of a column as people read it in the chosen language."""
        from journey.domain.labels import in_words

        return in_words(column, value, self.lang)

    def note(self, zh: str, en: str) -> None:
        """Write a remark to stderr, where it never disturbs what a script reads."""
        print(self.say(zh, en), file=sys.stderr, flush=True)

    def line(self, zh: str, en: str) -> None:
        """Write a line of the answer to stdout: the title of a table, the path of a page."""
        print(self.say(zh, en), flush=True)

    def document(self, value: Any) -> None:
        """Write the one JSON document of the command."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def show(self, value: Any, lines: Iterable[tuple[str, Any]]) -> None:
        """Write `value` as JSON, or `lines` as label and value for people."""
        if self.as_json:
            self.document(value)
            return
        from rich.table import Table

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for label, each in lines:
            table.add_row(label, cell(each))
        console().print(table)

    def table(self, value: Any, rows: Sequence[Row], columns: Sequence[tuple[str, str, str]]) -> None:
        """Write `value` as JSON, or `rows` as a table of the columns (key, 中文, English) that any row fills."""
        if self.as_json:
            self.document(value)
            return
        if not rows:
            self.note("没有记录。", "Nothing here.")
            return
        from rich.table import Table

        table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
        filled = [each for each in columns if any(row.get(each[0]) not in (None, "", []) for row in rows)]
        for _, zh, en in filled:
            table.add_column(self.say(zh, en), overflow="fold")
        for row in rows:
            table.add_row(*(cell(self.word(key, row.get(key))) for key, _, _ in filled))
        console().print(table)


def keep(path: Path, content: bytes) -> None:
    """Write a file that may hold names and addresses: for its owner only, in a folder that is made; `Failure`."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Let what keeps a file from being written end the command as a `Failure` that names it."""
    try:
        yield
    except OSError as error:
        raise Failure("bad-file", f"写不了 {path} / cannot write {path}: {error.strerror}") from error


def show_verdict(answer: Mapping[str, Any], out: Output) -> int:
    """Say how an event was judged, and why; a refused one fails the command."""
    verdict, reason = answer.get("verdict"), answer.get("reason") or {}
    why = [(out.say("原因", "reason"), reason["text"])] if reason.get("text") else []
    out.show(answer, [(out.say("结论", "verdict"), out.word("verdict", verdict)), *why])
    return ExitCode.FAILED if verdict == "refused" else ExitCode.OK


def console() -> Any:
    """Where tables and headings for people go."""
    from rich.console import Console

    # Piped tables are read by programs: they must not be folded to eighty columns.
    return Console() if sys.stdout.isatty() else Console(width=240)


def cell(value: Any) -> str:
    """A value as a table for people has it."""
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(cell(each) for each in value)
    if isinstance(value, dict):
        return escape(str(value.get("text") or value.get("name") or json.dumps(value, ensure_ascii=False)))
    return escape(str(value))
