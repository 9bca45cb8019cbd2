"""Open days 工地开放日 in the life of one home: who has not answered, who comes, who did not come, what was seen.

Planning and invitations stand elsewhere. Here a home follows up until it has its keys (A316, A432).
"""

from collections.abc import Iterator, Sequence

from journey.domain.asking import call, message, met_by, survey, task
from journey.domain.case_values import CaseKind
from journey.domain.clocks import local
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.numbers.pre_handover import PreHandoverNumbers
from journey.domain.open_days import OpenDay
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.surveys import answer_to
from journey.domain.values import Role

SURVEY = "pre-handover.open-day-survey"
ANSWERS = ("open_day.rsvp", "open_day.rsvp_cancelled", "open_day.attended", "open_day.walk_in", "open_day.no_show")
CAME = ("open_day.attended", "open_day.walk_in")


@rule("pre-handover.open-day-follow-up", zh="开放日邀请跟进", asks="A432 C1", since="2026.2")
def follow_up(j: Facts, n: PreHandoverNumbers) -> Items:
    """An owner who has not answered the invitation is called before the list closes."""
    duty = n.open_day.follow_up
    for open_day in _ahead(j):
        answers = _of(j, open_day, *ANSWERS)
        last = j.day_of(j.shift(open_day.begins, duty.within))
        yield call(
            j.episode, open_day.planned, last, duty, by=Role.PROJECT_CS, occurrence=open_day.planned.event,
            closes=open_day.begins, met=met_by(j.anchor(answers[0])) if answers else None,
            params={"open_day": open_day.id},
        )  # fmt: skip


@rule("pre-handover.open-day-reminder", zh="开放日前一日提醒", asks="A432", since="2026.2")
def reminder(j: Facts, n: PreHandoverNumbers) -> Items:
    """Whoever put his name down is reminded of his session the day before."""
    text = n.open_day.reminder
    for open_day in _ahead(j):
        answers = _of(j, open_day, *ANSWERS)
        session = open_day.session(answers[-1].data.get("session")) if answers else None
        if session and answers[-1].type == "open_day.rsvp":
            starts = local(session.begins, j.zone)
            yield message(
                j.episode, j.anchor(answers[-1]), j.day_of(j.shift(session.begins, text.within)), text.window,
                occurrence=answers[-1].id, closes=session.begins,
                params={"session_on": starts.date().isoformat(), "session_at": f"{starts:%H:%M}"},
            )  # fmt: skip


@rule(SURVEY, zh="开放日满意度问卷", asks="A432 A316 C1 C5", since="2026.2", opens=CaseKind.SURVEY)
def feedback(j: Facts, n: PreHandoverNumbers) -> Items:
    """Whoever came is asked the day after what he thought of it."""
    for event in _until_keys(j, *CAME):
        came = j.anchor(event)
        last = j.after(came, n.open_day.survey.within)
        yield survey(
            j.episode, came, last, n.open_day.survey, by=Role.PROJECT_CS, occurrence=event.id,
            met=answer_to(j, SURVEY, event.id, since=j.begins(came.on)),
        )  # fmt: skip


@rule("pre-handover.open-day-finding", zh="开放日发现问题整改", asks="A432 C1", since="2026.2")
def finding(j: Facts, n: PreHandoverNumbers) -> Items:
    """What an owner found on an open day is put right before he takes the home over."""
    for event in j.all("open_day.finding"):
        found = j.anchor(event)
        last = j.after(found, n.open_day.finding.within)
        yield task(j.episode, found, last, n.open_day.finding, by=Role.ENGINEERING, occurrence=event.id)


@rule("pre-handover.open-day-rebook", zh="开放日未到场另约", asks="A432", since="2026.2")
def rebook(j: Facts, n: PreHandoverNumbers) -> Items:
    """Whoever put his name down and did not come is offered another date."""
    for event in _until_keys(j, "open_day.no_show"):
        missed = j.anchor(event)
        later = [e for kind in (*CAME, "open_day.rsvp") for e in j.all(kind) if e.order > event.order]
        following = next((one for one in _ahead(j) if one.begins > event.occurred_at), None)
        yield call(
            j.episode, missed, j.after(missed, n.open_day.rebook.within), n.open_day.rebook, by=Role.PROJECT_CS,
            occurrence=event.id, met=met_by(j.anchor(min(later, key=lambda e: e.order))) if later else None,
            because=(_next_date(j, following),),
        )  # fmt: skip


def _ahead(j: Facts) -> Sequence[OpenDay]:
    """Open days that a buyer may come to: not cancelled, planned for his home while he waits for the keys."""
    if not j.sold or j.keys:
        return ()
    return [open_day for open_day in j.record.open_days if not open_day.cancelled]


def _of(j: Facts, open_day: OpenDay, *kinds: str) -> Sequence[Event]:
    """What was told of this home and an open day, in order."""
    told = (event for kind in kinds for event in j.all(kind) if event.data.get("open_day") == open_day.id)
    return sorted(told, key=lambda event: event.order)


def _until_keys(j: Facts, *kinds: str) -> Iterator[Event]:
    """Events of these types while the owner waits for the keys."""
    if j.keys is None:
        yield from (event for kind in kinds for event in j.all(kind))


def _next_date(j: Facts, following: OpenDay | None) -> Reason:
    if following is None:
        return Reason("no-next-open-day")
    return Reason("next-open-day", {"open_day": following.id, "on": j.day_of(following.begins).isoformat()})
