"""The report of an import for people: a summary, and a file in JSON, HTML or CSV."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from starter.cli.output import ExitCode, Failure
from starter.importing.reading import Export
from starter.importing.remarks import Place, Remark

Say = Callable[[str, str], str]
Columns = Sequence[tuple[str, str, str]]

MISSED: Final[Columns] = (
    ("title", "不再补办的事项", "missed item"), ("text", "原因", "reason"), ("count", "数量", "count"),
    ("statutory", "法定", "statutory"), ("first", "最早", "first"), ("last", "最晚", "last"),
)  # fmt: skip
STATUTORY: Final[Columns] = (
    ("unit", "房号", "unit"), ("title", "法定义务", "statutory duty"), ("legal_date", "法定日期", "legal date"),
    ("text", "现状", "standing"), ("met_on", "实际日期", "done on"),
)  # fmt: skip
SOON: Final[Columns] = (
    ("day", "将发生的日期", "day"), ("kind", "种类", "kind"), ("channel", "渠道", "channel"), ("role", "岗位", "post"),
    ("title", "事项", "item"), ("count", "数量", "count"),
)  # fmt: skip
KEPT: Final[Columns] = (
    ("title", "不会发出的消息", "message kept back"), ("text", "原因", "reason"), ("count", "数量", "count"),
)  # fmt: skip
REFUSED: Final[Columns] = (
    ("sheet", "工作表", "sheet"), ("row", "行", "row"), ("unit", "房号", "unit"),
    ("type", "不被采纳的事实", "refused fact"), ("text", "原因", "reason"),
)  # fmt: skip
ERRORS: Final[Columns] = (
    ("sheet", "工作表", "sheet"), ("row", "行", "row"), ("column", "列", "column"), ("rule", "规则", "rule"),
    ("words", "说明", "words"),
)  # fmt: skip
_PARTS: Final = (("missed", MISSED), ("statutory", STATUTORY), ("leaving", SOON), ("kept", KEPT), ("refused", REFUSED))
_SUFFIXES: Final = (".json", ".html", ".csv")
_STYLE: Final = (
    "body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;max-width:70rem;margin:2rem auto;"
    "padding:0 1rem;color:#222}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd}th{background:#f5f5f2}"
)


def check_target(path: Path | None) -> None:
    """Raise a usage Failure, before anything is done, for a file whose ending names no format."""
    if path is not None and path.suffix.lower() not in _SUFFIXES:
        raise Failure(
            "usage", f"--report 须以 {'、'.join(_SUFFIXES)} 结尾 / must end in one of them", exit_code=ExitCode.USAGE
        )


def write_report(path: Path, document: Mapping[str, Any], lang: str) -> None:
    """Write the whole report of an import in the format that the file's ending names."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    elif suffix == ".html":
        path.write_text(_html(document, lang), encoding="utf-8")
    else:
        path.write_text(_csv(document, lang), encoding="utf-8-sig", newline="")


def write_errors(path: Path, export: Export, errors: Iterable[Remark]) -> Path:
    """Write the rows at fault, each with what is wrong with it; for their owner only, as they hold personal data."""
    reasons: dict[Place, list[str]] = {}
    for error in errors:
        reasons.setdefault(error.place, []).append(f"{error.column}:{error.text_zh} / {error.text}")
    columns = list(export.headings)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["工作表", "行号", *(export.headings[column] for column in columns), "原因"])
        for row in export.rows:
            if faults := reasons.get(Place(row.number, row.sheet)):
                cells = [row.cells.get(column, "") for column in columns]
                writer.writerow([_inert(row.sheet), row.number, *map(_inert, cells), "; ".join(faults)])
    return path


