"""Reads `providers.toml`: every mistake is named by file, table and field; secrets are read when channels are made."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from journey.adapters.http_provider import AnswerPlaces, signing_key
from journey.adapters.providers import CARRIED, SECRET_FORM, HttpTable, Providers, Secret
from journey.domain.errors import JourneyError, choices

_NO_PROVIDER: Final = "names no provider of this file"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KINDS: Final = frozenset({"http", "aliyun-sms", "twilio", "wechat", "wecom"})
_OURS: Final = frozenset({"simulated", "smtp", "inbox"})
SHORTEST_KEY: Final = 16  # bytes of one that signs
FILE: Final = "providers.toml"


class ProvidersError(JourneyError):
    """The file cannot be used; each line names file, table and field. Values are never repeated."""

    code: ClassVar[str] = "providers"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_providers(path: Path) -> Providers:
    """The file as it stands; `ProvidersError` with everything that is wrong. Secrets are not read here."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProvidersError([f"{path.name}: cannot be read ({type(error).__name__})"]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        place = re.search(r"\(at [^)]*\)", str(error))
        raise ProvidersError([f"{path.name}: is not TOML {place.group() if place else ''}".rstrip()]) from None
    try:
        providers = Providers.model_validate(document)
    except ValidationError as error:
        wrong = [_told(path, _place(each["loc"]), _words(each)) for each in error.errors()]
        raise ProvidersError([*wrong, *_unnamed(path, document)]) from None
    problems = list(_misplaced(path, providers))
    if problems:
        raise ProvidersError(problems)
    return providers


_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no field of this table",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of: {expected}",
    "model_type": "must be a table",
}


def _words(error: ErrorDetails) -> str:
    """What is wrong with a field, in the words of the file rather than of its checker."""
    context = error.get("ctx", {})
    if error["type"] == "model_type" and context.get("class_name") == Secret.__name__:
        return SECRET_FORM
    if "expected" in context:
        context = {**context, "expected": choices(str(context["expected"]))}
    return _WORDS.get(error["type"], error["msg"].replace("{", "{{").replace("}", "}}")).format(**context)


def _place(place: Sequence[str | int]) -> Sequence[str | int]:
    """Where it stands in the file: a name that is wrong itself is a place as any other."""
    return [part for part in place if part != "[key]"]


def _unnamed(path: Path, document: Mapping[str, Any]) -> Iterator[str]:
    """Channels that name no provider, in a file that has other mistakes too: all of them are told at once."""
    channels, providers = document.get("channels"), document.get("providers", {})
    if isinstance(channels, Mapping) and isinstance(providers, Mapping):
        for channel, name in channels.items():
            if channel in CARRIED and isinstance(name, str) and name not in providers:
                yield _told(path, ("channels", channel), _NO_PROVIDER)


def _misplaced(path: Path, providers: Providers) -> Iterator[str]:
    for name, provider in providers.providers.items():
        if not _NAME.fullmatch(name) or name in _OURS:
            yield _told(path, ("providers", name), "the name must be small letters, digits and -, and not one of ours")
        answer = provider.answer if isinstance(provider, HttpTable) else AnswerPlaces()
        if answer.cost and not (answer.currency or provider.price):
            words = "needs a currency: where it stands (answer.currency), or a price"
            yield _told(path, ("providers", name, "answer", "cost"), words)
    for channel, name in providers.channels.items():
        table = providers.providers.get(name)
        if table is None:
            yield _told(path, ("channels", channel), _NO_PROVIDER)
        elif channel not in table.channels:
            carried = ", ".join(sorted(table.channels))
            yield _told(path, ("channels", channel), f"a provider of the kind {table.kind} carries {carried}")


def _told(path: Path, place: Sequence[str | int], words: str) -> str:
    """`providers.toml: [providers.carrier] answer.id: …`; the kind that pydantic puts in between is left out."""
    parts = [str(part) for part in place]
    if parts[:1] == ["providers"] and len(parts) > 2:
        parts = [*parts[:2], *parts[3:]] if parts[2] in _KINDS else parts
    deep = 2 if parts[:1] == ["providers"] else 1
    table, field = ".".join(parts[:deep]), ".".join(parts[deep:])
    return f"{path.name}: [{table}] {field + ': ' if field else ''}{words.removeprefix('Value error, ')}"


def _signs(secret: SecretStr) -> bool:
    try:
        return len(signing_key(secret)) >= SHORTEST_KEY
    except ValueError:
        return False


class Secrets:
    """Reads the secrets of one file, and keeps what is wrong with them to tell it all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[str] = []

    def read(self, secret: Secret, *place: str) -> SecretStr:
        """The secret; an empty one in its place when it is missing, and a problem to tell."""
        try:
            return secret.read(self._path.parent)
        except ValueError as error:
            self.problems.append(_told(self._path, place, str(error)))
            return SecretStr("")

    def signing(self, secret: Secret, *place: str) -> SecretStr:
        """One that signs: base64 of some length."""
        found = self.read(secret, *place)
        if found.get_secret_value() and not _signs(found):
            words = f"must be base64 of at least {SHORTEST_KEY} bytes, whsec_ before it or not"
            self.problems.append(_told(self._path, place, words))
        return found

    def check(self) -> None:
        """`ProvidersError` when something is missing."""
        if self.problems:
            raise ProvidersError(self.problems)


def places(settings_file: Path | None, home: Path) -> Path | None:
    """The file to read: the one named, else that of the home when there is one."""
    if settings_file is not None:
        return settings_file
    file = home / FILE
    return file if file.exists() else None
