"""A project 项目: checks before its opening 开盘, milestones, filing after completion, owners' assembly, feasts.

The news of a milestone is a broadcast's; here a post is asked whether a planned one was reached.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from journey.domain.agendas import AgendaKind
from journey.domain.asking import AT_ITS_DUE, met_by, task
from journey.domain.evidence import PHOTO
from journey.domain.feasts import Feast, feast_day
from journey.domain.gates import PASSED, Round
from journey.domain.numbers.base import Duty
from journey.domain.numbers.project import ProjectNumbers
from journey.domain.reasons import Reason
from journey.domain.record import GateWord
from journey.domain.rules import Items, rule
from journey.domain.shared.facts import ProjectFacts, place_of
from journey.domain.shared.gates import gate_items
from journey.domain.values import Gate, Milestone, Role

PROJECT = AgendaKind.PROJECT
LOOKED_BACK = timedelta(days=7)  # what was not ready for a feast is seen overdue and escalated for a week after it


def _before_opening(p: ProjectFacts, gate: Gate, duty: Duty, by: Role) -> Items:
    """A check that has to be passed before each opening; told with the opening's phase it counts for that one alone."""
    for event in p.openings:
        anchor, place = p.anchor(event), dict(event.scope or {})
        yield from gate_items(
            p, anchor, p.after(anchor, duty.within), duty, p.rounds(gate, place), by=by, occurrence=place_of(event),
            params={"gate": gate.value, "scope": place, "opening_on": anchor.on.isoformat()},
        )  # fmt: skip


