"""How the words of an answer are read: a wrong person, a refusal of more, or something for a person to read (C8)."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from journey.domain.events import Event
from journey.domain.numbers.contact import ContactNumbers

_MARKS: Final = re.compile(r"[\W_]+")
_ACKNOWLEDGED_WITHIN: Final = 40  # characters; a longer answer says more


class Meaning(StrEnum):
    """What an answer means. `OTHER` is for a person: nothing is guessed, and nobody agrees to anything by it."""

    WRONG_PERSON = "wrong-person"
    OPT_OUT = "opt-out"
    OTHER = "other"


def meaning_of(text: str, numbers: ContactNumbers) -> Meaning:
    """What an answer means by the words of a pack; a long one is always for a person.

    A refusal is the whole answer, or a Chinese word of a short one: `R` is a letter of many, and so is «stop».
    """
    plain = folded(text)
    size = len(plain.replace(" ", ""))
    if size <= numbers.wrong_person_within and _stands_in(plain, numbers.wrong_person):
        return Meaning.WRONG_PERSON
    words = [word for word in numbers.opt_out if not word.isascii()]
    if plain in map(folded, numbers.opt_out) or (size <= numbers.opt_out_within and _stands_in(plain, words)):
        return Meaning.OPT_OUT
    return Meaning.OTHER


def acknowledges(text: str, numbers: ContactNumbers) -> bool:
    """Whether a short answer says no more than that it was read or that somebody gives thanks: nothing to answer.

    Words may follow each other («ok, thank you»). One of marks alone, 👍, is told apart by these marks.
    """
    plain = folded(text).replace(" ", "")
    if not plain:
        marks = {mark for word in numbers.acknowledged if not folded(word) for mark in word}
        return bool(text.split()) and marks.issuperset("".join(text.split()))
    words = {word for each in numbers.acknowledged if (word := folded(each).replace(" ", ""))}
    ends = {0}  # where a row of such words may end
    if len(plain) <= _ACKNOWLEDGED_WITHIN:
        for begin in range(len(plain)):
            if begin in ends:
                ends |= {begin + len(word) for word in words if plain.startswith(word, begin)}
    return len(plain) in ends


def is_wordless(answer: Event) -> bool:
    """Whether the words of an answer are gone with the person who wrote them: nobody is left to be answered."""
    return answer.data.get("text") is None


def settles(text: str, numbers: ContactNumbers | None) -> bool:
    """Whether an answer is the word that a message asked for; where a pack lists none, any answer is."""
    return numbers is None or not numbers.acknowledged or acknowledges(text, numbers)


def folded(text: str) -> str:
    """Text without case, width and marks, one blank between its words: «Wrong number!» is `wrong number`."""
    return _MARKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _stands_in(plain: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a folded text; Latin ones only whole, Chinese ones whatever stands between."""
    together = plain.replace(" ", "")
    return any(
        f" {word} " in f" {plain} " if word.isascii() else word.replace(" ", "") in together
        for word in filter(None, map(folded, words))
    )
