"""XML as providers send it, read with the standard parser: no document types, no entities, no depth."""

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

MOST_DEEP: Final = 8
MOST_ELEMENTS: Final = 500


class BadXml(ValueError):
    """It is no XML, or more than any provider has to say."""


def read_xml(body: bytes) -> Mapping[str, str]:
    """The text of every element that has no element in it, by its name; of several with one name the first."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse  # without one there are no entities but XML's own five
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise BadXml(str(error)) from error
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._open: list[str] = []
        self._count = 0
        self._leaf = False
        self._said: list[str] = []

    def start(self, name: str, _: Mapping[str, str]) -> None:
        self._count += 1
        self._open.append(name)
        if len(self._open) > MOST_DEEP or self._count > MOST_ELEMENTS:
            raise BadXml("too many elements")
        self._leaf, self._said = True, []

    def text(self, data: str) -> None:
        self._said.append(data)

    def end(self, name: str) -> None:
        self._open.pop()
        if self._leaf:
            self.found.setdefault(name, "".join(self._said))
        self._leaf, self._said = False, []


def _refuse(*_: object) -> None:
    raise BadXml("a document type is not taken")
