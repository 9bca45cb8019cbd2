"""Fit-out 装修: optional, repeatable, beside occupancy; it shows as a flag, never as the leading stage.

Entry: `fit_out.applied`; whatever is told without one implies it. Exit: `fit_out.accepted` and the deposit settled.
Each application is an occurrence of its own, so two may run at once (`journey/domain/fit_outs.py` says which step
belongs to which). Post: property customer service; it escalates to developer customer service.

This file leads from the handover to the permit and its end; `fit_out_site.py` inspects the works and answers breaches,
`fit_out_end.py` goes from the completion check to the refund.
"""

from dataclasses import replace
from datetime import date, timedelta

from journey.domain.asking import message, met_by, task
from journey.domain.facts import Facts
from journey.domain.fit_outs import FitOut
from journey.domain.items import Anchor, Met
from journey.domain.numbers.fit_out import FitOutNumbers
from journey.domain.rules import Items, rule
from journey.domain.stages.fit_out_end import settled
from journey.domain.values import ItemKind, MessageClass, Role, Stage

STAGE = Stage.FIT_OUT
DAY = timedelta(days=1)


def under_way(j: Facts) -> bool:
    """A fit-out that was not turned down, and is not both accepted and settled."""
    return any(not one.rejected and not (one.accepted and settled(j, one)) for one in j.fit_outs)


# -- before anybody applies -------------------------------------------------------------------------------------------


@rule("fit-out.tell-first", zh="装修事先告知", asks="C9", since="2026.2")
def tell_first(j: Facts, n: FitOutNumbers) -> Items:
    """With the keys the owner learns that the property company is told before works begin (民法典 945)."""
    if j.keys:
        yield message(j.episode, j.keys, j.after(j.keys, n.tell_first.within), n.tell_first.window)


@rule("fit-out.lecture", zh="装修讲座邀请", asks="A437", since="2026.2")
def lecture(j: Facts, n: FitOutNumbers) -> Items:
    """Who is about to fit out is invited to the lecture; who has a permit already is not."""
    if j.keys and not any(one.permitted for one in j.fit_outs):
        yield message(
            j.episode, j.keys, j.after(j.keys, n.lecture.within), n.lecture.window, message_class=MessageClass.CARE
        )


# -- from the application to the permit -------------------------------------------------------------------------------


@rule("fit-out.agreement", zh="装修告知与管理协议", asks="C9", since="2026.2")
def agreement(j: Facts, n: FitOutNumbers) -> Items:
    """Before the permit the owner has told property and accepts its checks on site (民法典 945, 物业条例 52)."""
    for one, applied in _applied(j):
        yield task(
            j.episode, applied, j.after(applied, n.agreement.within), n.agreement, by=Role.PROPERTY_CS,
            kind=ItemKind.GATE, occurrence=one.id, met=_permitted(j, one),
        )  # fmt: skip


@rule("fit-out.review", zh="装修申请审核", asks="C9", since="2026.2")
def review(j: Facts, n: FitOutNumbers) -> Items:
    """An application is permitted or rejected within three working days."""
    for one, applied in _applied(j):
        answer = one.permitted or one.first("rejected")
        yield task(
            j.episode, applied, j.after(applied, n.review.within), n.review, by=Role.PROPERTY_CS, occurrence=one.id,
            met=met_by(j.anchor(answer)) if answer else None,
        )  # fmt: skip


@rule("fit-out.deposit", zh="收取装修保证金", asks="C9", since="2026.2")
def deposit(j: Facts, n: FitOutNumbers) -> Items:
    """The deposit is taken with the permit, into a ledger of its own: it belongs to who paid it."""
    for one, permit in permits(j):
        paid = one.deposit
        yield task(
            j.episode, permit, j.after(permit, n.deposit.within), n.deposit, by=Role.PROPERTY_CS, occurrence=one.id,
            met=met_by(j.anchor(paid[1])) if paid else None, params={"amount": str(n.deposit_amount)},
        )  # fmt: skip


