"""Paper: the same letters give the same bytes, every sheet says which it is, nothing comes out blank or broken."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine as calamine
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from journey.adapters.printing import address_list
from journey.adapters.printing.fonts import FontError, Typeface, find_font, typeface
from journey.adapters.printing.lines import lines_of
from journey.adapters.printing.run import Printed, print_letters, print_poster
from journey.domain.references import with_check
from journey.domain.stationery import Cover, Letter, Letterhead, Missing, Poster, Recipient

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
HEAD = Letterhead("香年", "成都", "成都香年置业有限公司", "成都市天府大道 1 号", "400-000-0000")
LETTER = Letter(
    with_check("123456789"), "zh", date(2026, 6, 1), HEAD,
    Recipient("张伟", "四川省成都市春熙路1号", "610000", "+8613800138000"), "交付通知书",
    ["尊敬的张伟业主\uff1a", "您所购买的房屋自2026年6月27日起办理交付。"], "3-1-1", "书面交付通知",
)  # fmt: skip
ENGLISH = replace(
    LETTER, reference=with_check("23456789A"), language="en", title="Notice of handover",
    to=Recipient("Ann Smith", "1 Orchard Road, Singapore", "238801"), paragraphs=["Dear Ann Smith,", "Please come."],
)  # fmt: skip
COVER = Cover(
    "run_1", HEAD, "批次 3", "2026-06-01 12:00", "zh", [Missing("3-1-2", "李娜", "书面交付通知", "no-address")]
)


RARE = "\U00020bb7\U0001f3e0\U0010fffd"  # 𠮷, a house, the last character that there is: beyond sixteen bits


def printed(*letters: Letter, font: Path | None = None) -> Printed:
    return print_letters(letters, COVER, NOON, font)


def texts(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def has(text: str, *words: str) -> bool:
    return all(word in text for word in words)


def test_the_same_letters_at_the_same_instant_give_the_same_bytes() -> None:
    first, second = printed(LETTER, ENGLISH), printed(LETTER, ENGLISH)

    assert (first.pdf, first.xlsx, first.csv) == (second.pdf, second.xlsx, second.csv)
    assert PdfReader(io.BytesIO(first.pdf)).metadata.creation_date == NOON  # type: ignore[union-attr]


def test_a_run_is_a_cover_and_each_letter_on_sheets_of_its_own() -> None:
    run = printed(LETTER, ENGLISH)

    cover, zh, en = texts(run.pdf)
    assert (run.sheets, run.pages) == (3, [(2, 1), (3, 1)])
    assert has(cover, "函件打印批次", "12345-6789", "2 (1)", "3 (1)", "李娜", "无通讯地址")
    assert has(
        zh,
        "成都香年置业有限公司",
        "610000",
        "四川省成都市春熙路1号",
        "张伟 收",
        "交付通知书",
        "第 1/1 页",
        "2026年6月1日",
    )
    assert has(en, "Ann Smith", "1 Orchard Road, Singapore", "238801", "Notice of handover", "Page 1/1", "1 June 2026")


def test_a_long_letter_goes_on_over_sheets_that_say_so_and_its_signature_never_stands_alone() -> None:
    for paragraphs in range(8, 40):
        long = replace(LETTER, paragraphs=[LETTER.paragraphs[1]] * paragraphs)
        run = printed(long)
        sheets = texts(run.pdf)[1:]

        assert [f"第 {number}/{len(sheets)} 页" in text for number, text in enumerate(sheets, 1)] == [True] * len(
            sheets
        )
        assert sum(text.count("您所购买的房屋") for text in sheets) == paragraphs
        assert has(sheets[-1], "您所购买的房屋", "2026年6月1日")
        assert run.pages == [(2, len(sheets))]


def test_the_title_gives_way_to_a_long_address_and_a_long_name() -> None:
    crowded = replace(ENGLISH, to=Recipient("Alexandra " * 9, "The Old Granary, Upper Baker Street, " * 5, "238801"))

    (_, text), (_, short) = texts(printed(crowded).pdf), texts(printed(ENGLISH).pdf)

    assert text.count("Alexandra") == 9
    assert text.count("Granary") == 5
    assert has(text, "Notice of handover", "Please come.")
    assert place_of("Notice of handover", printed(crowded).pdf) < place_of("Notice of handover", printed(ENGLISH).pdf)
    assert has(short, "Notice of handover")


def place_of(words: str, pdf: bytes) -> float:
    """How high above the lower edge of the second sheet some words stand."""
    found: list[float] = []

    def visit(text: str, matrix: object, at: Sequence[float], *_: object) -> None:
        if words in text:
            found.append(at[5])

    PdfReader(io.BytesIO(pdf)).pages[1].extract_text(visitor_text=visit)
    return found[0]


def test_without_an_embedded_font_a_name_that_viewers_cannot_show_is_missing_rather_than_wrong() -> None:
    run = printed(replace(LETTER, to=replace(LETTER.to, name="\U00020bb7田")), ENGLISH)

    assert [(one.unit, one.reason) for one in run.missing] == [("3-1-2", "no-address"), ("3-1-1", "no-glyphs")]
    assert [one.language for one in run.letters] == ["en"]


# -- fonts


@pytest.fixture(params=["truetype", "postscript"])
def font(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A font of boxes that has ASCII and the characters of our letters, in outlines of either kind."""
    words = {
        *"".join(map(chr, range(0x20, 0x7F))),
        *"".join(text for one in (LETTER, ENGLISH) for text in one.paragraphs),
    }
    words |= {
        *LETTER.title,
        *LETTER.to.name,
        *LETTER.to.address,
        *HEAD.project,
        *HEAD.city,
        *str(HEAD),
        "田",
        *"书面函件打印批次",
    }
    words |= {*RARE, *"编号第页收年月日共封、单未见末尾序房事项无通讯地址政策包没有此文本字体缺·–()()李娜"}
    return _boxes(tmp_path / "boxes.font", sorted(words), truetype=request.param == "truetype")


