"""What is wrong with a policy file, in words, at the file and line where it stands."""

from collections.abc import Sequence
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journey.adapters.pack_files import Location, Problem, Source
from journey.domain.values import Role


def worded(error: ValidationError, source: Source) -> list[Problem]:
    """The errors of a model as problems of the file, each where it stands, in plain words."""
    details = error.errors(include_url=False, include_context=False)
    missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
    problems = []
    for detail in details:
        # Told already, name by name, where the file is read.
        if "has no entry for" not in detail["msg"]:
            location = _location(detail, source)
            problems.append(source.problem(location, _text(detail, location, missing)))
    return problems


def _location(detail: ErrorDetails, source: Source) -> Location:
    """Where an error stands: one about a whole section begins with the name that it is about."""
    location = tuple(step for step in detail["loc"] if step != "[key]")
    subject = _message(detail).split(maxsplit=1)[0].rstrip(":")
    return (*location, subject) if (*location, subject) in source.places else location


def _text(detail: ErrorDetails, location: Location, missing: list[Location]) -> str:
    name = str(location[-1]) if location else ""
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "extra_forbidden":
        return f"unknown name {name}" + near(name, [str(loc[-1]) for loc in missing if loc[:-1] == location[:-1]])
    if detail["loc"][-1:] == ("[key]",):
        return f"unknown role {name}" + near(name, [role.value for role in Role])
    value = detail["input"]
    got = f" (got {value!r})" if detail["type"] != "value_error" and not isinstance(value, dict | list) else ""
    return _message(detail) + got


def _message(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ")


def near(name: str, names: Sequence[str]) -> str:
    """A hint at the closest known name, empty when none is close."""
    closest = get_close_matches(name, names, n=1)
    return f"; did you mean {closest[0]}?" if closest else ""
