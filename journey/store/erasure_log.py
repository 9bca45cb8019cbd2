"""The log of who was forgotten: a file outside the store, so that a backup from before it cannot bring anybody back.

One line of JSON each, ids only. A restore reads it and forgets again (`kernel.md` §10). Keep it where backups are not.
"""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from journey.store.erasing import Erasure

NAME = "erasures.jsonl"


class ErasureLog:
    """Lines are only added; the file appears with the first one, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, erasures: Iterable[Erasure]) -> int:
        """Write down what is not there yet, so that nothing is lost between store and log; how many were new."""
        known = {(one.person, one.evidence) for one in self.read()}
        fresh = [one for one in erasures if (one.person, one.evidence) not in known]
        if fresh:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(one.document(), ensure_ascii=False) + "\n" for one in fresh)
                file.flush()
                os.fsync(file.fileno())
        return len(fresh)

    def read(self) -> list[Erasure]:
        """Every erasure, oldest first; a line that was cut off by a crash is passed over."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                one = json.loads(line)
                at = datetime.fromisoformat(one["at"])
                found.append(Erasure(one["person"], one["ref"], at, one["reason"], bool(one["evidence"])))
            except (ValueError, KeyError, TypeError):
                continue
        return found
