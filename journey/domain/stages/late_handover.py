"""Late handover 逾期交付: from the day after the contract date to the keys or the cancellation.

Days and penalty by contract stand in `journey/domain/delay.py`. 解释 = 商品房买卖合同司法解释.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from journey.domain.asking import deadline, letter, met_by, task
from journey.domain.delay import SELLER, Delay
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Met
from journey.domain.letters import proofs_of
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.values import Role


@rule("handover.delay-case", zh="逾期交付立案", asks="C1", since="2026.1")
def delay_case(j: Facts, n: HandoverNumbers) -> Items:
    """From the day after the contract date a case is kept: cause, new date, penalty, whom to answer."""
    if j.delay:
        late = _begun(j, j.delay)
        yield task(
            j.episode, late, j.after(late, n.late.case.within), n.late.case, by=Role.DEVELOPER_CS,
            met=met_by(j.keys), params={"contract_date": late.on.isoformat(), "from": j.delay.first_day.isoformat()},
        )  # fmt: skip


@rule("handover.new-date", zh="确定新交付日", asks="C1", since="2026.1")
def new_date(j: Facts, n: HandoverNumbers) -> Items:
    """A new day is promised when the contract date has passed, and again when a day promised to the home has."""
    if j.delay:
        for cause, anchor, met in _missed_days(j, j.delay):
            yield task(
                j.episode, anchor, j.after(anchor, n.late.new_date.within), n.late.new_date, by=Role.ENGINEERING,
                occurrence=cause, met=met or met_by(j.keys),
            )  # fmt: skip


@rule("handover.delay-letter", zh="延期交付告知函", asks="C1", since="2026.1")
def delay_letter(j: Facts, n: HandoverNumbers) -> Items:
    """Each owner is told each new day in writing."""
    for promised in j.promised_days:
        if j.keys is None or promised.at < j.keys.at:
            told = replace(promised, on=j.day_of(promised.at))
            for owner in j.owners:
                yield letter(
                    j.episode, told, j.day_of(j.after(told, n.late.letter.within)), n.late.letter,
                    by=Role.PROJECT_CS, to=owner, cause=promised.event, params={"handover_on": promised.on.isoformat()},
                    served=proofs_of(j, "handover.delay-letter", f"{promised.event}/{owner}"),
                )  # fmt: skip


@rule("handover.answer-demand", zh="答复业主催告", asks="C1", since="2026.1")
def answer_demand(j: Facts, n: HandoverNumbers) -> Items:
    """A written demand of the owner is answered in writing; it starts the time after which he may rescind."""
    for event in j.all("handover.demanded"):
        if event.data.get("by") not in SELLER:
            anchor = j.anchor(event)
            yield task(
                j.episode, anchor, j.after(anchor, n.late.answer_demand.within), n.late.answer_demand,
                by=Role.LEGAL, occurrence=event.id, met=met_by(j.keys),
            )  # fmt: skip


@rule("handover.rescission-possible", zh="业主可解除合同", asks="C1", since="2026.1")
def rescission_possible(j: Facts, n: HandoverNumbers) -> Items:
    """Three months after the demand, with the home still late, the owner may rescind (解释 art. 11)."""
    if j.delay is None or j.delay.rescission_from is None or j.delay.rescission_until is None:
        return
    if j.delay.ended is not None and j.delay.ended < j.delay.rescission_from:
        return
    if j.begun(j.delay.rescission_until + timedelta(days=1)):
        return  # the right has lapsed
    yield deadline(
        j.episode, _demand(j, j.delay), j.opening_of(j.delay.rescission_from), n.late.rescission,
        by=Role.LEGAL, met=met_by(j.keys), params={"until": j.delay.rescission_until.isoformat()},
        because=(Reason("right-lapses", {"until": j.delay.rescission_until.isoformat()}),),
    )  # fmt: skip


@rule("handover.penalty", zh="结算逾期违约金", asks="C1", since="2026.1")
def penalty(j: Facts, n: HandoverNumbers) -> Items:
    """With the keys the penalty days are settled by contract; where none was agreed, a person settles the amount."""
    if j.keys and j.delay:
        yield task(
            j.episode, j.keys, j.after(j.keys, n.late.penalty.within), n.late.penalty, by=Role.FINANCE,
            because=(j.delay.unpriced,) if j.delay.unpriced else (), params=j.delay.document(j.today),
        )  # fmt: skip


def _begun(j: Facts, delay: Delay) -> Anchor:
    """The contract date as an anchor: it became a delay when the next day began."""
    begins = j.begins(delay.first_day)
    return replace(delay.contract, at=begins, known_at=max(delay.contract.known_at, begins))


def _demand(j: Facts, delay: Delay) -> Anchor:
    """The first demand of the owner."""
    demands = [event for event in j.all("handover.demanded") if event.data.get("by") not in SELLER]
    return j.anchor(min(demands, key=lambda event: (event.on(j.zone), event.order)))


def _missed_days(j: Facts, delay: Delay) -> Iterator[tuple[str, Anchor, Met | None]]:
    """The contract date and each promised day that has passed: its cause, its anchor, the promise that followed.

    The batch's day is the first of its window: it has not passed for a home that was told no day of its own.
    """
    promises = j.promised_days
    own = {event.on(j.zone) for event in j.all("delay.new_date")}
    yield "once", _begun(j, delay), met_by(next(iter(promises), None))
    for place, promised in enumerate(promises):
        after = promised.on + timedelta(days=1)
        kept = delay.ended is not None and delay.ended <= promised.on
        if promised.on in own and not kept and promised.on > delay.contract.on and j.begun(after):
            begins = j.begins(after)
            lapsed = replace(promised, at=begins, known_at=max(promised.known_at, begins))
            yield promised.event, lapsed, met_by(next(iter(promises[place + 1 :]), None))
