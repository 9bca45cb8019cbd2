"""A post's work list as a file, and the results that somebody wrote into it: read row by row. CSV or XLSX."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any, Final

from journey.domain.values import ItemKind
from starter.exporting import Columns as Shown
from starter.importing.reading import read_day
from starter.importing.remarks import Place, Remark, remark
from starter.sheets import Columns, Line, plain

# What is read stands before what people fill in; `attempts` says which attempt a result is of.
FILE: Final[Shown] = (
    ("id", "任务编号", "task"), ("project", "项目", "project"), ("batch", "批次", "batch"), ("unit", "房号", "unit"),
    ("title", "事项", "item"), ("kind", "种类", "kind"), ("role", "岗位", "role"), ("due", "到期", "due"),
    ("state", "状态", "state"), ("claimed_by", "认领人", "claimed by"), ("attempts", "已办次数", "attempts"),
    ("units", "涉及各户", "homes"), ("outcome", "结果", "outcome"), ("reached", "是否接通", "reached"),
    ("satisfied", "是否满意", "satisfied"), ("at", "办理时间", "done at"), ("by", "办理人", "done by"),
    ("photo", "照片", "photo"), ("notes", "备注", "notes"),
)  # fmt: skip
_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("编号", "任务", "id", "task id"), "outcome": ("办理结果", "result"), "at": ("时间", "日期", "at", "on"),
    "by": ("经办人", "处理人", "by"), "notes": ("说明", "remark", "remarks", "note"), "units": ("各户", "units"),
    "reached": ("接通", "是否联系上"), "satisfied": ("满意",),
}  # fmt: skip
_COLUMNS: Final = Columns({key: (zh, en, *_MORE.get(key, ())) for key, zh, en in FILE})
_FILLED: Final = ("outcome", "reached", "satisfied", "notes", "photo")
_OUTCOMES: Final[Mapping[str, Sequence[str]]] = {
    "done": ("done", "完成", "已完成", "已办", "办结"),
    "not-reached": ("notreached", "未接通", "未联系上", "无人接听", "未见到"),
    "refused": ("refused", "拒绝", "业主拒绝", "拒绝办理"),
}
_YES: Final = ("是", "yes", "y", "true", "1", "√", "接通", "满意")
_NO: Final = ("否", "no", "n", "false", "0", "×", "未接通", "不满意")
_BY_OUTCOME: Final = {plain(word): outcome for outcome, words in _OUTCOMES.items() for word in words}
_BY_ANSWER: Final = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_SEVERAL: Final = re.compile(r"[、,,;;\s]+")
_NOON: Final = time(12)


@dataclass(slots=True)
class Written:
    """What a row says became of its task; `attempts` is how often it had been tried when the file was made."""

    row: int
    task: str
    attempts: int | None
    said: dict[str, Any] = field(default_factory=dict)


def rows_of(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tasks as rows of the file: a call about several homes names them, to be cut down to those that it reached."""
    return [{**task, "units": "、".join(home["unit"] for home in task.get("homes", ()))} for task in tasks]


def read_results(content: bytes) -> tuple[list[Written], list[Remark]]:
    """What a file says, row by row, and what is wrong with it; rows without a result are left out.

    InvalidInput for a file without its columns, UnreadableExport for one that is no table.
    """
    found, errors = [], []
    for line in _COLUMNS.lines(content, ("id", "outcome", "by"), key="id"):
        if not any(line.cells.get(name) for name in _FILLED):
            continue
        written, wrong = _read(line)
        errors += wrong
        if not wrong:
            found.append(written)
    again = {one.task for one in found if sum(other.task == one.task for other in found) > 1}
    errors += [remark(Place(one.row), _heading("id"), "twice") for one in found if one.task in again]
    return [one for one in found if one.task not in again], errors


