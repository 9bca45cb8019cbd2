"""Handover 交付: from the notices before the day to the keys, whatever comes of each visit.

Entry: `handover.notice_served`; `.refused` and `.no_show` imply it. Exit: `handover.accepted`, `.conditional` or
`.deemed`; that outcome starts the owner's warranty clocks. Beside it: `unreachable.py` (whom nobody reaches),
`title.py` (产证), `late_handover.py` (逾期交付), `cancellation.py` (退房).

Nobody is told to come while his batch waits for its gate, nor asked again once a visit has ended.
When the day moves, the −30 d notice is announced anew, what prepares that day is repeated (formal notice with its
proof, call, reminder, companion), and what does not depend on it is kept (information, maintenance fund).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from journey.domain.asking import call, letter, message, met_by, task
from journey.domain.events import Event
from journey.domain.evidence import PROOF
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Late, Met, Recipients, WhenMoved, key_of
from journey.domain.letters import posted, proofs_of
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.outcomes import FORMAL_NOTICE
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.values import ItemKind, Role, Stage

STAGE = Stage.HANDOVER


def entered(j: Facts) -> bool:
    """The notice is proved delivered, or an outcome without keys was told, which implies it."""
    return j.notice_served is not None or j.first("handover.refused", "handover.no_show") is not None


# -- before the day ---------------------------------------------------------------------------------------------------


@rule("handover.notice", zh="交付通知", asks="A020 C1", since="2026.1")
def notice(j: Facts, n: HandoverNumbers) -> Items:
    """Every owner is told a month ahead from when the home is handed over, and at once when that day moves.

    It waits until the batch is ready to hand over, or a person lets it go in his own name.
    """
    if day := j.offered:
        yield message(
            j.episode, day, _before(j, day, n.notice.within), n.notice.window, kind=ItemKind.NOTICE,
            recipients=Recipients.OWNERS, when_moved=WhenMoved.ANNOUNCE, closes=j.begins(day.on),
            because=j.gate_word, params=_on(day), waits=j.gate_awaited,
        )  # fmt: skip


@rule("handover.formal-notice", zh="书面交付通知(留存送达凭证)", asks="A020 A022 C1", since="2026.1")
def formal_notice(j: Facts, n: HandoverNumbers) -> Items:
    """Each owner is served the written notice with proof, a fortnight ahead; served again when the day moves.

    It waits for the batch as the first notice does, but not past the law's last day: then a person decides.
    """
    day = j.handover_date
    if day is None:
        return
    for owner in j.owners:
        served = j.served_to(owner)
        if served or not j.keys:
            yield letter(
                j.episode, day, j.day_of(_before(j, day, n.formal_notice.within)), n.formal_notice,
                by=Role.PROJECT_CS, to=owner, served=served, statutory=True, when_moved=WhenMoved.REPEAT,
                legal_last=j.day_of(_before(j, day, n.formal_notice_latest)), params=_on(day),
                waits=j.gate_awaited,
            )  # fmt: skip


@rule("handover.service-proof", zh="追索书面通知的送达凭证", asks="A020 C1", since="2026.3")
def service_proof(j: Facts, n: HandoverNumbers) -> Items:
    """A formal notice that was sent off serves nobody until it is proved: its proof is asked for by the law's day."""
    day = j.handover_date
    if day is None or n.service_proof is None:
        return
    last, law = (j.day_of(_before(j, day, each)) for each in (n.service_proof.within, n.formal_notice_latest))
    for owner in j.owners:
        for key, sent in posted(j, key_of(FORMAL_NOTICE, j.episode, owner), day.on).items():
            proof = _proof_of(j, key, owner, day)
            chased = proof is None or proof.known_at > sent.known_at
            if chased and (proof or not j.keys):
                yield task(
                    j.episode, sent, last, n.service_proof, by=Role.PROJECT_CS, occurrence=f"{sent.event}/{owner}",
                    statutory=True, legal_last=law, met=met_by(proof), params={"person": owner, PROOF: True},
                )  # fmt: skip


@rule("handover.information", zh="收楼须知", asks="A022", since="2026.1")
def information(j: Facts, n: HandoverNumbers) -> Items:
    """What to bring, what is checked and what is paid is told in detail before the day.

    The keeper tells it when an outage keeps the text for half of the time that is left.
    """
    if day := j.offered:
        yield message(
            j.episode, day, _before(j, day, n.information.within), n.information.window,
            closes=j.begins(day.on), late=Late.ESCALATE, by=Role.KEEPER, duty=n.call, params=_on(day),
            waits=j.gate_awaited,
        )  # fmt: skip


