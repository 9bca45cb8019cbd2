import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from starter.simulate.command import run
from starter.simulate.reading import ScenarioError
from tests.packs import built_in, century_pack
from tests.scenarios.living import FOLDER, live_through, minute, scenario_from

pytestmark = pytest.mark.server
SIGNED = {"on": "2026-03-02", "contract_handover_date": "2027-06-30"}


def scenario(**changes: Any) -> dict[str, Any]:
    owner = {"ref": "zw", "name": "张伟", "phone": "13800138000"}
    return {
        "project": {"code": "XN", "name": "香年", "city": "成都"},
        "journeys": [{"unit": "3-1-1", "owners": [owner]}],
        "start": "2026-03-01T09:00:00+08:00",
        "until": "2026-03-20",
        **changes,
    }


def fact(at: str, kind: str, data: dict[str, Any], unit: str | None = "3-1-1", **more: Any) -> dict[str, Any]:
    return {"at": f"{at}:00+08:00", "type": kind, "data": data, "unit": unit, **more}


async def test_what_the_script_tells_is_known_at_the_instant_it_names() -> None:
    signed = fact("2026-03-02T10:00", "contract.signed", SIGNED)

    world = await live_through(scenario_from(scenario(events=[signed], actors={"staff": "silent"})))

    task = world.home("3-1-1").entry("signing.service-callback")
    assert (minute(task["due"]), task["person"]) == ("2026-03-09T18:00", "zw")
    assert task["steps"][0]["step"] == "warned"


async def test_homes_live_together_on_one_calendar() -> None:
    rows = [{"count": 5, "pattern": "3-1-{n}", "owners": [{"name": "业主", "phone": "13800138000"}]}]
    events = [fact("2026-03-02T10:00", "contract.signed", SIGNED, unit=f"3-1-{number}") for number in range(1, 6)]

    world = await live_through(scenario_from(scenario(journeys=rows, events=events)))

    calls = [world.home(f"3-1-{number}").entry("signing.service-callback") for number in range(1, 6)]
    assert {(call["outcome"], minute(call["at"])) for call in calls} == {("done", "2026-03-02T11:00")}


@pytest.mark.parametrize("year", [2025, 2031])
async def test_a_life_may_begin_in_any_year(year: int) -> None:
    signed = fact(
        f"{year}-03-04T10:00", "contract.signed", {"on": f"{year}-03-04", "contract_handover_date": "2033-01-01"}
    )
    life = scenario(start=f"{year}-03-01T09:00:00+08:00", until=f"{year}-03-20", events=[signed])

    world = await live_through(scenario_from(life))

    assert minute(world.home("3-1-1").entry("signing.service-callback")["due"]) == f"{year}-03-11T18:00"


async def test_a_sole_owner_need_not_be_named() -> None:
    given = fact("2026-03-02T10:00", "consent.given", {"purpose": "care", "evidence": "signed form"})

    world = await live_through(scenario_from(scenario(events=[given])))

    assert world.refused == {}


async def test_a_hold_on_a_person_is_known_to_every_home_of_his_at_once() -> None:
    owner = {"ref": "zw", "name": "张伟", "phone": "13800138000"}
    homes = [{"unit": "3-1-1", "owners": [owner]}, {"unit": "3-1-2", "owners": [owner]}]
    events = [
        fact("2026-03-02T09:00", "hold.placed", {"scope": "all", "how": "mute", "reason": "业主要求"}, person="zw"),
        fact("2026-03-02T10:00", "subscription.signed", {"on": "2026-03-02"}, unit="3-1-2"),
    ]

    world = await live_through(scenario_from(scenario(journeys=homes, events=events)))

    assert world.home("3-1-2").entry("signing.keeper-welcome")["reason"] == "muted"
    assert world.home("3-1-1").journey["status"] == "muted"


COMPLETED = {"milestone": "completion-accepted", "building": "3", "on": "2026-03-04"}


async def test_a_fact_about_the_project_plans_its_homes_again() -> None:
    completed = {"milestone": "completion-accepted", "on": "2026-03-04", "building": "3"}
    events = [
        fact("2026-03-02T10:00", "handover.accepted", {"on": "2026-03-02"}),
        fact("2026-03-04T10:00", "milestone.reached", completed, unit=None),
    ]
    life = scenario(batches=[{"code": "3", "buildings": ["3"]}], events=events, until="2026-03-05")

    world = await live_through(scenario_from(life))

    assert world.home("3-1-1").cover("decoration") == ("2028-03-02", "2028-03-04", -2)


async def test_a_fact_that_the_door_refuses_is_listed_with_its_reason() -> None:
    odd = fact("2026-03-02T10:00", "contract.signed", {"on": "2026-02-30"}, id="odd")

    world = await live_through(scenario_from(scenario(events=[odd])))

    assert world.refused == {"odd": "invalid-input"}


