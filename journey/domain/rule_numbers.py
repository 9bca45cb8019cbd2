"""Which numbers of its pack a rule reads, found in its code, so that nobody has to keep a list of them."""

import dis
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import time
from types import FunctionType
from typing import Any, get_args

from journey.domain.numbers.base import Duty, Numbers, Text
from journey.domain.periods import Period
from journey.domain.rules import Rule

_DOMAIN = "journey.domain."
_PLAIN = (Period, time, str, int, float, bool)
Path = tuple[str, ...]


def numbers_read(rule: Rule, numbers: Numbers) -> dict[str, str]:
    """The numbers that a rule reads with their values, by path: `service_callback.within` 7d.

    Those of the helpers that it hands its section or a part of it count too, in whatever file they stand; where none
    are found, it reads what bears its name. Tables, such as the terms of every component, are left out.
    """
    prefixes = _places(type(numbers))
    own = rule.id.split(".", 1)[1].replace("-", "_")
    read = _read(dict.fromkeys(_paths(rule.function, prefixes, set())), numbers)
    return read or _read([(own,)], numbers)


def _read(paths: Iterable[Path], numbers: Numbers) -> dict[str, str]:
    return {".".join(leaf): text for path in paths for leaf, text in _leaves(path, _value(numbers, path))}


def _places(section: type[Numbers]) -> dict[type[Numbers], Path]:
    """The place of each model that stands in one place only: of others, such as a clock, the hint tells too little."""
    found = list(_sections(section, ()))
    times = Counter(model for model, _ in found)
    return {model: path for model, path in found if times[model] == 1}


def _sections(model: type[Numbers], path: Path) -> Iterator[tuple[type[Numbers], Path]]:
    """Where each model of numbers stands in the section: a helper may be handed a part of it.

    The section itself is known by the names of the models that it extends too.
    """
    yield model, path
    if not path:
        yield from ((base, path) for base in model.__mro__[1:] if issubclass(base, Numbers) and base is not Numbers)
    for name, field in model.model_fields.items():
        for inside in (field.annotation, *get_args(field.annotation)):
            if isinstance(inside, type) and issubclass(inside, Numbers) and inside not in (Duty, Text):
                yield from _sections(inside, (*path, name))


def _paths(function: Any, prefixes: dict[type[Numbers], Path], seen: set[Any]) -> Iterator[Path]:
    """Chains of attributes that begin at a parameter of numbers, in a function and in those of the domain it calls."""
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    hints = function.__annotations__.items()
    given = {name: prefixes[hint] for name, hint in hints if isinstance(hint, type) and hint in prefixes}
    chain: Path | None = None
    for step in dis.get_instructions(function):
        if chain is not None and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            chain = (*chain, str(step.argval))
            continue
        if chain:
            yield chain
        chain = given.get(_last(step.argval)) if step.opname.startswith(("LOAD_FAST", "LOAD_DEREF")) else None
        if step.opname == "LOAD_GLOBAL":
            called = function.__globals__.get(str(step.argval))
            if str(getattr(called, "__module__", None)).startswith(_DOMAIN):
                yield from _paths(called, prefixes, seen)


def _last(name: Any) -> str:
    """Some versions of Python load two variables at once."""
    return str(name[-1] if isinstance(name, tuple) else name)


def _value(numbers: Any, path: Path) -> Any:
    for name in path:
        numbers = getattr(numbers, name, None)
    return numbers


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    """Plain values; a duty or a text that is handed on as a whole, or a list of them, counts with all that it holds."""
    if isinstance(value, Duty | Text):
        for name in type(value).model_fields:
            yield from _leaves((*path, name), getattr(value, name))
    elif isinstance(value, tuple) and value and all(isinstance(each, Duty | Text) for each in value):
        for place, each in enumerate(value):
            yield from _leaves((*path, str(place)), each)
    elif isinstance(value, tuple) and value and all(isinstance(each, _PLAIN) for each in value):
        yield path, ", ".join(_plain(each) for each in value)
    elif isinstance(value, _PLAIN):
        yield path, _plain(value)


def _plain(value: Any) -> str:
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)
