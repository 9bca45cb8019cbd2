"""The report of an import as files and for people, in both languages."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.output import Failure
from starter.importing.reporting import check_target, summary, write_report

OUTLOOK: dict[str, Any] = {
    "project": "YQ",
    "go_live_at": "2026-11-23T09:00:00+08:00",
    "until": "2026-12-07T09:00:00+08:00",
    "homes": 2,
    "new": 1,
    "missed": [
        {"rule": "signing.filing", "title": "合同备案", "reason": "before-go-live", "text": "早于上线", "count": 2,
         "statutory": True, "first": "2019-04-09", "last": "2020-01-02"},
    ],
    "statutory": [
        {"row": 3, "unit": "3-1-103", "rule": "signing.filing", "title": "合同备案", "legal_date": "2019-04-09",
         "standing": "missed", "text": "法定期限已过", "met_on": None},
    ],
    "statutory_met": 1,
    "leaving": [
        {"day": "2026-11-24", "kind": "message", "channel": "sms", "role": None, "rule": "warranty.expiry-notice",
         "title": "保修到期告知", "count": 4},
    ],
    "messages": 4,
    "tasks": 0,
    "kept": [],
    "refused": [{"row": 4, "unit": "=1+1", "type": "contract.signed", "reason": "future", "text": "<b>"}],
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "file": "台账.csv", "dry_run": True, "started": 1, "told": 1, "failed": 1, "batches": 1, "outlook": [OUTLOOK],
    "errors": [{"row": 2, "column": "手机号", "rule": "not-a-phone", "words": "is no phone", "words_zh": "不是电话"}],
}  # fmt: skip


def test_json_is_the_whole_report(tmp_path: Path) -> None:
    write_report(tmp_path / "out.json", DOCUMENT, "zh")

    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == DOCUMENT


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["导入报告", "法定日期", "不是电话"]), ("en", ["Import report", "legal date", "is no phone"])],
)
def test_html_shows_every_part_in_the_reader_s_language_and_escapes_what_was_told(
    tmp_path: Path, lang: str, words: list[str]
) -> None:
    write_report(tmp_path / "out.html", DOCUMENT, lang)

    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert [word for word in [*words, "3-1-103", "2019-04-09", "2026-11-24", "sms"] if word not in page] == []
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_csv_has_a_line_for_each_thing_and_no_cell_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    write_report(tmp_path / "out.csv", DOCUMENT, "zh")

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["part"], line["unit"], line["day"]) for line in lines] == [
        ("missed", "", "2019-04-09"),
        ("statutory", "3-1-103", "2019-04-09"),
        ("leaving", "", "2026-11-24"),
        ("refused", "'=1+1", ""),
        ("error", "", ""),
    ]


def test_a_file_of_no_known_format_is_refused_before_anything_is_done() -> None:
    with pytest.raises(Failure, match="must end in one of them"):
        check_target(Path("out.docx"))


def test_the_summary_counts_what_is_missed_what_is_statutory_and_what_leaves() -> None:
    lines = dict(summary(OUTLOOK, lambda zh, en: en))

    assert lines["missed"] == 2
    assert lines["statutory to look at"] == 1
    assert lines["messages that leave"] == "4 (→ 2026-12-07)"