async def test_silent_staff_leave_work_open() -> None:
    signed = fact("2026-03-02T10:00", "contract.signed", SIGNED)

    world = await live_through(scenario_from(scenario(events=[signed], actors={"staff": "silent"})))

    assert world.home("3-1-1").entry("signing.service-callback")["outcome"] == "open"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pack": "cn-residental"}, "pack"),
        ({"overlays": ["atlantis"]}, "pack"),
        (
            {"policy_changes": [{"at": "2026-03-02", "set": {"signing.service_calback.within": "9d"}}]},
            "policy_changes/0/set/signing.service_calback.within",
        ),
        (
            {"policy_changes": [{"at": "2026-03-02", "set": {"signing.service_callback.within": "soon"}}]},
            "policy_changes/0/set",
        ),
        (
            {"policy_changes": [{"at": "2026-03-02", "set": {"signing.filing.within": "60d"}}]},
            "policy_changes/0/set/signing.filing.within",
        ),
    ],
)
async def test_policies_that_do_not_exist_are_refused_before_anything_runs(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        await live_through(scenario_from(scenario(**wrong)))

    assert caught.value.problems[0].field == field


@pytest.mark.slow
async def test_ten_busy_years_lose_nothing() -> None:
    events = [
        fact("2026-03-02T10:00", "contract.signed", SIGNED),
        fact("2026-03-05T10:00", "handover.accepted", {"on": "2026-03-05"}),
    ]
    life = scenario(pack="test-century", events=events, until="2036-03-20")

    surveyed = century_pack(survey=built_in().document["survey"])
    world = await live_through(scenario_from(life), extra_packs=[surveyed.document])

    entries = world.home("3-1-1").journey["entries"]
    assert len(entries) > 100
    unasked = {(entry["item"], entry["occurrence"]) for entry in entries if entry["outcome"] == "withdrawn"}
    unasked.discard(("survey.relationship", "d-90"))  # of an owner who is not one yet
    assert all(item.startswith("handover.") for item, _ in unasked)  # the keys came before the notices were due
    assert {e["item"] for e in entries if e["reason"] == "no-consent"} == {"survey.relationship"}
    asked = [entry for entry in entries if entry["item"] != "survey.relationship"]
    assert {entry["outcome"] for entry in asked} <= {"sent", "done", "merged", "missed", "withdrawn"}
    assert world.home("3-1-1").journey["status"] == "aftercare"


def test_a_wrong_file_is_one_json_document_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("project: {code: XN}\njourneys: []\n", encoding="utf-8")

    code = run(file, json_out=True)

    errors = json.loads(capsys.readouterr().out)["error"]["errors"]
    assert code == 2
    assert {"start", "until", "journeys"} <= {error["field"] for error in errors}


def test_a_page_of_the_lives_is_written_beside_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"

    code = run(FOLDER / "outage.yaml", json_out=True, html=out)

    captured = capsys.readouterr()
    html = out.read_text(encoding="utf-8")
    assert code == 0
    assert str(out) in captured.err
    assert all(f'"k":"{entry["key"]}"' in html for entry in json.loads(captured.out)["journeys"][0]["entries"])


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_one_document_or_a_timeline(as_json: bool) -> None:
    command = [sys.executable, "-m", "starter.cli", "simulate", str(FOLDER / "outage.yaml")]

    done = subprocess.run([*command, "--json"] if as_json else command, capture_output=True, text=True, timeout=100)

    assert done.returncode == 0, done.stderr
    if as_json:
        assert [journey["unit"] for journey in json.loads(done.stdout)["journeys"]] == ["3-1-1"]
    else:
        assert "管家短信问候" in done.stdout


def test_a_life_in_which_events_were_refused_is_printed_whole_and_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = fact("2026-03-02T10:00", "contract.signed", SIGNED)
    early = fact("2026-03-03T10:00", "handover.accepted", {"on": "2026-03-01"})
    file = tmp_path / "life.yaml"
    file.write_text(json.dumps(scenario(events=[signed, early], until="2026-03-04")), encoding="utf-8")

    code = run(file, json_out=True)

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert code == 0
    assert "handover.accepted: " in printed.err
    assert [event["reason"]["code"] for event in document["events_refused"]] == ["handover-before-signing"]
    assert [event["expected"] for event in document["events_refused"]] == [False]
    assert len(document["journeys"]) == 1


@pytest.mark.parametrize(
    ("refused", "code", "missing"),
    [(True, 0, []), ("handover-before-signing", 0, []), ("second-outcome", 6, ["early"])],
)
def test_a_script_may_expect_a_refusal_or_one_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: bool | str, code: int, missing: list[str]
) -> None:
    signed = fact("2026-03-02T10:00", "contract.signed", SIGNED)
    early = fact("2026-03-03T10:00", "handover.accepted", {"on": "2026-03-01"}) | {"id": "early", "refused": refused}
    file = tmp_path / "life.yaml"
    file.write_text(json.dumps(scenario(events=[signed, early], until="2026-03-04")), encoding="utf-8")

    assert run(file, json_out=True) == code

    document = json.loads(capsys.readouterr().out)
    assert [event["expected"] for event in document["events_refused"]] == [code == 0]
    assert [event["id"] for event in document["refusals_missing"]] == missing


def test_an_event_that_was_taken_though_its_refusal_was_expected_ends_with_six(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = fact("2026-03-02T10:00", "contract.signed", SIGNED) | {"refused": True}
    file = tmp_path / "life.yaml"
    file.write_text(json.dumps(scenario(events=[signed], until="2026-03-04")), encoding="utf-8")

    assert run(file) == 6

    assert "应被拒绝而未被拒绝" in capsys.readouterr().out
