"""The works of a fit-out 装修现场: inspections each week, those that none may miss, and breaches.

An inspection is told as `fit_out.inspected` (`kind`, `passed`), a breach as `fit_out.breach` (`kind`); an inspection
that is passed after it says that it was put right. Post: property customer service.
"""

from dataclasses import replace
from datetime import date, datetime

from journey.domain.asking import AT_ITS_DUE, met_by, task
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.fit_outs import FitOut, Kind
from journey.domain.items import Anchor
from journey.domain.letters import proofs_of, served_by
from journey.domain.numbers.fit_out import FitOutNumbers, SiteCheck
from journey.domain.reasons import Reason
from journey.domain.recurring import running_rounds
from journey.domain.rules import Items, rule
from journey.domain.stages.fit_out import permit_ends, permits
from journey.domain.values import ItemKind, Role


@rule("fit-out.inspection", zh="装修每周巡检", asks="C9", since="2026.2")
def inspection(j: Facts, n: FitOutNumbers) -> Items:
    """Each week of the works is inspected twice: one task a week, done by the second inspection that is told.

    Only the week that runs and the one before it are asked for: a week that nobody inspected is escalated, then over.
    """
    for one, permit in permits(j):
        if not one.at_work or not n.inspections:
            continue
        for week in running_rounds(j, permit.on, n.inspection_every, permit_ends(j, one, n)):
            told = [event for event in one.all("inspected") if week.holds(event.on(j.zone))]
            enough = told[n.inspections - 1] if n.inspections <= len(told) else None
            begun = replace(permit, on=week.after, known_at=max(permit.known_at, j.begins(week.after)))
            yield task(
                j.episode, begun, week.ends, n.inspection, by=Role.PROPERTY_CS, kind=ItemKind.VISIT,
                occurrence=f"{one.id}/w{week.number}", met=met_by(j.anchor(enough)) if enough else None,
                params={"done": len(told), "wanted": n.inspections},
            )  # fmt: skip


@rule("fit-out.mandatory-inspection", zh="装修必检项", asks="C9", since="2026.2")
def mandatory_inspection(j: Facts, n: FitOutNumbers) -> Items:
    """Demolition, the water test and what is about to be closed are inspected, whatever the week."""
    for one, permit in permits(j):
        for check in n.mandatory_inspections:
            passed = one.passed(check.kind)
            if passed or not one.accepted:
                last, opens = _when(j, one, permit, check, n)
                asked = task(
                    j.episode, permit, last, check, by=Role.PROPERTY_CS, kind=ItemKind.VISIT,
                    occurrence=f"{one.id}/{check.kind}", met=met_by(j.anchor(passed)) if passed else None,
                    params={"kind": check.kind},
                )  # fmt: skip
                yield replace(asked, lead=AT_ITS_DUE) if opens else asked


@rule("fit-out.stop-notice", zh="装修违规停工通知", asks="C9", since="2026.2")
def stop_notice(j: Facts, n: FitOutNumbers) -> Items:
    """A breach is stopped in writing at once, until it is put right."""
    for breach, told, resolved in _breaches(j):
        if resolved is None:
            yield task(
                j.episode, told, told.at + n.stop_notice.within.as_timedelta(), n.stop_notice, by=Role.PROPERTY_CS,
                kind=ItemKind.LETTER, occurrence=breach.id, params=_kind(breach, n),
                met=served_by(proofs_of(j, "fit-out.stop-notice", breach.id)),
            )  # fmt: skip


@rule("fit-out.report-breach", zh="装修违规上报主管部门", asks="C9", since="2026.2")
def report_breach(j: Facts, n: FitOutNumbers) -> Items:
    """A breach that is not put right is reported to the authority within 24 hours (上海住宅物业管理规定 art. 59)."""
    for breach, told, resolved in _breaches(j):
        due = told.at + n.report_breach.within.as_timedelta()
        if resolved is None or _bears_load(breach) or resolved.occurred_at > due:
            yield task(
                j.episode,
                told,
                due,
                n.report_breach,
                by=Role.PROPERTY_CS,
                occurrence=breach.id,
                params=_kind(breach, n),
            )


@rule("fit-out.load-bearing", zh="破坏承重结构应急处置", asks="C9 C2", since="2026.2")
def load_bearing(j: Facts, n: FitOutNumbers) -> Items:
    """Whoever touches what bears load is an emergency: an engineer is on site at once (质量条例 art. 69)."""
    for breach, told, _ in _breaches(j):
        if _bears_load(breach):
            yield task(
                j.episode, told, told.at + n.load_bearing.within.as_timedelta(), n.load_bearing, by=Role.ENGINEERING,
                kind=ItemKind.VISIT, occurrence=breach.id, because=(Reason("load-bearing"),),
            )  # fmt: skip


def _when(j: Facts, one: FitOut, permit: Anchor, check: SiteCheck, n: FitOutNumbers) -> tuple[date | datetime, bool]:
    """The last day of a check, and whether it opens no earlier: water stands 48 hours before anybody looks."""
    begun = [e for e in one.all("inspected") if e.data.get("kind") == Kind.WATER_TEST_BEGUN]
    if check.kind == Kind.WATER_TEST and begun:
        return begun[-1].occurred_at + n.water_test_holds.as_timedelta(), True
    return j.after(permit, check.within), False


def _breaches(j: Facts) -> list[tuple[Event, Anchor, Event | None]]:
    """Every breach of every fit-out, with the inspection that found it put right."""
    return [(event, j.anchor(event), one.resolved(event)) for one in j.fit_outs for event in one.all("breach")]


def _bears_load(breach: Event) -> bool:
    return breach.data.get("kind") == Kind.LOAD_BEARING


def _kind(breach: Event, n: FitOutNumbers) -> dict[str, str]:
    """What a breach is called, when we or the pack know the name: what a clerk made up stays in the fact."""
    known = {*Kind, *(check.kind for check in n.mandatory_inspections)}
    kind = breach.data.get("kind")
    return {"kind": str(kind)} if kind in known else {}
