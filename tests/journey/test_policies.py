"""Packs as their authors work on them: lint with file and line, later versions, what is published from a file."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from journey import policies
from journey.adapters.packs import PackError, load_pack
from journey.adapters.wiring import pack_policies
from tests.packs import BUILT_IN, POLICIES, built_in, copy_policies, spoil

PLAIN_AND_EACH = [(), *((file.stem,) for file in sorted((POLICIES / "overlays").glob("*.yaml")))]
LATER = "version: '2027.1'\neffective_from: 2027-01-01\nset:\n  signing.service_callback.within: 5d\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_policies(tmp_path)


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / BUILT_IN / "versions" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def errors(folder: Path) -> list[tuple[str, int, str]]:
    found = policies.lint(folder, [BUILT_IN])
    return [(Path(e.problem.file).name, e.problem.line, e.problem.path) for e in found if e.level == "error"]


def test_the_shipped_policies_are_clean() -> None:
    assert [each for each in policies.lint(POLICIES, [BUILT_IN]) if each.level == "error"] == []


def test_a_pack_below_the_law_is_named_with_file_line_and_article(folder: Path) -> None:
    line = spoil(folder / BUILT_IN / "pack.yaml", "within: 30d  # L✔ 开发条例26", "within: 45d")

    (found,) = policies.lint(folder, [BUILT_IN])

    assert (found.problem.line, found.problem.path) == (line, "signing.filing.within")
    assert "开发条例26" in found.problem.text


def test_an_overlay_below_the_law_is_refused_unless_it_names_the_article(folder: Path) -> None:
    overlay = folder / "overlays" / "zhejiang.yaml"
    line = spoil(overlay, "roof-waterproof.owner: 8y", "roof-waterproof.owner: 3y")

    refused = errors(folder)
    overlay.write_text(
        overlay.read_text(encoding="utf-8") + "law:\n  warranty.components.roof-waterproof.owner: 某条例 9\n",
        encoding="utf-8",
    )

    assert refused == [("zhejiang.yaml", line, "warranty.components.roof-waterproof.owner")]
    assert errors(folder) == []
    assert load_pack(folder, BUILT_IN, ["zhejiang"]).law == {"warranty.components.roof-waterproof.owner": "某条例 9"}


def test_a_long_message_is_a_hint_and_no_error(folder: Path) -> None:
    text = folder / BUILT_IN / "templates" / "zh" / "signing.keeper-welcome.j2"
    text.write_text(text.read_text(encoding="utf-8") + "好" * 300, encoding="utf-8")

    found = [each for each in policies.lint(folder, [BUILT_IN]) if "keeper-welcome" in each.problem.path]

    assert [(each.level, "6 条短信" in each.problem.text) for each in found] == [("hint", True)]


def test_hints_of_one_pack_hide_no_hint_of_the_next_and_errors_only_their_own(folder: Path) -> None:
    second = folder / "second"
    shutil.copytree(folder / BUILT_IN, second)
    spoil(second / "pack.yaml", f"pack: {BUILT_IN}", "pack: second")
    for name in (BUILT_IN, "second"):
        text = folder / name / "templates" / "zh" / "signing.keeper-welcome.j2"
        text.write_text(text.read_text(encoding="utf-8") + "好" * 300, encoding="utf-8")

    def hinted() -> list[str]:
        found = policies.lint(folder, [BUILT_IN, "second"])
        long = [e for e in found if e.level == "hint" and "keeper-welcome" in e.problem.path]
        return [Path(each.problem.file).parents[2].name for each in long]

    assert hinted() == [BUILT_IN, "second"]
    spoil(folder / BUILT_IN / "pack.yaml", "within: 30d  # L✔ 开发条例26", "within: 45d")
    assert hinted() == ["second"]


def test_a_later_version_differs_in_its_numbers_and_holds_from_its_day(folder: Path) -> None:
    write(folder, "2027.1.yaml", LATER)

    before = policies.show(folder, BUILT_IN, [], date(2026, 12, 31))
    after = policies.show(folder, BUILT_IN, ["zhejiang"], date(2027, 1, 1))

    assert (before.pack.version, before.hash) == ("2026.1", built_in().hash)
    assert (after.pack.version, str(after.pack.signing.service_callback.within)) == ("2027.1", "5d")
    assert [each.path for each in policies.compare(before, policies.show(folder, BUILT_IN, [], None))] == [
        "version", "effective_from", "signing.service_callback.within",
    ]  # fmt: skip


def test_every_version_is_published_plain_and_under_each_overlay(folder: Path) -> None:
    write(folder, "2027.1.yaml", LATER)

    found = [(each.overlays, each.loaded.pack.version) for each in pack_policies(folder, BUILT_IN)]

    assert found == [(overlays, version) for overlays in PLAIN_AND_EACH for version in ("2026.1", "2027.1")]


def test_later_versions_build_on_each_other_in_the_order_of_their_days(folder: Path) -> None:
    write(folder, "a.yaml", LATER.replace("2027", "2028").replace("5d", "4d"))
    write(folder, "b.yaml", LATER.replace("signing.service_callback", "signing.keeper_contact"))

    newest = policies.show(folder, BUILT_IN, [], None).pack.signing

    assert (str(newest.service_callback.within), str(newest.keeper_contact.within)) == ("4d", "5d")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (LATER.replace("2027-01-01", "2019-01-01"), "effective_from"),
        (LATER.replace("'2027.1'", "'2026.1'"), "version"),
        (LATER.replace("service_callback", "service_calback"), "signing.service_calback.within"),
        (LATER.replace("5d", "five"), "signing.service_callback.within"),
        (LATER.replace("effective_from: 2027-01-01\n", ""), "effective_from"),
    ],
)
def test_a_later_version_that_cannot_hold_is_named_in_its_own_file(folder: Path, text: str, path: str) -> None:
    write(folder, "2027.1.yaml", text)

    found = errors(folder)

    assert [each for each in found if each[0] == "2027.1.yaml" and each[2] == path]


def test_a_version_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    write(folder, "2027.1.yaml", LATER)

    with pytest.raises(PackError, match=r"2027\.2.*2026\.1, 2027\.1"):
        load_pack(folder, BUILT_IN, (), "2027.2")


def test_a_folder_an_overlay_and_a_version_stand_for_what_would_be_published(folder: Path) -> None:
    version = write(folder, "2027.1.yaml", LATER)

    whole = policies.published_from(folder / BUILT_IN)
    province = policies.published_from(folder / "overlays" / "zhejiang.yaml")
    later = policies.published_from(version)

    assert len(whole) == 2 * len(PLAIN_AND_EACH)
    assert [(each.overlays, each.loaded.pack.version) for each in province] == [
        (("zhejiang",), "2026.1"), (("zhejiang",), "2027.1"),
    ]  # fmt: skip
    assert [each.overlays for each in later] == PLAIN_AND_EACH


def test_a_document_from_elsewhere_is_checked_as_the_folder_s_are() -> None:
    document = built_in().document
    document["signing"]["filing"]["within"] = "45d"
    document["templates"]["zh"]["signing.keeper-welcome"] = "{{ owner.phone }}"

    with pytest.raises(PackError) as refused:
        policies.checked(document, {})

    assert {each.path for each in refused.value.problems} == {
        "signing.filing.within", "templates.zh.signing.keeper-welcome",
    }  # fmt: skip
