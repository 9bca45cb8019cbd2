"""A sales system's export becomes journeys; dirty rows are named, and repeating changes nothing."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from starter.cli.output import Failure
from starter.importing import ExportFile, Project, Report, import_export
from starter.importing.reading import UnreadableExport
from starter.importing.remarks import Place
from tests.starter.importing.fakes import RecordingApi

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
XN = Project("XN", "香年", "成都")
HEADING = "楼栋,房号,客户编号,客户姓名,手机号,合同编号,认购日期,签约日期,备案日期,合同交付日期,竣工验收日期,交付日期"
CLEAN = "3栋,3-1-1202,C1,张伟,13800138000,HT-1,2026-02-01,2026-02-10,2026-02-20,2026-06-30,2026-05-30,"


def load(
    folder: Path,
    *rows: str,
    api: RecordingApi,
    encoding: str = "utf-8-sig",
    heading: str = HEADING,
    now: datetime = NOW,
) -> Report:
    path = folder / "export.csv"
    path.write_bytes("\r\n".join([heading, *rows]).encode(encoding))
    return import_export(ExportFile.read(path), api, XN, errors_file=folder / "errors.csv", now=now)


def row(**cells: str) -> str:
    given = dict(zip(HEADING.split(","), CLEAN.split(","), strict=True)) | cells
    return ",".join(given.values())


def test_a_row_becomes_a_journey_with_its_owner_and_its_facts(tmp_path: Path) -> None:
    api = RecordingApi()

    report = load(tmp_path, CLEAN, api=api)

    journey = api.journeys["jrn_3-1-1202"]
    assert (report.started, report.failed) == (1, [])
    assert journey["owners"] == ({"ref": "C1", "name": "张伟", "phone": "+8613800138000"},)
    assert [fact["type"] for fact in journey["facts"]] == ["subscription.signed", "contract.signed", "contract.filed"]
    assert journey["facts"][1]["id"] == "import:HT-1:contract.signed"
    assert journey["facts"][1]["data"] == {
        "on": "2026-02-10",
        "contract_handover_date": "2026-06-30",
        "contract_no": "HT-1",
    }


def test_the_dates_of_a_building_plan_its_batch(tmp_path: Path) -> None:
    api = RecordingApi()

    report = load(tmp_path, CLEAN, row(房号="3-1-1203"), row(房号="3-1-1204", 合同交付日期="2026-07-31"), api=api)

    (batch,) = [event for (target, _), event in api.events.items() if target == "XN"]
    assert report.batches == 1
    assert batch["data"]["batch"] == "3"
    assert batch["data"]["contract_handover_date"] == "2026-06-30"
    assert batch["data"]["completion_accepted_on"] == "2026-05-30"


def test_repeating_an_import_changes_nothing(tmp_path: Path) -> None:
    api = RecordingApi()
    load(tmp_path, CLEAN, api=api)
    before = (dict(api.journeys), dict(api.events))

    again = load(tmp_path, CLEAN, api=api)

    assert (api.journeys, api.events) == before
    assert [each.action for each in again.outcomes] == ["told"]
    assert again.errors == []


def test_dates_that_go_back_to_an_earlier_export_are_named_as_not_taken(tmp_path: Path) -> None:
    api = RecordingApi()
    later = row(合同交付日期="2026-07-31")
    reports = [
        load(tmp_path, line, api=api, now=now)
        for line, now in ((CLEAN, NOW), (later, NOW + DAY), (later, NOW + 2 * DAY), (CLEAN, NOW + 3 * DAY))
    ]

    remarks = [[(each.rule, each.line("en")) for each in report.warnings] for report in reports]
    assert remarks[:3] == [[], [], []]
    ((rule, text),) = remarks[3]
    assert rule == "batch-stands-otherwise"
    assert "contract_handover_date 2026-07-31" in text
    assert "the file says handover_from 2026-06-30" in text


def test_a_newer_export_tells_the_new_facts_to_the_home_that_is_there(tmp_path: Path) -> None:
    api = RecordingApi()
    load(tmp_path, CLEAN, api=api)

    load(tmp_path, row(交付日期="2026-06-28"), api=api)

    assert ("jrn_3-1-1202", "import:HT-1:handover.accepted") in api.events


def test_facts_of_one_sale_are_not_told_to_another_owner_of_the_home(tmp_path: Path) -> None:
    api = RecordingApi()
    load(tmp_path, CLEAN, api=api)

    report = load(tmp_path, row(客户编号="C2", 合同编号="HT-2"), api=api)

    assert [each.rule for each in report.errors] == ["other-owner"]
    assert not any("HT-2" in event for _, event in api.events)


def test_a_fact_that_changed_is_reported_and_not_told_again(tmp_path: Path) -> None:
    api = RecordingApi()
    load(tmp_path, CLEAN, api=api)

    report = load(tmp_path, row(签约日期="2026-02-11"), api=api)

    assert report.failed == [Place(2)]
    assert api.events["jrn_3-1-1202", "import:HT-1:contract.signed"]["data"]["on"] == "2026-02-10"


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"手机号": "1380013"}, "手机号", "not-a-phone"),
        ({"签约日期": "2026-02-30"}, "签约日期", "not-a-date"),
        ({"客户姓名": ""}, "客户姓名", "required"),
        ({"房号": " "}, "房号", "required"),
        ({"认购日期": "2026-02-11"}, "签约日期", "wrong-order"),
        ({"合同交付日期": ""}, "合同交付日期", "required"),
        ({"合同交付日期": "2025-06-30"}, "合同交付日期", "wrong-order"),
        ({"交付日期": "2025-06-30"}, "交付日期", "wrong-order"),
        ({"备案日期": "1066-10-14"}, "备案日期", "out-of-range"),
    ],
)
def test_a_dirty_row_is_named_by_row_column_and_rule(
    tmp_path: Path, cells: dict[str, str], column: str, rule: str
) -> None:
    api = RecordingApi()

    report = load(tmp_path, row(房号="3-1-9"), row(**cells), api=api)

    assert [(each.row, each.column, each.rule) for each in report.errors] == [(3, column, rule)]
    assert list(api.journeys) == ["jrn_3-1-9"]


def test_a_home_that_stands_twice_is_told_once(tmp_path: Path) -> None:
    api = RecordingApi()

    report = load(tmp_path, CLEAN, row(客户姓名="李娜"), api=api)

    assert report.errors[0].line("zh") == "第 3 行:房号:与第 2 行重复"
    assert api.journeys["jrn_3-1-1202"]["owners"][0]["name"] == "张伟"


def test_spaces_and_full_width_digits_do_not_matter(tmp_path: Path) -> None:
    api = RecordingApi()

    load(tmp_path, row(房号="  3-1-1202 ", 手机号="138 0013 8000", 签约日期="2026年2月10日"), api=api)

    journey = api.journeys["jrn_3-1-1202"]
    assert journey["owners"][0]["phone"] == "+8613800138000"
    assert journey["facts"][1]["data"]["on"] == "2026-02-10"


def test_a_chinese_spreadsheet_s_encoding_is_understood(tmp_path: Path) -> None:
    api = RecordingApi()

    load(tmp_path, CLEAN, api=api, encoding="gb18030")

    assert api.journeys["jrn_3-1-1202"]["owners"][0]["name"] == "张伟"


def test_english_headings_are_understood(tmp_path: Path) -> None:
    api = RecordingApi()

    load(tmp_path, "3-1-1202,Zhang Wei,+86 138 0013 8000", api=api, heading="Unit,Owner Name,Mobile phone")

    assert api.journeys["jrn_3-1-1202"]["owners"] == (
        {"ref": "XN-3-1-1202", "name": "Zhang Wei", "phone": "+8613800138000"},
    )


def test_a_date_that_lies_ahead_is_no_fact_yet(tmp_path: Path) -> None:
    api = RecordingApi()

    report = load(tmp_path, row(交付日期="2026-12-01"), api=api)

    assert [(each.column, each.rule) for each in report.warnings] == [("交付日期", "in-the-future")]
    assert not any(fact["type"] == "handover.accepted" for fact in api.journeys["jrn_3-1-1202"]["facts"])


def test_a_second_owner_is_an_owner(tmp_path: Path) -> None:
    api = RecordingApi()

    load(tmp_path, f"{CLEAN},李娜,13900139000", api=api, heading=f"{HEADING},共有人,共有人手机号")

    second = api.journeys["jrn_3-1-1202"]["owners"][1]
    assert second == {"ref": "C1-2", "name": "李娜", "phone": "+8613900139000"}


def test_dirty_rows_are_written_with_their_reasons_for_their_owner_only(tmp_path: Path) -> None:
    report = load(tmp_path, row(手机号="1380013", 客户姓名="=1+1"), api=RecordingApi())

    assert report.errors_file is not None
    text = report.errors_file.read_text(encoding="utf-8-sig")
    assert "手机号:不是有效电话号码" in text
    assert ",'=1+1," in text
    assert report.errors_file.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_says_what_would_happen_and_does_nothing(tmp_path: Path) -> None:
    api = RecordingApi()
    load(tmp_path, CLEAN, api=api)
    path = tmp_path / "export.csv"
    path.write_text("\n".join([HEADING, CLEAN, row(房号="3-1-1203")]), encoding="utf-8")
    before = (dict(api.journeys), dict(api.events))

    report = import_export(ExportFile.read(path), api, XN, dry_run=True, now=NOW)

    assert [each.action for each in report.outcomes] == ["told", "started"]
    assert (api.journeys, api.events) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "客户姓名\n张伟\n".encode(),
        b"\xff\xff\xff\xff",
        "房号,客户姓名\n3-1,张\x00\n".encode(),
        f"房号,客户姓名\n3-1,{'张' * 200_000}\n".encode(),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)

    with pytest.raises(UnreadableExport):
        import_export(ExportFile.read(path), RecordingApi(), XN, now=NOW)


def test_a_missing_project_stops_the_import_before_any_row(tmp_path: Path) -> None:
    class WithoutProject(RecordingApi):
        def post(self, path: str, body: object) -> object:
            failure = Failure("not-found", "no project", exit_code=3)  # type: ignore[arg-type]  # the number is what a shell sees
            failure.problem = {"status": 404}
            raise failure

    api = WithoutProject()
    path = tmp_path / "export.csv"
    path.write_text("\n".join([HEADING, CLEAN]), encoding="utf-8")

    with pytest.raises(Failure, match="no project"):
        import_export(ExportFile.read(path), api, Project("XN"), now=NOW)


def test_the_samples_hold_two_hundred_owners_and_every_kind_of_dirt(tmp_path: Path) -> None:
    sample = Path(__file__).parents[3] / "docs" / "samples" / "sales-export.csv"
    api = RecordingApi()

    report = import_export(ExportFile.read(sample), api, XN, now=NOW)

    assert len(api.journeys) >= 200
    assert report.batches >= 5
    assert {(each.column, each.rule) for each in report.errors} >= {
        ("手机号", "not-a-phone"),
        ("签约日期", "not-a-date"),
        ("房号", "duplicate-unit"),
        ("客户姓名", "required"),
        ("签约日期", "wrong-order"),
        ("合同交付日期", "required"),
    }


def test_a_project_that_nobody_made_is_one_line_however_many_rows_name_it(tmp_path: Path) -> None:
    api = RecordingApi()
    api.projects["XN"] = {}
    path = tmp_path / "export.csv"
    rows = [f"ZZ,1-1-{number},张伟" for number in range(5)] + ["XN,3-1-1,李娜"]
    path.write_text("\n".join(["项目编码,房号,客户姓名", *rows]), encoding="utf-8")

    report = import_export(ExportFile.read(path), api, now=NOW)

    assert [(each.row, each.rule) for each in report.errors] == [(0, "unknown-project")]
    assert "5" in report.errors[0].line("zh")
    assert (report.started, list(api.journeys)) == (1, ["jrn_3-1-1"])


def test_another_go_live_for_a_project_that_is_there_is_refused_before_any_row(tmp_path: Path) -> None:
    api = RecordingApi()
    api.projects["XN"] = {"code": "XN", "go_live_at": "2026-11-01T00:00:00+08:00"}
    path = tmp_path / "export.csv"
    path.write_text("\n".join([HEADING, CLEAN]), encoding="utf-8")

    with pytest.raises(Failure, match="2026-11-01") as refused:
        import_export(ExportFile.read(path), api, replace(XN, go_live_at=NOW), now=NOW)

    assert (refused.value.code, api.journeys) == ("go-live-set", {})


def test_a_workbook_with_titles_merged_cells_and_co_owners_loads_whole() -> None:
    sample = Path(__file__).parents[3] / "docs" / "samples" / "owners.xlsx"
    api = RecordingApi()

    report = import_export(
        ExportFile.read(sample), api, Project("JA", "江岸", "成都"), now=datetime(2027, 3, 8, tzinfo=UTC)
    )

    assert (report.started, report.errors, report.batches) == (24, [], 2)
    assert (report.never, report.skipped) == (("身份证号",), ("说明",))
    assert sum(len(journey["owners"]) == 2 for journey in api.journeys.values()) == 8


def test_a_file_of_dirty_rows_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    export = ExportFile("export.csv", "\r\n".join([HEADING, row(签约日期="2026-02-30")]).encode("utf-8-sig"))
    nowhere = tmp_path / "nowhere" / "errors.csv"

    with pytest.raises(Failure, match=re.escape(f"写不了 {nowhere} / cannot write {nowhere}")):
        import_export(export, RecordingApi(), XN, errors_file=nowhere, now=NOW)