@rule("project.site-quality", zh="售场品质检验与整改立案", asks="A308", since="2026.2", of=PROJECT)
def site_quality(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Before the opening the sales site is inspected, what was found is put right and filed."""
    yield from _before_opening(p, Gate.SITE_QUALITY, n.site_quality, Role.PROPERTY_CS)


@rule("project.service-handbook", zh="项目服务手册定稿并统一口径", asks="A309", since="2026.2", of=PROJECT)
def service_handbook(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Before sales begin the service handbook is there, in one wording with marketing."""
    yield from _before_opening(p, Gate.SERVICE_HANDBOOK, n.service_handbook, Role.PROJECT_CS)


@rule("project.site-comfort", zh="售场舒适度检验", asks="A310", since="2026.2", of=PROJECT)
def site_comfort(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Before the opening the comfort of the sales hall and of the signing room is checked."""
    yield from _before_opening(p, Gate.SITE_COMFORT, n.site_comfort, Role.PROJECT_CS)


@rule("project.disclosure", zh="销售信息公示清单", asks="A311", since="2026.2", of=PROJECT)
def disclosure(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Before the opening prices, contract, 五证, customisation and parking are disclosed in the sales hall."""
    yield from _before_opening(p, Gate.DISCLOSURE, n.disclosure, Role.SALES)


@rule("project.promotion", zh="宣传资料审核", asks="A422", since="2026.2", of=PROJECT)
def promotion(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Promotion material is checked by design, engineering and legal before it is used."""
    yield from _before_opening(p, Gate.PROMOTION, n.promotion, Role.LEGAL)


@rule("project.show-area", zh="示范区开放前检验", asks="A423", since="2026.2", of=PROJECT)
def show_area(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """The show area is inspected before it opens."""
    yield from _before_opening(p, Gate.SHOW_AREA, n.show_area, Role.ENGINEERING)


@rule("project.display", zh="销售现场公示检查", asks="A424", since="2026.2", of=PROJECT)
def display(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Licences, staff, prices, contract text and the complaint channel are on display before the opening."""
    yield from _before_opening(p, Gate.DISPLAY, n.display, Role.SALES)


@rule("project.activity-evaluation", zh="活动后评估", asks="A426", since="2026.2", of=PROJECT)
def activity_evaluation(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """After an activity for prospects and owners its evaluation is filed."""
    for event in p.all("activity.planned"):
        anchor = p.anchor(event)
        yield task(
            p.episode, anchor, p.after(anchor, n.activity_evaluation.within), n.activity_evaluation, by=Role.SALES,
            occurrence=event.id,
        )  # fmt: skip


@rule("project.milestone-due", zh="核实计划节点是否达成", asks="A430 A315 C6", since="2026.2", of=PROJECT)
def milestone_due(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """A milestone whose planned day is over and which nobody told reached: engineering says how it stands."""
    for event in p.planned_milestones:
        milestone, anchor = str(event.data.get("milestone")), p.anchor(event)
        reached = p.reached(milestone, event.scope or {})
        if p.begun(anchor.on):
            yield task(
                p.episode, anchor, p.after(anchor, n.milestone_due.within), n.milestone_due, by=Role.ENGINEERING,
                occurrence=f"{milestone}-{place_of(event)}", lead=AT_ITS_DUE if not n.milestone_due.within else None,
                met=met_by(reached), because=(Reason("milestone-untold", {"milestone": milestone}),),
                params={"milestone": milestone},
            )  # fmt: skip


@rule("project.unit-acceptance", zh="竣工验收前分户验收", asks="C1", since="2026.3", of=PROJECT)
def unit_acceptance(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Every home is accepted one by one (一户一验) before the completion is: 建质[2009]291.

    While it fails no batch of these buildings is planned (`project_facts.py`). A completion that was accepted with no
    word on it implies it.
    """
    duty = n.unit_acceptance
    if duty is None:
        return
    for event in p.planned_milestones:
        if event.data.get("milestone") == Milestone.COMPLETION_ACCEPTED:
            anchor, place = p.anchor(event), dict(event.scope or {})
            rounds, completed = p.rounds(Gate.UNIT_ACCEPTANCE, place), p.reached(Milestone.COMPLETION_ACCEPTED, place)
            if completed is not None and not p.words(Gate.UNIT_ACCEPTANCE, place):
                rounds = [Round(passed=GateWord(PASSED, completed.at, completed.event))]
            yield from gate_items(
                p, anchor, p.after(anchor, duty.within), duty, rounds, by=Role.ENGINEERING, occurrence=place_of(event),
                params={"gate": Gate.UNIT_ACCEPTANCE.value, "scope": place},
            )  # fmt: skip


@rule("project.completion-filing", zh="竣工验收备案", asks="C1", since="2026.2", of=PROJECT)
def completion_filing(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Completion is filed within 15 days of its acceptance: 建设工程质量管理条例 art. 49."""
    for event in p.all("milestone.reached"):
        if event.data.get("milestone") == Milestone.COMPLETION_ACCEPTED:
            anchor = p.anchor(event)
            filed = p.reached(Milestone.COMPLETION_FILED, event.scope or {})
            yield task(
                p.episode, anchor, p.after(anchor, n.completion_filing.within), n.completion_filing,
                by=Role.ENGINEERING, occurrence=place_of(event), statutory=True, met=met_by(filed),
            )  # fmt: skip


@rule("project.owners-assembly", zh="业主大会筹备告知", asks="C1", since="2026.2", of=PROJECT)
def owners_assembly(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Half of the homes are handed over: the authorities are told that an owners' assembly is due (京30, 鲁物20).

    Local law may call for it earlier, such as two years after the first home with a quarter of them (鲁物20). Homes are
    counted, not their floor area, which nobody tells.
    """
    if p.assembly is not None:
        day, share = p.assembly
        yield task(
            p.episode, day, p.after(day, n.owners_assembly.within), n.owners_assembly, by=Role.PROPERTY_CS,
            params={"delivered": p.shared.delivered, "homes": p.shared.homes, "share": share},
        )  # fmt: skip


@rule("project.festival-atmosphere", zh="节日社区氛围布置并拍照", asks="A030", since="2026.3", of=PROJECT)
def festival_atmosphere(p: ProjectFacts, n: ProjectNumbers) -> Items:
    """Once owners live there, the community is dressed for each feast that the pack names, and shown by a photo."""
    home, numbers = p.lived_in, n.festival_atmosphere
    if home is None or numbers is None:
        return
    for feast in numbers.feasts:
        for day in _around(p, feast):
            if day > home.on:
                yield task(
                    p.episode, home, p.shift(day, numbers.within), numbers, by=Role.PROPERTY_CS,
                    occurrence=f"{feast.value}/{day.year}", closes=p.begins(day),
                    params={"feast": feast.value, "on": day.isoformat(), PHOTO: True},
                )  # fmt: skip


def _around(p: ProjectFacts, feast: Feast) -> Iterator[date]:
    """The day of a feast while it is not long over, else the next one."""
    for year in (p.today.year - 1, p.today.year, p.today.year + 1):
        day = feast_day(feast, year)
        if day is not None and not p.begun(day + LOOKED_BACK):
            yield day
            if day > p.today:
                return
