"""Forgetting persons: one at request, or all whose time has come; each in a transaction of his own, and logged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.reasons import wording
from journey.store import erasing, erasing_messages
from journey.store.engine import Store
from journey.store.erasing import Erasure
from journey.store.erasure_log import NAME, ErasureLog
from journey.store.person_queries import person_id
from journey.store.shelf import Shelf
from starter.bodies import Body, Line
from starter.orders import Words

PAGE: Final = 50
ON_REQUEST, RETENTION, RESTORED = "on-request", "retention", "restored"
ZONE: Final = "Asia/Shanghai"  # a day more or less in three years: one clock for every project


class EraseBody(Body):
    """Why a person is forgotten; `by` is the person who says so, beside the API key."""

    reason: Words
    by: Line | None = None


class RetentionBody(Body):
    """Whether anybody is forgotten, or only counted."""

    dry_run: bool = False
    by: Line | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What became of one person: kept for a reason, or forgotten, or only the proofs of his consents were."""

    kept: str | None = None
    erased: bool = False
    evidence: bool = False
    erasure: Erasure | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: who went (or would), whose proofs of consent went, and how many are kept for which reason."""

    dry_run: bool
    seen: Sequence[_Seen]
    strangers: int = 0  # answers of nobody here whose number and words went

    def document(self, lang: str = "zh") -> dict[str, Any]:
        """As it goes over the wire; reasons by code, most first."""
        kept = Counter(one.kept for one in self.seen if one.kept is not None).most_common()
        return {
            "dry_run": self.dry_run,
            "looked_at": len(self.seen),
            "erased": sum(one.erased for one in self.seen),
            "evidence_erased": sum(one.evidence for one in self.seen),
            "strangers": self.strangers,
            "kept": [{"code": code, "count": count, "text": wording(code, {}, lang)} for code, count in kept],
        }


def log_of(home: Path) -> ErasureLog:
    """The log of an installation: in its home, and in no backup."""
    return ErasureLog(home / NAME)


async def erase_person(
    store: Store, shelf: Shelf, log: ErasureLog, ref: str, body: EraseBody, *, actor: str, now: datetime
) -> Erasure:
    """Forget a person at once; NotFound, and Conflict while a home of his, open work or a hold needs what is known.

    What proves his consents stays until its own day comes.
    """

    def forget(session: Session) -> Erasure:
        person = person_id(session, ref)
        found = erasing.standing(session, shelf, person, now)
        erasing.may_go(found)
        evidence = found.evidence_due is not None and found.evidence_due <= local_date(now, ZONE)
        return erasing.erase(
            session, person, reason=body.reason, evidence=evidence, actor=actor, now=now, real_now=datetime.now(UTC),
            by=body.by,
        )  # fmt: skip

    erased = await store.write(forget)
    log.add([Erasure(erased.person, erased.ref, erased.at, ON_REQUEST, erased.evidence)])
    return erased


async def retain(
    store: Store, shelf: Shelf, log: ErasureLog, body: RetentionBody, *, actor: str, now: datetime,
    strangers_kept: timedelta,
) -> Report:  # fmt: skip
    """Forget everybody whose time has come, page by page; with `dry_run` only count. Again changes nothing.

    Of strangers who answered so long ago number and words go too.
    """
    seen: list[_Seen] = []
    after = ""
    if not body.dry_run:
        log.add(await store.read(erasing.erased))  # what a crash kept from the log
    while rows := await store.read(erasing.people_page, after, PAGE):
        for row in rows:
            if body.dry_run:
                seen.append(await store.read(_look, shelf, row, now))
            else:
                seen.append(await store.write(_forget, shelf, row, body, actor, now))
        log.add([one.erasure for one in seen[-len(rows) :] if one.erasure is not None])
        after = rows[-1].id
    before = now - strangers_kept
    if body.dry_run:
        return Report(body.dry_run, seen, await store.read(erasing_messages.strangers, before))
    return Report(body.dry_run, seen, await store.write(erasing_messages.forget_strangers, before, now, actor))


def _look(session: Session, shelf: Shelf, row: Any, now: datetime) -> _Seen:
    """What is to become of one person."""
    found, today = erasing.standing(session, shelf, row.id, now), local_date(now, ZONE)
    evidence = found.kept is None and found.evidence_due is not None and found.evidence_due <= today
    if row.erased_at is not None:
        return _Seen(evidence=True) if evidence else _Seen(kept="kept-evidence")
    kept = found.keeps(today)
    return _Seen(kept=kept.code) if kept is not None else _Seen(erased=True, evidence=evidence)


def _forget(session: Session, shelf: Shelf, row: Any, body: RetentionBody, actor: str, now: datetime) -> _Seen:
    seen = _look(session, shelf, row, now)
    if seen.kept is not None:
        return seen
    erasure = erasing.erase(
        session, row.id, reason=RETENTION, evidence=seen.evidence, actor=actor, now=now, real_now=datetime.now(UTC),
        by=body.by,
    )  # fmt: skip
    return replace(seen, erasure=erasure)


def repeat(store: Store, log: ErasureLog, now: datetime) -> int:
    """Forget again, in a store that was brought back, whoever was forgotten since its backup; how many."""
    known = {row.id: row for row in store.read_sync(erasing.people_page, "", 1_000_000)}
    again = 0
    for one in log.read():
        row = known.get(one.person)
        if row is not None:
            store.write_sync(_again, one, now)
            again += 1
    return again


def _again(session: Session, one: Erasure, now: datetime) -> None:
    erasing.erase(
        session, one.person, reason=RESTORED, evidence=one.evidence, actor=RESTORED, now=now, real_now=datetime.now(UTC)
    )
