"""`--home DIR`, before or after any command: which installation on this machine it is about."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

FLAG = "--home"
_ELSEWHERE = ("JOURNEY_URL", "JOURNEY_API_KEY")


def taken(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The arguments without `--home DIR`, and the DIR; a flag without one is left for the command to complain of."""
    left: list[str] = []
    found: str | None = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            left += [word, *words]
        elif word == FLAG:
            found = next(words, None)
            left += [] if found is not None else [FLAG]
        elif word.startswith(f"{FLAG}="):
            found = word.removeprefix(f"{FLAG}=")
        else:
            left.append(word)
    return left, found


@contextmanager
def at_home(home: str | None) -> Iterator[None]:
    """Let the settings read meanwhile be those of this home: an API that the environment names is another one's.

    A store that the environment names (`JOURNEY_DATABASE_URL`) replaces the home's, as it does for `journey up`.
    """
    if home is None:
        yield
        return
    before = {name: os.environ.get(name) for name in ("JOURNEY_HOME", *_ELSEWHERE)}
    for name in _ELSEWHERE:
        os.environ.pop(name, None)
    os.environ["JOURNEY_HOME"] = home
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
