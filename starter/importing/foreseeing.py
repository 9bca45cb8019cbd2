"""What an import would do, before anything is committed: missed items, duties of the law, what leaves in two weeks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.errors import InvalidInput
from journey.domain.event_checks import check_event
from journey.domain.outlook import LegalDuty, Outlook, Standing, look_ahead
from journey.domain.owner_checks import check_owner
from journey.domain.planner import plan
from journey.domain.reasons import Reason
from journey.domain.rules import title
from journey.domain.verdicts import Verdict
from journey.store import foreseeing, registry
from journey.store.engine import Store
from journey.store.foreseeing import Ground, NewHome
from journey.store.queries import shown
from journey.store.registry import NewProject
from journey.store.shelf import Shelf
from journey.store.tables import projects
from starter.bodies import go_live_ahead
from starter.importing.batches import planned_batches
from starter.importing.checking import Checked, Home
from starter.importing.project import Project
from starter.importing.remarks import Place, Remark

DAYS: Final = 14
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class _Seen:
    """One row's home as it is foreseen, or what the door would refuse of it."""

    home: Home
    outlook: Outlook | None = None
    journey: str | None = None
    refused: Sequence[tuple[str, Reason]] = ()
    error: Remark | None = None


@dataclass(slots=True)
class Foresight:
    """What is foreseen: one document a project, the rows that a door would refuse, and the journeys that are there."""

    projects: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    there: dict[Place, str] = field(default_factory=dict)


async def foresee(
    store: Store, shelf: Shelf, checked: Checked, project: Project | None, now: datetime, lang: str = "zh"
) -> Foresight:
    """Plan every home in memory as of `now`; NotFound when no project of theirs is there or to be made."""
    batches = planned_batches(checked.homes, now.isoformat(timespec="seconds")).planned
    found = Foresight()
    go_live_ahead(project.go_live_at if project else None, now)  # a wrong year is refused before anything is planned
    codes = sorted({home.project for home in checked.homes})
    known = await store.read(_known, codes, project)
    for code in known or codes:
        told = [event for of, event in batches if of == code]
        homes = [home for home in checked.homes if home.project == code]
        ground = await store.read(_ground, _new_project(code, project), told, homes, now)
        seen: list[_Seen] = []
        for start in range(0, len(homes), PAGE):
            seen += await store.read(_foresee_page, ground, homes[start : start + PAGE], now, shelf)
        found.projects.append(_Report(ground, now, lang).document(seen))
        found.errors += [one.error for one in seen if one.error]
        found.there |= {one.home.place: one.journey for one in seen if one.journey}
    return found


def _known(session: Session, codes: Sequence[str], project: Project | None) -> list[str]:
    """The projects that are there, or that the import makes."""
    there = set(session.execute(select(projects.c.code).where(projects.c.code.in_(codes))).scalars())
    made = {project.code} if project is not None and project.is_made else set()
    return [code for code in codes if code in there | made]


def _new_project(code: str, project: Project | None) -> NewProject | str:
    """The project of these rows: to be made when it is missing, else only its code."""
    if project is None or project.code != code or not (project.name and project.city):  # is_made, for the type
        return code
    return NewProject(code, project.name, project.city, project.pack, go_live_at=project.go_live_at)


def _ground(
    session: Session, project: NewProject | str, told: Sequence[Any], homes: Sequence[Home], now: datetime
) -> Ground:
    if isinstance(project, str):
        row = registry.project_row(session, project)
        project = NewProject(row.code, row.name, row.city, row.pack)
    checked = [check_event(event, target="project", now=now) for event in told]
    return foreseeing.ground_of(session, project, checked, now, {home.unit: home.building for home in homes})


def _foresee_page(session: Session, ground: Ground, homes: Sequence[Home], now: datetime, shelf: Shelf) -> list[_Seen]:
    return [_foresee_home(session, ground, home, now, shelf) for home in homes]


def _foresee_home(session: Session, ground: Ground, home: Home, now: datetime, shelf: Shelf) -> _Seen:
    try:
        owners = [check_owner(owner, at=f"owners/{position}") for position, owner in enumerate(home.owners)]
        facts = [check_event(fact, target="journey", now=now) for fact in home.facts]
    except InvalidInput as error:
        texts = "; ".join(each.text for each in error.errors), "; ".join(each.text_zh for each in error.errors)
        return _Seen(home, error=Remark(home.row, home.unit, error.code, texts[1], texts[0], home.sheet))
    told = NewHome(home.unit, home.building, owners, facts)
    foreseen = foreseeing.foresee_home(session, ground, told, now, shelf=shelf)
    found = plan(foreseen.record, now, foreseen.seen)
    kinds = {event.id: event.type for event in foreseen.record.events if event.id not in foreseen.seen}
    refused = [
        (kinds[event], opinion.reason)
        for event, opinion in found.opinions.items()
        if opinion.verdict is Verdict.REFUSED and event in kinds and opinion.reason is not None
    ]
    outlook = look_ahead(found, foreseen.record, now, horizon(ground.go_live_at, now), foreseen.channel)
    return _Seen(home, outlook, foreseen.journey, refused)