def _boxes(path: Path, characters: Sequence[str], *, truetype: bool, fs_type: int = 0) -> Path:
    names = [".notdef", *(f"g{number}" for number in range(len(characters)))]
    builder = FontBuilder(1000, isTTF=truetype)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(each): f"g{number}" for number, each in enumerate(characters)})
    if truetype:
        builder.setupGlyf({name: _box(TTGlyphPen(None)).glyph() for name in names})
    else:
        shapes = {name: _box(T2CharStringPen(600, None)).getCharString() for name in names}
        builder.setupCFF("Boxes-Regular", {"FullName": "Boxes Regular"}, shapes, {})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular", "fullName": "Boxes Regular",
                            "psName": "Boxes-Regular"})  # fmt: skip
    builder.setupOS2(fsType=fs_type)
    builder.setupPost()
    builder.save(path)
    return path


def _box(pen: Any) -> Any:
    pen.moveTo((50, 0))
    for point in ((50, 700), (550, 700), (550, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen


def test_a_configured_font_is_embedded_with_what_is_printed_and_nothing_else(font: Path) -> None:
    run = printed(LETTER, ENGLISH, font=font)
    again = printed(LETTER, ENGLISH, font=font)

    pages: list[Any] = list(PdfReader(io.BytesIO(run.pdf)).pages)
    fonts = [each.get_object() for page in pages for each in page["/Resources"]["/Font"].values()]
    assert run.font == "Boxes Regular"
    assert run.pdf == again.pdf
    assert {one["/BaseFont"] for one in fonts if "/FontDescriptor" in one} == {"/AAAAAA+Boxes-Regular"}
    assert all("/FontFile2" in one["/FontDescriptor"] for one in fonts if "/FontDescriptor" in one)
    assert has(texts(run.pdf)[1], "张伟 收", "交付通知书", "第 1/1 页")
    assert has(texts(run.pdf)[2], "Notice of handover")


def test_characters_beyond_sixteen_bits_are_copied_from_the_paper_as_they_stand(font: Path) -> None:
    run = printed(replace(LETTER, title=f"交{RARE}付", to=replace(LETTER.to, name=f"{RARE[0]}田伟")), font=font)

    assert not [one for one in run.missing if one.reason == "no-glyphs"]
    assert has(texts(run.pdf)[1], f"交{RARE}付", f"{RARE[0]}田伟 收", "第 1/1 页")


def test_two_runs_with_other_words_do_not_lend_each_other_their_characters(font: Path) -> None:
    other = replace(LETTER, title="打印函件", paragraphs=["编号"])

    first, second = printed(ENGLISH, font=font), printed(other, font=font)

    assert "Notice of handover" in texts(first.pdf)[1]
    assert "打印函件" in texts(second.pdf)[1]


def test_a_character_that_the_font_lacks_keeps_its_letter_back(font: Path) -> None:
    run = printed(replace(LETTER, title="龘"), ENGLISH, font=font)

    assert [one.reason for one in run.missing] == ["no-address", "no-glyphs"]
    assert len(run.letters) == 1


def test_a_font_that_may_not_be_embedded_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    locked = _boxes(tmp_path / "locked.ttf", ["a"], truetype=True, fs_type=2)
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")

    for path in (locked, broken):
        with pytest.raises(FontError), typeface(path, ["a"]):
            pass
    with pytest.raises(FontError):
        find_font(str(tmp_path / "missing.ttf"))
    assert find_font("none") is None
    assert find_font(str(locked)) == locked


# -- lines

MIXED = st.text(st.sampled_from("房屋交付通知\uff0c。《》、abcXYZ 0123-—(\uff08\uff09"), max_size=120)


@given(MIXED, st.integers(30, 400), st.integers(0, 30))
def test_every_character_stands_on_a_line_that_holds_it_and_marks_begin_none(
    text: str, width: int, indent: int
) -> None:
    with typeface(None, ()) as face:
        lines = lines_of(" ".join(text.split()), face, 10, width, indent)

        assert "".join("".join(lines).split()) == "".join(text.split())
        room = [width - indent, *[width] * len(lines)]
        assert all(face.width(line, 10) <= size or len(line) == 1 for line, size in zip(lines, room, strict=False))
        starts = [line[0] for line, before in zip(lines[1:], lines, strict=False) if line and len(before) > 8]
        assert not [mark for mark in starts if mark in "\uff0c。、"] or width < 60


def test_text_is_set_in_runs_of_one_font_each() -> None:
    with typeface(None, ()) as face:
        runs = list(face.runs("3号楼 A"))

    assert runs == [("Helvetica", "3"), ("STSong-Light", "号楼"), ("Helvetica", " A")]
    assert list(Typeface().runs("")) == []


# -- the list for the post


def test_the_list_is_text_that_no_spreadsheet_calculates() -> None:
    evil = replace(LETTER, to=Recipient("=cmd()", "@SUM(A1) 成都", None, "+442079460000"))

    rows = list(csv.reader(io.StringIO(address_list.as_csv([LETTER, evil]).decode("utf-8-sig"))))
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(address_list.as_xlsx([LETTER, evil], NOON)))
    cells = book.get_sheet_by_index(0).to_python()

    assert rows[1][1:] == ["张伟", "四川省成都市春熙路1号", "13800138000", "610000", ""]
    assert rows[2][1:4] == ["'=cmd()", "'@SUM(A1) 成都", "00442079460000"]
    assert [[str(cell) for cell in row] for row in cells] == rows


# -- notices for walls


@pytest.mark.parametrize(("size", "width"), [("a4", 210), ("a3", 297)])
def test_a_notice_is_one_sheet_however_much_it_says(size: str, width: int) -> None:
    poster = Poster("tsk_1", "zh", date(2026, 6, 1), HEAD, "3", "交付告示", ["房屋自2026年6月27日起办理交付。"])

    for paragraphs in (1, 6, 14):
        content = print_poster(replace(poster, paragraphs=list(poster.paragraphs) * paragraphs), NOON, None, size)
        (text,) = texts(content)
        assert text.count("办理交付") == paragraphs
        assert has(text, "交付告示", "香年 · 3 号楼", "张贴后请拍照")
        assert round(float(PdfReader(io.BytesIO(content)).pages[0].mediabox.width) * 25.4 / 72) == width
