"""A print run: every letter of it in one PDF behind its cover, and the list for the post."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Final

from journey.adapters.printing import address_list, cover_pages, letter_pages, poster_page
from journey.adapters.printing.cover_pages import cover_sheets, draw_cover
from journey.adapters.printing.fonts import Typeface, typeface
from journey.adapters.printing.letter_pages import draw_letter, laid_out
from journey.adapters.printing.poster_page import draw_poster
from journey.adapters.printing.sheets import Sheets
from journey.domain.stationery import Cover, Letter, Missing, Poster

_ASCII: Final = "".join(map(chr, range(0x20, 0x7F)))
_OURS: Final = _ASCII + "年月日·–" + "".join(
    text for module in (letter_pages, cover_pages, poster_page) for words in module.WORDS.values()
    for text in words.values()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """The files of a run; `pages` by letter are its first sheet and how many it takes."""

    pdf: bytes
    xlsx: bytes
    csv: bytes
    letters: Sequence[Letter]
    missing: Sequence[Missing]
    pages: Sequence[tuple[int, int]]
    sheets: int
    font: str


def print_letters(letters: Sequence[Letter], cover: Cover, made_at: datetime, font: Path | None) -> Printed:
    """Print the letters in their order; one that the font cannot set whole is missing, rather than printed wrong."""
    with typeface(font, [_OURS, *_words(cover), *(text for one in letters for text in _texts(one))]) as face:
        good = [one for one in letters if not _lacks(face, one)]
        bad = [Missing(one.unit, one.to.name, one.item, "no-glyphs") for one in letters if _lacks(face, one)]
        cover = replace(cover, missing=[*cover.missing, *bad])
        laid = [laid_out(face, one) for one in good]
        firsts = accumulate(map(len, laid), initial=cover_sheets(len(good), len(cover.missing)) + 1)
        pages = [(first, len(one)) for first, one in zip(firsts, laid, strict=False)]
        sheets = Sheets(face, made_at, cover.run)
        draw_cover(sheets, cover, good, pages)
        for one, lines in zip(good, laid, strict=True):
            draw_letter(sheets, one, lines)
        pdf, label = sheets.bytes(), face.label
    xlsx, listed = address_list.as_xlsx(good, made_at), address_list.as_csv(good)
    return Printed(pdf, xlsx, listed, good, cover.missing, pages, sheets.pages, label)


def print_poster(poster: Poster, made_at: datetime, font: Path | None, size: str) -> bytes:
    """Print a notice for a building."""
    texts = [_OURS, poster.title, *poster.paragraphs, *_head_texts(poster), poster.building]
    with typeface(font, texts) as face:
        return draw_poster(face, poster, made_at, size)


def _lacks(face: Typeface, letter: Letter) -> bool:
    return any(face.lacks(text) for text in _texts(letter))


def _texts(letter: Letter) -> list[str]:
    to = (letter.to.name, letter.to.address, letter.to.postcode or "")
    return [letter.title, *letter.paragraphs, *to, *_head_texts(letter), letter.unit, letter.item]


def _head_texts(paper: Letter | Poster) -> list[str]:
    head = paper.head
    return [head.project, head.city, head.sender or "", head.address or "", head.phone or ""]


def _words(cover: Cover) -> list[str]:
    return [cover.scope, *(text for one in cover.missing for text in (one.unit, one.name, one.item))]
