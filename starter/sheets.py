"""Files that people fill in: which column means what, by the headings that it may go under. CSV or XLSX."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journey.domain.errors import InvalidInput, field_error
from starter.importing.workbooks import read_tables

SEARCHED: Final = 20  # lines among which the headings are looked for


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: its number as a spreadsheet shows it, and its cells by what they mean."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """The line that holds the headings, and what the columns mean that are known."""

    row: int
    meanings: Mapping[int, str]


class Columns:
    """The columns of a kind of file; headings are compared without spaces, case and punctuation."""

    def __init__(self, headings: Mapping[str, Sequence[str]]) -> None:
        self._meanings = {plain(word): column for column, words in headings.items() for word in words}

    def lines(self, content: bytes, wanted: Sequence[str], *, key: str) -> Iterator[Line]:
        """The rows below the headings that have the key; InvalidInput names the wanted columns that are missing."""
        table = read_tables(content)[0].lines
        heading = self.heading(table, wanted)
        for number, line in enumerate(table[heading.row + 1 :], start=heading.row + 2):
            cells = {
                heading.meanings[place]: cell.strip().lstrip("'") for place, cell in enumerate(line)
                if place in heading.meanings and cell.strip()
            }  # fmt: skip
            if cells.get(key):
                yield Line(number, cells)

    def heading(self, table: Sequence[Sequence[str]], wanted: Sequence[str]) -> Heading:
        """The line of headings; InvalidInput names the columns that no line has."""
        best = Heading(0, {})
        for row, line in enumerate(table[:SEARCHED]):
            known = ((place, self._meanings.get(plain(cell))) for place, cell in enumerate(line))
            meanings = {place: meaning for place, meaning in known if meaning}
            if len(meanings) > len(best.meanings):
                best = Heading(row, meanings)
        missing = [name for name in wanted if name not in best.meanings.values()]
        if missing:
            raise InvalidInput(tuple(field_error(f"columns/{name}", "required") for name in missing))
        return best


def plain(text: str) -> str:
    """A word as it is compared: without spaces, case, width and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())