def result_of(written: Written, task: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], list[Remark]]:
    """The body of the result of a task, and what this kind of task lacks. The same row makes the same body."""
    said = dict(written.said)
    attempts = task["attempts"] if written.attempts is None else written.attempts
    body: dict[str, Any] = {"id": f"{written.task}:{attempts + 1}", **said}
    wrong = []
    if "at" in said:
        at, rule = _instant(said["at"], datetime.fromisoformat(task["due"]).tzinfo if task.get("due") else None, now)
        wrong += [rule] if rule else []
        body = {**body, "at": at} if at else {name: value for name, value in body.items() if name != "at"}
    if task["kind"] == ItemKind.CALL:
        wrong += _reach(body)
    elif "outcome" not in body:
        wrong.append(("outcome", "required"))
    if not task.get("homes") or body.get("reached") is False:
        body.pop("units", None)
    return body, [remark(Place(written.row), _heading(name), code) for name, code in wrong]


def moved_on(written: Written, task: Mapping[str, Any]) -> bool:
    """Whether the task has had this result, or another one, since the file was made."""
    return bool(task.get("closed_at")) or (written.attempts is not None and task["attempts"] > written.attempts)


def _read(line: Line) -> tuple[Written, list[Remark]]:
    cells, wrong = line.cells, []
    written = Written(line.row, cells["id"], None)
    for name, read in _READ.items():
        if name in cells:
            value = read(cells[name])
            if value is None:
                wrong.append((name, *_RULES[name]))
            else:
                written.said[name] = value
    if "by" not in cells:
        wrong.append(("by", "required", ""))
    attempts = written.said.pop("attempts", None)
    written.attempts = attempts
    photos = written.said.pop("photo", None)
    if photos:
        written.said["evidence"] = [{"photo": one} for one in photos]
    return written, [remark(Place(line.row), _heading(name), rule, allowed=allowed) for name, rule, allowed in wrong]


def _reach(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Of a call it is told whether anybody was reached; its outcome says so where its column is empty."""
    outcome = body.pop("outcome", None)
    if "reached" not in body and outcome is not None:
        body["reached"] = outcome != "not-reached"
    if outcome == "refused":
        body["outcome"] = outcome
    if "reached" not in body:
        return [("reached", "required")]
    contradicts = outcome is not None and body["reached"] == (outcome == "not-reached")
    return [("outcome", "wrong-outcome")] if contradicts else []


def _instant(told: str, zone: tzinfo | None, now: datetime) -> tuple[str | None, tuple[str, str] | None]:
    """The instant of a cell; a bare day is its noon, and today is when it is told."""
    try:
        moment = datetime.fromisoformat(told)
        if "T" in told or ":" in told:
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat(), None
    except ValueError:
        pass
    day = read_day(told)
    if day is None:
        return None, ("at", "not-a-date")
    today: date = now.astimezone(zone).date()
    if day > today:
        return None, ("at", "not-yet")
    return (None if day == today else datetime.combine(day, _NOON, zone).isoformat()), None


def _yes_or_no(cell: str) -> bool | None:
    return _BY_ANSWER.get(cell.strip().lower())


def _outcome(cell: str) -> str | None:
    return _BY_OUTCOME.get(plain(cell))


def _number(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 4 else None


def _several(cell: str) -> list[str]:
    return [one for one in _SEVERAL.split(cell) if one]


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "attempts": _number, "outcome": _outcome, "reached": _yes_or_no, "satisfied": _yes_or_no, "at": str, "by": str,
    "notes": str, "units": _several, "photo": _several,
}  # fmt: skip
_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "attempts": ("not-a-number", ""), "outcome": ("unknown-value", ", ".join(_OUTCOMES)),
    "reached": ("unknown-value", "是, 否"), "satisfied": ("unknown-value", "是, 否"),
}  # fmt: skip
_NAMES: Final = {key: f"{zh} {en}" for key, zh, en in FILE}


def _heading(name: str) -> str:
    return _NAMES[name]
