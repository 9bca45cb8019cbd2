"""Tags 标签 of owners and homes: one vocabulary, whichever word a tag was told by (`domain.md` D, A203–204).

A word that is not listed here is a tag of its own.
"""

from collections.abc import Iterable
from typing import Final

_SAME: Final = {
    "老人": "senior",
    "老年": "senior",
    "老年人": "senior",
    "留守老人": "elderly-alone",
    "度假": "holiday-home",
    "度假型": "holiday-home",
}
_ALSO: Final = {"elderly-alone": "senior"}  # who lives alone in old age is a senior; not every senior lives alone


def tag_named(word: str) -> str:
    """The one name of a tag, by any of its words."""
    plain = word.strip().casefold()
    return _SAME.get(plain, plain)


def have_one_of(words: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether tags, by any of their words, hold one that is wanted, or one that implies it."""
    held = {tag_named(word) for word in words}
    held |= {_ALSO[name] for name in held if name in _ALSO}
    return not held.isdisjoint(tag_named(word) for word in wanted)
