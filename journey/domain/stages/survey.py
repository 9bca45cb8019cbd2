"""Surveys 问卷 of an owner's life (C5): after handover, repairs and complaints, and how the relationship stands.

Each is a task for a post that sees to the answer: sent, reminded after three days by a second channel, then by phone.
What is transactional belongs to the contract; the relationship is care, and needs the owner's consent. Consent, and how
often a person was asked already, are decided when the survey opens (`journey/store/surveying.py`). One that nobody
answers ends with its window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from journey.domain.asking import survey
from journey.domain.case_asks import about, ended_together
from journey.domain.case_facts import Round
from journey.domain.case_values import CaseKind
from journey.domain.clocks import local_date
from journey.domain.facts import Facts
from journey.domain.items import Anchor, DayRule
from journey.domain.numbers.base import Duty
from journey.domain.numbers.survey import SurveyNumbers
from journey.domain.periods import Period
from journey.domain.rules import Items, rule
from journey.domain.surveys import answer_to
from journey.domain.values import MessageClass, Role

HANDOVER, REPAIR, COMPLAINT, RELATIONSHIP = (
    "survey.handover", "survey.repair", "survey.complaint", "survey.relationship"
)  # fmt: skip


@rule(HANDOVER, zh="交付现场问卷", asks="A005 C1 C5", since="2026.2", opens=CaseKind.SURVEY)
def handover(j: Facts, n: SurveyNumbers) -> Items:
    """The owner is asked about the handover on the day itself, on site."""
    if j.keys:
        yield survey(
            j.episode, j.keys, j.after(j.keys, n.handover.within), n.handover, by=Role.PROJECT_CS, day=DayRule.PLAIN,
            met=answer_to(j, HANDOVER), params=_asked(n),
        )  # fmt: skip


@rule(REPAIR, zh="房屋整改满意度调查", asks="A443 A411 C5", since="2026.2", opens=CaseKind.SURVEY)
def repair(j: Facts, n: SurveyNumbers) -> Items:
    """After a rectification the owner says how content he is; repairs that ended together share one survey."""
    return _after_cases(j, n, REPAIR, CaseKind.REPAIR, n.repair)


@rule(COMPLAINT, zh="投诉处理满意度调查", asks="A412 C5", since="2026.2", opens=CaseKind.SURVEY)
def complaint(j: Facts, n: SurveyNumbers) -> Items:
    """After a complaint the owner says how content he is."""
    return _after_cases(j, n, COMPLAINT, CaseKind.COMPLAINT, n.complaint)


@rule(RELATIONSHIP, zh="客户关系满意度调查", asks="A002 A003 A005 C5", since="2026.2", opens=CaseKind.SURVEY)
def relationship(j: Facts, n: SurveyNumbers) -> Items:
    """How owners feel about us: before the handover, twice in the first year, in the second, then yearly (C5 segments).

    The last one ends before the warranty does: it keeps no journey open.
    """
    person = j.record.primary
    if person is None:
        return
    days = list(_days(j, n))
    openings = [j.begins(j.shift(on, -n.lead)) for _, _, on in days]
    for place, (occurrence, anchor, on) in enumerate(days):
        following = openings[place + 1] if place + 1 < len(days) else None
        yield survey(
            person, anchor, on, n.relationship, by=Role.PROJECT_CS, message_class=MessageClass.CARE,
            occurrence=occurrence, lead=n.lead, params=_asked(n) | {"person": person},
            met=answer_to(j, RELATIONSHIP, occurrence, since=openings[place], before=following),
        )  # fmt: skip


def _days(j: Facts, n: SurveyNumbers) -> Iterator[tuple[str, Anchor, date]]:
    """Occurrence, fact and day of each, in order."""
    if j.keys is None:
        day = j.handover_date
        if day is not None and j.contract is not None:
            yield n.before_handover.label, day, j.day_of(j.shift(day.on, n.before_handover))
        return
    last = j.day_of(j.warranty_ends) if j.warranty_ends is not None else None
    yearly = _years(n.yearly_from, j.keys.on, last)
    for period in (*n.after_handover, *yearly):
        on = j.day_of(j.shift(j.keys.on, period))
        if last is not None and j.day_of(j.shift(on, n.relationship.window)) <= last:
            yield period.label, j.keys, on


def _years(first: int, keys: date, last: date | None) -> Sequence[Period]:
    return [Period(years=year) for year in range(first, last.year - keys.year + 1)] if last is not None else []


def _after_cases(j: Facts, n: SurveyNumbers, name: str, kind: CaseKind, duty: Duty) -> Items:
    for group in ended_together(j, kind, duty.within.as_timedelta(), _closed):
        head = group[0]
        closed = head.current.closed
        assert closed is not None  # ended
        anchor = replace(closed, on=local_date(closed.at, j.zone))
        occurrence = head.current.name
        yield survey(
            head.person or j.record.primary or j.episode, anchor, j.after(anchor, duty.within), duty,
            by=Role.PROJECT_CS, occurrence=occurrence, met=answer_to(j, name, occurrence, since=closed.at),
            params=_asked(n) | about(head, j) | {"cases": [case.id for case in group]},
        )  # fmt: skip


def _closed(each: Round) -> Anchor | None:
    return each.closed


def _asked(n: SurveyNumbers) -> dict[str, object]:
    return {"channels": list(n.channels)}