def summary(project: Mapping[str, Any], say: Say) -> list[tuple[str, Any]]:
    """One project's outlook in a few lines."""
    missed = sum(group["count"] for group in project["missed"])
    return [
        (say("项目", "project"), project["project"]),
        (say("上线时刻", "go-live"), project["go_live_at"] or say("未设,以导入时刻为准", "none: the import's instant")),
        (say("户数(新)", "homes (new)"), f"{project['homes']} ({project['new']})"),
        (say("不再补办", "missed"), missed),
        (say("法定义务须查看", "statutory to look at"), len(project["statutory"])),
        (say("法定义务已按期履行", "statutory done in time"), project["statutory_met"]),
        (say("到此为止将发出消息", "messages that leave"), f"{project['messages']} (→ {project['until'][:10]})"),
        (say("到此为止将开启任务", "tasks that open"), f"{project['tasks']} (→ {project['until'][:10]})"),
    ]


def _html(document: Mapping[str, Any], lang: str) -> str:
    say: Say = (lambda zh, en: zh) if lang == "zh" else (lambda zh, en: en)
    heading = say("导入报告", "Import report") + (say("(试运行)", " (dry run)") if document["dry_run"] else "")
    words = (("started", "新启动"), ("told", "已有,补告"), ("failed", "有误"), ("batches", "批次"))
    body = [f"<h1>{heading}</h1>", f"<p>{escape(document['file'])}</p>"]
    body.append(_html_pairs([(say(zh, key), document[key]) for key, zh in words]))
    for project in document["outlook"]:
        body += [f"<h2>{escape(project['project'])}</h2>", _html_pairs(summary(project, say))]
        body += [_html_table(project[name], columns, say) for name, columns in _PARTS]
    body.append(_html_table(_worded(document["errors"], lang), ERRORS, say))
    head = f'<meta charset="utf-8"><title>{heading}</title><style>{_STYLE}</style>'
    lines = ["<!doctype html>", f'<html lang="{lang}"><head>{head}</head><body>', *filter(None, body), "</body></html>"]
    return "\n".join(lines) + "\n"


def _html_pairs(pairs: Iterable[tuple[str, Any]]) -> str:
    rows = (f"<tr><th>{escape(label)}</th><td>{escape(str(value))}</td></tr>" for label, value in pairs)
    return f"<table>{''.join(rows)}</table>"


def _html_table(rows: Sequence[Mapping[str, Any]], columns: Columns, say: Say) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{say(zh, en)}</th>" for _, zh, en in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(row.get(key), say))}</td>' for key, _, _ in columns)}</tr>\n" for row in rows
    )
    return f"<table><tr>{head}</tr>\n{body}</table>"


def _csv(document: Mapping[str, Any], lang: str) -> str:
    """One flat table: what part a line belongs to, then the columns of every part that has them."""
    say: Say = (lambda zh, en: zh) if lang == "zh" else (lambda zh, en: en)
    names = [
        "part",
        "project",
        "sheet",
        "row",
        "unit",
        "day",
        "rule",
        "title",
        "kind",
        "channel",
        "role",
        "count",
        "text",
    ]
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(names)
    for project in document["outlook"]:
        for part, _ in _PARTS:
            for row in project[part]:
                day = row.get("day") or row.get("legal_date") or row.get("first")
                flat = {**row, "part": part, "project": project["project"], "day": day}
                writer.writerow([_inert(_cell(flat.get(name), say)) for name in names])
    for row in _worded(document["errors"], lang):
        flat = {
            "part": "error",
            "sheet": row.get("sheet"),
            "row": row["row"],
            "title": row["column"],
            "rule": row["rule"],
            "text": row["words"],
        }
        writer.writerow([_inert(_cell(flat.get(name), say)) for name in names])
    return target.getvalue()


def _worded(errors: Iterable[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    return [{**error, "words": error["words_zh"] if lang == "zh" else error["words"]} for error in errors]


def _cell(value: Any, say: Say) -> str:
    if isinstance(value, bool):
        return say("是", "yes") if value else ""
    return "" if value is None else str(value)


def _inert(cell: str) -> str:
    # Spreadsheets run a cell that begins like a formula.
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
