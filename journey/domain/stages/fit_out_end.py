"""The end of a fit-out 装修收尾: completion check, second check, warranty, refund of the deposit, survey.

Entry: `fit_out.completion_requested`; an acceptance alone implies it. Exit: accepted and the deposit settled: refunded,
never paid, or reported done by the post. Posts: property customer service checks, finance refunds.
"""

from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from journey.domain.asking import message, met_by, survey, task
from journey.domain.case_values import CaseKind
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.fit_outs import FitOut
from journey.domain.items import Anchor, key_of
from journey.domain.numbers.fit_out import FitOutNumbers
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.surveys import answer_to
from journey.domain.values import ItemKind, Role

REFUND = "fit-out.refund"
SURVEY = "fit-out.survey"


@rule("fit-out.completion-check", zh="装修竣工验收", asks="C9", since="2026.2")
def completion_check(j: Facts, n: FitOutNumbers) -> Items:
    """Works that are said to be complete are checked within three working days, each time that is said."""
    for one in j.fit_outs:
        for event in one.all("completion_requested"):
            asked = j.anchor(event)
            answer = next((each for each in one.all("accepted") if each.order > event.order), None)
            yield task(
                j.episode, asked, j.after(asked, n.completion_check.within), n.completion_check, by=Role.PROPERTY_CS,
                occurrence=event.id, met=met_by(j.anchor(answer)) if answer else None, because=_missing(one, n),
            )  # fmt: skip


@rule("fit-out.recheck", zh="装修复验", asks="C9", since="2026.2")
def recheck(j: Facts, n: FitOutNumbers) -> Items:
    """Three months after the acceptance somebody looks again."""
    for one, accepted in _accepted(j):
        again = one.first("rechecked")
        yield task(
            j.episode, accepted, j.after(accepted, n.recheck.within), n.recheck, by=Role.PROPERTY_CS,
            kind=ItemKind.VISIT, occurrence=one.id, met=met_by(j.anchor(again)) if again else None,
        )  # fmt: skip


@rule(REFUND, zh="退还装修保证金", asks="C9 A101", since="2026.2", after_closing=True)
def refund(j: Facts, n: FitOutNumbers) -> Items:
    """The deposit goes back to who paid it, seven working days after the acceptance or the end of the journey."""
    for one in j.fit_outs:
        since = refundable_since(j, one)
        if since is not None and _owed(one):
            amount = str(one.deposit[0]) if one.deposit else None
            yield task(
                j.episode, since, j.after(since, n.refund.within), n.refund, by=Role.FINANCE, occurrence=one.id,
                met=met_by(j.anchor(one.refunded)) if one.refunded else None,
                because=() if amount else (Reason("deposit-unknown"),), params={"amount": amount},
            )  # fmt: skip


@rule("fit-out.clarify-deposit", zh="核实装修保证金", asks="C9 A101", since="2026.3", after_closing=True)
def clarify_deposit(j: Facts, n: FitOutNumbers) -> Items:
    """A home is sold or given back while nobody knows what was paid: it is settled with the owner who may have paid.

    The deposit belongs to who paid it. Told with a correction of the application it is refunded; told as nothing, or as
    refunded already, that is the end of it.
    """
    if j.closing is None or n.clarify_deposit is None:
        return
    left = j.anchor(j.closing)
    for one in j.fit_outs:
        if one.accepted is None and not one.rejected:
            known = one.deposit[1] if one.deposit else one.refunded
            if known is None or _learnt(j, known) >= left.known_at:
                met = met_by(replace(j.anchor(known), at=_learnt(j, known))) if known else None
                yield task(
                    j.episode, left, j.after(left, n.clarify_deposit.within), n.clarify_deposit, by=Role.FINANCE,
                    occurrence=one.id, met=met, because=(Reason("deposit-unknown"),),
                )  # fmt: skip


@rule("fit-out.warranty-told", zh="装修保修期告知", asks="C9", since="2026.2")
def warranty_told(j: Facts, n: FitOutNumbers) -> Items:
    """The owner is told how long his contractor answers for the works: two years, five for what keeps water out."""
    for one, accepted in _accepted(j):
        ends = {"fit_out_covered_until": n.warranty, "waterproof_covered_until": n.warranty_waterproof}
        yield message(
            j.episode, accepted, j.after(accepted, n.warranty_told.within), n.warranty_told.window, occurrence=one.id,
            params={name: j.day_of(j.after(accepted, term)).isoformat() for name, term in ends.items()},
        )  # fmt: skip


@rule(SURVEY, zh="装修服务满意度回访", asks="C5 C9", since="2026.2", opens=CaseKind.SURVEY)
def service_survey(j: Facts, n: FitOutNumbers) -> Items:
    """A week after a fit-out has ended the owner is asked how it went."""
    for one, accepted in _accepted(j):
        if settled(j, one):
            ended = max([accepted, *([j.anchor(one.refunded)] if one.refunded else [])], key=attrgetter("on"))
            yield survey(
                j.episode, ended, j.after(ended, n.survey.within), n.survey, by=Role.PROPERTY_CS, occurrence=one.id,
                met=answer_to(j, SURVEY, one.id, since=j.begins(ended.on)),
            )  # fmt: skip


def settled(j: Facts, one: FitOut) -> bool:
    """The deposit went back, was never taken, or the post reported it settled."""
    return bool(one.refunded) or not _owed(one) or j.reported_done(key_of(REFUND, j.episode, one.id))


def refundable_since(j: Facts, one: FitOut) -> Anchor | None:
    """What gives the deposit back: the acceptance, a rejection after it was paid, or the end of the journey."""
    if one.accepted:
        return j.anchor(one.accepted)
    rejection = one.first("rejected")
    if one.rejected and rejection and one.deposit:
        return j.anchor(rejection)
    return j.anchor(j.closing) if j.closing and one.deposit else None


def _learnt(j: Facts, event: Event) -> datetime:
    """When it was told or last corrected."""
    return j.anchor(event).known_at


def _owed(one: FitOut) -> bool:
    """Whether a deposit is or may be with us."""
    return one.deposit is None or one.deposit[0] > 0


def _accepted(j: Facts) -> list[tuple[FitOut, Anchor]]:
    return [(one, j.anchor(one.accepted)) for one in j.fit_outs if one.accepted]


def _missing(one: FitOut, n: FitOutNumbers) -> tuple[Reason, ...]:
    """The mandatory inspections that nobody told of, so that the check makes up for them."""
    kinds = [check.kind for check in n.mandatory_inspections if not one.passed(check.kind)]
    return (Reason("inspections-missing", {"kinds": ", ".join(kinds)}),) if kinds else ()