def horizon(go_live_at: datetime | None, now: datetime) -> datetime:
    """The end of the first two weeks: from now, or from a go-live that is still ahead."""
    return max(now, go_live_at or now) + timedelta(days=DAYS)


class _Report:
    """The homes of one project, added up."""

    def __init__(self, ground: Ground, now: datetime, lang: str) -> None:
        self._ground = ground
        self._now = now
        self._lang = lang

    def document(self, seen: Sequence[_Seen]) -> dict[str, Any]:
        """As it is shown."""
        ground, zone = self._ground, self._ground.zone
        homes = [(one.home, one.outlook) for one in seen if one.outlook is not None]
        leaving = self._leaving(homes)
        duties = [self._duty(home, duty) for home, outlook in homes for duty in outlook.duties]
        return {
            "project": ground.code,
            "go_live_at": shown(ground.go_live_at, zone),
            "from": shown(self._now, zone),
            "until": shown(horizon(ground.go_live_at, self._now), zone),
            "homes": len(homes),
            "new": sum(one.journey is None for one in seen if one.outlook is not None),
            "missed": self._missed(homes),
            "statutory": sorted((duty for duty in duties if duty["standing"] != Standing.MET), key=_by_date),
            "statutory_met": sum(duty["standing"] == Standing.MET for duty in duties),
            "leaving": leaving,
            "messages": sum(each["count"] for each in leaving if each["channel"]),
            "tasks": sum(each["count"] for each in leaving if not each["channel"]),
            "kept": self._kept(homes),
            "refused": [self._refused(one.home, kind, reason) for one in seen for kind, reason in one.refused],
        }

    def _missed(self, homes: Iterable[tuple[Home, Outlook]]) -> list[dict[str, Any]]:
        groups: dict[tuple[str, str], list[Any]] = {}
        for _, outlook in homes:
            for missed in outlook.missed:
                groups.setdefault((missed.item.rule, missed.reason.code), []).append(missed)
        return [
            {
                **self._named(rule),
                "reason": code,
                "text": Reason(code).text(self._lang),
                "statutory": group[0].item.statutory,
                "count": len(group),
                "first": self._day(min(missed.item.planned_due for missed in group)),
                "last": self._day(max(missed.item.planned_due for missed in group)),
            }
            for (rule, code), group in sorted(groups.items())
        ]

    def _duty(self, home: Home, duty: LegalDuty) -> dict[str, Any]:
        legal = duty.item.legal_due
        assert legal is not None  # what makes it a duty of the law
        return {
            "sheet": home.sheet,
            "row": home.row,
            "unit": home.unit,
            **self._named(duty.item.rule),
            "legal_date": self._day(legal),
            "standing": duty.standing.value,
            "text": Reason(f"statutory-{duty.standing}").text(self._lang),
            "met_on": duty.met_on.isoformat() if duty.met_on else None,
        }

    def _leaving(self, homes: Iterable[tuple[Home, Outlook]]) -> list[dict[str, Any]]:
        """By day, kind, channel or post, and rule."""
        counted = Counter(
            (self._day(one.at), one.item.kind.value, one.channel or "", one.item.role or "", one.item.rule)
            for _, outlook in homes
            for one in outlook.leaving
        )
        return [
            {"day": day, "kind": kind, "channel": channel or None, "role": role or None, **self._named(rule),
             "count": count}
            for (day, kind, channel, role, rule), count in sorted(counted.items())
        ]  # fmt: skip

    def _kept(self, homes: Iterable[tuple[Home, Outlook]]) -> list[dict[str, Any]]:
        counted = Counter((one.item.rule, one.reason) for _, outlook in homes for one in outlook.kept)
        return [
            {**self._named(rule), "reason": code, "text": Reason(code).text(self._lang), "count": count}
            for (rule, code), count in sorted(counted.items())
        ]

    def _refused(self, home: Home, kind: str, reason: Reason) -> dict[str, Any]:
        return {
            "sheet": home.sheet,
            "row": home.row,
            "unit": home.unit,
            "type": kind,
            "reason": reason.code,
            "text": reason.text(self._lang, self._ground.zone),
        }

    def _named(self, rule: str) -> dict[str, str]:
        return {"rule": rule, "title": title(rule, self._lang)}

    def _day(self, instant: datetime) -> str:
        return (shown(instant, self._ground.zone) or "")[:10]


def _by_date(duty: Mapping[str, Any]) -> tuple[str, str, str]:
    return duty["legal_date"], duty["unit"], duty["rule"]
