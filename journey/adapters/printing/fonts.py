"""The letters that paper is set in: a font of the machine, embedded, else one that viewers stand in for.

Outlines of either kind are embedded: those of PostScript flavour, as Noto CJK has them, are turned into TrueType ones,
which is all that the PDF writer takes. Only the characters that are printed go in.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError, newTable
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont as PdfFont

from journey.domain.errors import JourneyError

STANDARD: Final = "none"  # setting: embed nothing
FOLDERS: Final = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
    "~/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
WANTED: Final = ("NotoSerifCJK-Regular.*", "NotoSansCJK-Regular.*", "NotoSerifSC-Regular.*", "NotoSansSC-Regular.*")
_LATIN: Final = "Helvetica"
_SONG: Final = "STSong-Light"  # Adobe-GB1: viewers bring glyphs of their own
_MOST_LATIN: Final = 0x250
_COLLECTION: Final = b"ttcf"
_CHARACTERS: Final = "toUnicodeCMap:"
_BEYOND: Final = re.compile("<([0-9A-F]{5,6})>")
_FORBIDDEN: Final = 0x0002  # OS/2 fsType: restricted licence embedding


class FontError(JourneyError):
    """The configured font cannot be used; the text says why."""

    code = "font"


class _Font(PdfFont):  # type: ignore[misc]
    """A font whose text can be copied whole.

    The PDF writer names a character beyond sixteen bits by five digits or six; readers look for its halves in UTF-16.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802 (the writer's name)
        """Write the font's objects, each map of its characters put right."""
        super().addObjects(doc)
        for name, written in doc.idToObject.items():
            if name.startswith(_CHARACTERS):
                written.content = _BEYOND.sub(_in_halves, written.content)


def _in_halves(code: re.Match[str]) -> str:
    return f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>"


@dataclass(slots=True)
class Typeface:
    """What text is measured and set in: runs of one font each; `characters` of the embedded one, None without it."""

    name: str | None = None
    label: str = _SONG
    characters: frozenset[str] | None = None
    _widths: dict[str, float] = field(default_factory=dict)

    def font_of(self, character: str) -> str:
        """The font that has a character."""
        if self.name is not None and self.characters is not None and character in self.characters:
            return self.name
        return _LATIN if ord(character) < _MOST_LATIN else _SONG

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """The text in pieces of one font."""
        begun, font = 0, ""
        for place, character in enumerate(text):
            wanted = self.font_of(character)
            if wanted != font:
                if place:
                    yield font, text[begun:place]
                begun, font = place, wanted
        if text:
            yield font, text[begun:]

    def width(self, text: str, size: float) -> float:
        """How wide a text is, in points."""
        return size * sum(self._widths.get(character) or self._measured(character) for character in text)

    def _measured(self, character: str) -> float:
        width = float(pdfmetrics.stringWidth(character, self.font_of(character), 1000)) / 1000
        self._widths[character] = width
        return width

    def lacks(self, text: str) -> set[str]:
        """The characters that would come out blank or wrong."""
        if self.characters is not None:
            return {each for each in text if not each.isspace() and each not in self.characters}
        return {each for each in text if ord(each) > 0xFFFF}


def find_font(configured: str | None) -> Path | None:
    """The font to embed: the configured one, else a Noto CJK of the machine; None for none. FontError."""
    if configured == STANDARD:
        return None
    if configured:
        path = Path(configured).expanduser()
        if not path.is_file():
            raise FontError(f"没有字体文件 {configured} / there is no font file {configured}")
        return path
    folders = [folder for name in FOLDERS if (folder := Path(name).expanduser()).is_dir()]
    found = (path for wanted in WANTED for folder in folders for path in sorted(folder.rglob(wanted)))
    return next(found, None)


@contextmanager
def typeface(path: Path | None, texts: Iterable[str]) -> Iterator[Typeface]:
    """A typeface with every character of the texts that the font has; its embedded part lives as long as the block."""
    if _SONG not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_SONG))
    if path is None:
        yield Typeface()
        return
    data, label, characters = _subset(path, "".join(sorted({each for text in texts for each in text} | {" "})))
    name = f"letters-{hashlib.sha256(data).hexdigest()[:16]}-{id(data):x}"
    # Its own way of registering keeps one part of each font for the life of the process, under the font's name.
    pdfmetrics._fonts[name] = _Font(name, io.BytesIO(data))
    try:
        yield Typeface(name, label, characters)
    finally:
        del pdfmetrics._fonts[name]


def _subset(path: Path, text: str) -> tuple[bytes, str, frozenset[str]]:
    """The part of a font that sets a text, as TrueType; the font's name, and the characters that it has."""
    with path.open("rb") as file:
        try:
            font = _opened(file)
            known = frozenset(chr(code) for code in font.getBestCmap())
        except (TTLibError, AssertionError, ValueError) as error:
            raise FontError(f"读不了字体 {path.name} / the font {path.name} cannot be read") from error
        if "OS/2" in font and font["OS/2"].fsType & _FORBIDDEN:
            raise FontError(f"字体 {path.name} 不许嵌入 / the font {path.name} may not be embedded")
        return _cut(font, text), str(font["name"].getDebugName(4) or path.stem), known & frozenset(text)


def _opened(file: BinaryIO) -> Any:
    """The font of a file; of a collection, the one for simplified Chinese."""
    if file.read(4) != _COLLECTION:
        return TTFont(file, lazy=True)
    names = [str(one["name"].getDebugName(4) or "") for one in TTCollection(file, lazy=True)]
    number = next((place for place, name in enumerate(names) if " SC" in name), 0)
    return TTFont(file, fontNumber=number, lazy=True)


def _cut(font: Any, text: str) -> bytes:
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2, 4, 6])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "JSTF", "vhea", "vmtx", "VORG", "STAT"]
    cut = subset.Subsetter(options)
    cut.populate(text=text)
    cut.subset(font)
    if "CFF " in font:
        _to_truetype(font)
    saved = io.BytesIO()
    font.recalcTimestamp = False
    font.save(saved)
    return saved.getvalue()


def _to_truetype(font: Any) -> None:
    """Quadratic outlines in place of cubic ones."""
    order, shapes, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, font["head"].unitsPerEm / 1000, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    font["glyf"].compile(font)
    for name in order:
        advance, _ = font["hmtx"].metrics[name]
        font["hmtx"].metrics[name] = (advance, getattr(glyphs[name], "xMin", 0))
    font["maxp"] = _profile(len(order))
    font["post"].formatType, font["post"].glyphOrder = 3.0, None
    font.sfntVersion = "\0\1\0\0"


def _profile(glyphs: int) -> Any:
    profile = newTable("maxp")
    profile.tableVersion, profile.numGlyphs, profile.maxZones = 0x00010000, glyphs, 1
    for name in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth",
    ):  # fmt: skip
        setattr(profile, name, 0)
    return profile