@rule("handover.call", zh="交房电话到户", asks="A021 C1", since="2026.1")
def call_household(j: Facts, n: HandoverNumbers) -> Items:
    """Every household is called a week ahead; again when the day moves."""
    if day := j.offered:
        yield call(
            j.episode, day, _before(j, day, n.call.within), n.call, by=Role.KEEPER, closes=j.begins(day.on),
            when_moved=WhenMoved.REPEAT, params=_on(day), waits=j.gate_awaited,
        )  # fmt: skip


@rule("handover.reminder", zh="交付前一日提醒", asks="A020 C1", since="2026.1")
def reminder(j: Facts, n: HandoverNumbers) -> Items:
    """The owner is reminded the day before; again when the day moves.

    The keeper tells him when an outage keeps the text for half a day.
    """
    if day := j.offered:
        yield message(
            j.episode, day, _before(j, day, n.reminder.within), n.reminder.window,
            closes=j.begins(day.on + timedelta(days=1)), when_moved=WhenMoved.REPEAT,
            late=Late.ESCALATE, by=Role.KEEPER, duty=n.call, params=_on(day),
            waits=j.gate_awaited,
        )  # fmt: skip


@rule("handover.maintenance-fund", zh="提示缴存专项维修资金", asks="A022 C1", since="2026.1")
def maintenance_fund(j: Facts, n: HandoverNumbers) -> Items:
    """The owner is asked to pay the first deposit of the maintenance fund before he moves in (165号令 art. 12)."""
    day = j.offered
    if day and not j.all("maintenance_fund.paid"):
        yield message(
            j.episode, day, _before(j, day, n.fund.within), n.fund.window, closes=j.begins(day.on), params=_on(day),
            waits=j.gate_awaited,
        )  # fmt: skip


@rule("handover.maintenance-fund-check", zh="核实维修资金缴存", asks="C1", since="2026.1")
def maintenance_fund_check(j: Facts, n: HandoverNumbers) -> Items:
    """By the day of handover the fund is seen to be paid."""
    day, paid = j.keys or j.handover_date, j.first("maintenance_fund.paid")
    if day and (paid or not j.keys):
        yield task(
            j.episode, day, _before(j, day, n.fund_check.within), n.fund_check, by=Role.PROPERTY_CS, met=met_by(paid)
        )


@rule("handover.reception", zh="交付现场与资料准备", asks="A434 A433", since="2026.1")
def reception(j: Facts, n: HandoverNumbers) -> Items:
    """The process, the completion papers and the 实测报告 of the home lie ready before the day."""
    if day := j.offered:
        yield task(
            j.episode, day, _before(j, day, n.reception.within), n.reception, by=Role.PROJECT_CS, kind=ItemKind.GATE
        )


@rule("handover.companion", zh="指定全程陪同人员", asks="A435", since="2026.1")
def companion(j: Facts, n: HandoverNumbers) -> Items:
    """One person accompanies the owner from check-in to the keys (全程陪同客户)."""
    if day := j.offered:
        yield task(
            j.episode, day, _before(j, day, n.companion.within), n.companion, by=Role.PROJECT_CS,
            when_moved=WhenMoved.REPEAT,
        )  # fmt: skip


# -- what came of a visit ---------------------------------------------------------------------------------------------


@rule("handover.check-in", zh="客户登记建档与资料移交", asks="A405 A434 A435", since="2026.1")
def check_in(j: Facts, n: HandoverNumbers) -> Items:
    """With the keys the customer is registered: file, papers handed out, meter readings, keys."""
    if j.keys:
        yield task(j.episode, j.keys, j.after(j.keys, n.check_in.within), n.check_in, by=Role.PROPERTY_CS)


@rule("handover.snags", zh="交付遗留问题整改", asks="A435", since="2026.1")
def snags(j: Facts, n: HandoverNumbers) -> Items:
    """What the owner noted when he took the keys is put right by a set day."""
    for event in j.outcomes:
        found = _snags(event)
        if event.type == "handover.conditional" or (event.type == "handover.accepted" and found):
            anchor = j.anchor(event)
            yield task(
                j.episode, anchor, j.after(anchor, n.snags.within), n.snags, by=Role.WARRANTY_OFFICE,
                occurrence=event.id, params={"snags": found},
            )  # fmt: skip


