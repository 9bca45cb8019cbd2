"""Evidence in a backup: scans, photos and print runs, each under the SHA-256 of its content."""

import hashlib
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from journey.store.tables import events, letter_runs, letters

PLACE: Final = "evidence"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NAMED: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Files of a folder by hash with their sizes; `damaged` are those that are not what their names say."""

    files: Mapping[str, int] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()


def look(folder: Path | None) -> Evidence:
    """What a folder of evidence holds; a half-written file is none of it."""
    files: dict[str, int] = {}
    damaged: list[str] = []
    for place in sorted(folder.glob("??/*")) if folder is not None and folder.is_dir() else ():
        if _HASH.fullmatch(place.name) and place.is_file():
            if _digest(place) == place.name:
                files[place.name] = place.stat().st_size
            else:
                damaged.append(place.name)
    return Evidence(files, tuple(damaged))


def pack(
    archive: tarfile.TarFile, folder: Path, files: Mapping[str, int],
    plain: Callable[[tarfile.TarInfo], tarfile.TarInfo],
) -> None:  # fmt: skip
    """Add the files to a backup."""
    for digest in files:
        archive.add(folder / digest[:2] / digest, _name(digest), filter=plain)


def contents(file: Path, files: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """The files of a backup with their hashes, one after the other; ValueError names the first that was changed."""
    with tarfile.open(file, "r:") as archive:
        members = {member.name: member for member in archive}
        for digest in files:
            member = members.get(_name(digest))
            found: Any = archive.extractfile(member) if member is not None else None
            content = found.read() if found is not None else b""
            if hashlib.sha256(content).hexdigest() != digest:
                raise ValueError(digest)
            yield digest, content


def named(session: Session) -> set[str]:
    """The hashes of every file that the store speaks of: runs, scans, and what facts bring as evidence."""
    found = set(session.execute(select(letters.c.scan).where(letters.c.scan.is_not(None))).scalars())
    for files in session.execute(select(letter_runs.c.files)).scalars():
        found |= set(files.values())
    text = cast(events.c.data, String)
    told = select(text).where(or_(text.contains('"evidence"'), text.contains('"proof"')))
    for data in session.execute(told.execution_options(yield_per=1000)).scalars():
        found |= set(_NAMED.findall(data))
    return found


def _name(digest: str) -> str:
    return f"{PLACE}/{digest[:2]}/{digest}"


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