@rule("fit-out.permit-told", zh="装修许可与施工时间告知", asks="C9", since="2026.2")
def permit_told(j: Facts, n: FitOutNumbers) -> Items:
    """The permit, its last day and the hours of work are told in a text (噪声污染防治法 art. 66)."""
    for one, permit in permits(j):
        hours = [f"{begin:%H:%M}–{end:%H:%M}" for begin, end in n.work_hours]
        yield message(
            j.episode, permit, j.after(permit, n.permit_told.within), n.permit_told.window, occurrence=one.id,
            params={"valid_until": permit_ends(j, one, n).isoformat(), "work_hours": hours},
        )  # fmt: skip


@rule("fit-out.services", zh="装修期物业特色服务", asks="A023", since="2026.2")
def services(j: Facts, n: FitOutNumbers) -> Items:
    """Owners who fit out hear what the property company does for them meanwhile."""
    for one, permit in permits(j):
        yield message(
            j.episode, permit, j.after(permit, n.services.within), n.services.window, occurrence=one.id,
            message_class=MessageClass.CARE,
        )  # fmt: skip


# -- the permit's end -------------------------------------------------------------------------------------------------


@rule("fit-out.permit-expiring", zh="装修许可到期提醒", asks="C9", since="2026.2")
def permit_expiring(j: Facts, n: FitOutNumbers) -> Items:
    """While the works go on, the owner is told a week before the permit ends; a renewal has an end of its own."""
    for one, told, ends in _ending_permits(j, n):
        yield message(
            j.episode, told, j.shift(ends, n.permit_expiring.within), n.permit_expiring.window,
            occurrence=f"{one.id}/{told.event}", closes=j.begins(ends), params={"valid_until": ends.isoformat()},
        )  # fmt: skip


@rule("fit-out.permit-expired", zh="装修许可到期处理", asks="C9", since="2026.2")
def permit_expired(j: Facts, n: FitOutNumbers) -> Items:
    """Works that go on past the permit are renewed or stopped."""
    for one, told, ends in _ending_permits(j, n):
        if j.begun(ends + DAY):
            past = replace(told, on=ends, known_at=max(told.known_at, j.begins(ends + DAY)))
            yield task(
                j.episode, past, j.after(past, n.permit_expired.within), n.permit_expired, by=Role.PROPERTY_CS,
                occurrence=f"{one.id}/{told.event}", params={"valid_until": ends.isoformat()},
            )  # fmt: skip


# -- small helpers ----------------------------------------------------------------------------------------------------


def permits(j: Facts) -> list[tuple[FitOut, Anchor]]:
    """Every fit-out that was permitted, with its permit."""
    return [(one, j.anchor(one.permitted)) for one in j.fit_outs if one.permitted]


def permit_ends(j: Facts, one: FitOut, n: FitOutNumbers) -> date:
    """The last day of the permit as renewed last: the day it names, else the pack's length from its own day."""
    told = one.permit_of(j.zone)
    assert told is not None  # asked of permitted ones only
    event, until = told
    return until or j.day_of(j.shift(event.on(j.zone), n.permit))


def _applied(j: Facts) -> list[tuple[FitOut, Anchor]]:
    """Every fit-out that was applied for, with its application."""
    return [(one, j.anchor(told)) for one in j.fit_outs if (told := one.first("applied"))]


def _permitted(j: Facts, one: FitOut) -> Met | None:
    return met_by(j.anchor(one.permitted)) if one.permitted else None


def _ending_permits(j: Facts, n: FitOutNumbers) -> list[tuple[FitOut, Anchor, date]]:
    """The permits under which works go on: what told them last, and their last day."""
    found = []
    for one in j.fit_outs:
        told = one.permit_of(j.zone)
        if told is not None and one.at_work:
            found.append((one, j.anchor(told[0]), permit_ends(j, one, n)))
    return found