@rule("handover.refusal-review", zh="拒收或缺席的证据复核", asks="C1 A435", since="2026.1")
def refusal_review(j: Facts, n: HandoverNumbers) -> Items:
    """Refused for no reason found good, or absent again: the evidence is reviewed before the handover may be deemed.

    So is a deemed handover before which nothing of the kind is on record.
    """
    absent_again = list(_without_keys(j, "handover.no_show"))[1:]
    for event, anchor, met in (*_without_keys(j, "handover.refused"), *absent_again):
        if event.data.get("justified") is not True:
            proved = all(j.served_to(owner) for owner in j.owners)
            yield task(
                j.episode, anchor, j.after(anchor, n.refusal_review.within), n.refusal_review, by=Role.DEVELOPER_CS,
                occurrence=event.id, met=met, because=() if proved else (Reason("notice-not-proved"),),
            )  # fmt: skip
    for event in j.all("handover.deemed"):
        doubt, anchor = j.doubt(event), j.anchor(event)
        if doubt is not None:
            told = replace(anchor, on=max(anchor.on, j.day_of(event.occurred_at)))
            yield task(
                j.episode, told, j.after(told, n.refusal_review.within), n.refusal_review, by=Role.DEVELOPER_CS,
                occurrence=event.id, because=(doubt,),
            )  # fmt: skip


@rule("handover.fix", zh="拒收问题整改", asks="A320 A435", since="2026.1")
def fix(j: Facts, n: HandoverNumbers) -> Items:
    """What the owner refused the home for is put right."""
    for event, anchor, _ in _without_keys(j, "handover.refused"):
        if event.data.get("justified") is not False:
            yield task(
                j.episode, anchor, j.after(anchor, n.fix.within), n.fix, by=Role.ENGINEERING, occurrence=event.id,
                met=met_by(j.keys), params={"snags": _snags(event)},
            )  # fmt: skip


@rule("handover.re-inspection", zh="整改后复验", asks="A435", since="2026.1")
def re_inspection(j: Facts, n: HandoverNumbers) -> Items:
    """After a refusal with good reason the owner inspects again."""
    for event, anchor, met in _without_keys(j, "handover.refused"):
        if event.data.get("justified") is not False:
            yield call(
                j.episode, anchor, j.after(anchor, n.re_inspection.within), n.re_inspection, by=Role.PROJECT_CS,
                kind=ItemKind.VISIT, occurrence=event.id, met=met,
            )  # fmt: skip


@rule("handover.rebook", zh="未到场重新预约", asks="A021", since="2026.1")
def rebook(j: Facts, n: HandoverNumbers) -> Items:
    """An owner who did not come is called for a new appointment."""
    for event, anchor, met in _without_keys(j, "handover.no_show"):
        yield call(
            j.episode, anchor, j.after(anchor, n.rebook.within), n.rebook, by=Role.KEEPER, occurrence=event.id, met=met
        )


@rule("handover.deemed-letter", zh="视为交付书面告知", asks="C1 C4", since="2026.1")
def deemed_letter(j: Facts, n: HandoverNumbers) -> Items:
    """Each owner is told in writing that the home counts as handed over, and since when."""
    event = j.event(j.keys.event) if j.keys else None
    if j.keys and event and event.type == "handover.deemed":
        known = replace(j.keys, on=max(j.keys.on, j.day_of(event.occurred_at)))
        for owner in j.owners:
            yield letter(
                j.episode, known, j.day_of(j.after(known, n.deemed_letter.within)), n.deemed_letter, by=Role.LEGAL,
                to=owner, served=proofs_of(j, "handover.deemed-letter", owner), params=_on(j.keys),
            )  # fmt: skip


# -- small helpers ----------------------------------------------------------------------------------------------------


def _proof_of(j: Facts, key: str, owner: str, day: Anchor) -> Anchor | None:
    """The first proof of a formal notice; of one sent again, the first since that was asked for."""
    _, _, again = key.partition("~")
    asked = j.event(again) if again else None
    since = asked.recorded_at if asked is not None else day.known_at
    return next((proof for proof in j.served_to(owner) if not again or proof.at >= since), None)


def _before(j: Facts, day: Anchor, offset: Period) -> date | datetime:
    """A day (or instant) counted back from the handover day."""
    return j.shift(j.begins(day.on) if offset.is_subday else day.on, offset)


def _on(day: Anchor) -> dict[str, str]:
    return {"handover_on": day.on.isoformat()}


def _without_keys(j: Facts, kind: str) -> Iterator[tuple[Event, Anchor, Met | None]]:
    """Visits of a kind that ended without keys, each with the outcome that came after it."""
    for place, event in enumerate(j.outcomes):
        if event.type == kind and (j.keys is None or event.on(j.zone) <= j.keys.on):
            following = j.outcomes[place + 1 :]
            yield event, j.anchor(event), met_by(j.anchor(following[0])) if following else None


def _snags(event: Event) -> int:
    """How many were noted: told as a count or as the list of them."""
    found = event.data.get("snags")
    return len(found) if isinstance(found, list) else found if isinstance(found, int) else 0
