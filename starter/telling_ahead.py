"""An event before it is told: the verdict it would get, what it would move, and what would go out next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from journey.domain.event_checks import check_event
from journey.domain.outlook import Outlook
from journey.domain.project_facts import DATES
from journey.domain.reasons import Reason, wording
from journey.domain.telling import item_name
from journey.domain.verdicts import Opinion
from journey.store import previewing, telling_ahead
from journey.store.engine import Store
from journey.store.previewing import Change, ChangedGoLive
from journey.store.queries import shown, shown_to_seconds
from journey.store.shelf import Shelf
from journey.store.telling_ahead import Told
from starter.previewing import impact_document, measure

NEXT: Final = 20


async def preview_journey(
    store: Store, shelf: Shelf, journey: str, body: Any, now: datetime, lang: str
) -> dict[str, Any]:
    """What an event would do to one journey; nothing is written."""
    event = check_event(body, target="journey", now=now)
    told = await store.read(telling_ahead.told_ahead, journey, event, now, shelf=shelf)
    return {"journey": told.row.id, "type": event.type, **_Shown(told, lang).document()}


async def preview_project(
    store: Store, shelf: Shelf, project: str, body: Any, now: datetime, lang: str
) -> dict[str, Any]:
    """What an event would do to a project's batches and their homes; nothing is written."""
    event = check_event(body, target="project", now=now)
    changed = await store.read(previewing.changed_project, project, event, now)
    went_live = await store.read(previewing.changed_go_live, project, event, now)
    names = {name for each in changed for name in each.journeys} | set(went_live.journeys if went_live else ())
    change = replace(Change.of(changed), go_live=went_live, at=now if went_live else None)
    impact = await measure(store, shelf, sorted(names), change, now)
    batches = [
        {"code": each.code, "dates": dates} for each in changed if (dates := moved_dates(each.before, each.after))
    ]
    return {
        "project": project,
        "type": event.type,
        **verdict_document(changed[0].opinion, lang, changed[0].zone),
        "batches": batches,
        "go_live": _went_live(went_live, changed[0].zone),
        **impact_document(impact, changed[0].zone, lang),
        "text": None if batches or went_live or impact.moved_homes else wording("nothing-moves", {}, lang),
    }


def _went_live(changed: ChangedGoLive | None, zone: str) -> dict[str, Any] | None:
    return {"was": shown(changed.was, zone), "to": shown(changed.to, zone)} if changed is not None else None


def verdict_document(opinion: Opinion, lang: str, zone: str) -> dict[str, Any]:
    """A verdict that was not given yet, with its reason in words."""
    return {"verdict": opinion.verdict.value, "reason": _worded(opinion.reason, lang, zone)}


def moved_dates(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The dates of a batch that differ."""
    return [
        {"date": name, "was": _on(before, name), "to": _on(after, name)}
        for name in DATES.values()
        if _on(before, name) != _on(after, name)
    ]


class _Shown:
    """One journey's preview as a person reads it."""

    def __init__(self, told: Told, lang: str) -> None:
        self._told = told
        self._lang = lang

    def document(self) -> dict[str, Any]:
        told = self._told
        difference = told.difference
        gone = ("withdrawn", "missed", "gone")
        return {
            **verdict_document(told.opinion, self._lang, told.row.zone),
            "stage": {"was": told.before.stage.value, "to": told.after.stage.value},
            "status": {"was": told.before.status.value, "to": told.after.status.value},
            "moves": [self._moved(one) for one in difference.moved if one.what not in gone],
            "withdrawn": [self._moved(one) for one in difference.moved if one.what in gone],
            "again": [{**self._named(item.rule, item.key), "how": how} for item, how in difference.again],
            "at_once": [{**self._named(item.rule, item.key), "kind": item.kind} for item in difference.at_once],
            "next": self._next(told.outlook),
            "text": None if difference.any else wording("nothing-moves", {}, self._lang),
        }

    def _moved(self, one: Any) -> dict[str, Any]:
        return {
            **self._named(one.rule, one.key), "kind": one.kind, "role": one.role, "what": one.what,
            "was": self._at(one.was), "due": self._at(one.due),
        }  # fmt: skip

    def _next(self, outlook: Outlook) -> Sequence[dict[str, Any]]:
        """What goes out or opens within two weeks, the first of it."""
        return [
            {
                **self._named(one.item.rule, one.item.key), "kind": one.item.kind.value, "role": one.item.role,
                "channel": one.channel, "at": self._at(one.at),
            }
            for one in outlook.leaving[:NEXT]
        ]  # fmt: skip

    def _named(self, rule: str, key: str) -> dict[str, str]:
        return {"rule": rule, "title": item_name(key, self._lang), "key": key}

    def _at(self, instant: datetime | None) -> str | None:
        return shown_to_seconds(instant, self._told.row.zone)


def _worded(reason: Reason | None, lang: str, zone: str) -> dict[str, Any] | None:
    return {**reason.document(), "text": reason.text(lang, zone)} if reason else None


def _on(dates: Mapping[str, Any], name: str) -> str | None:
    on = dates.get(name, {}).get("on")
    return str(on) if on else None
