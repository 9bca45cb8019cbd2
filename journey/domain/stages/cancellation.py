"""Cancellation 退房: the last work of a contract that was cancelled, and nothing after it.

`refund.settled` closes all of it; one that names a part in `what` (`price`, `filing`, `mortgage`, `keys`) closes that.
"""

from journey.domain.asking import met_by, task
from journey.domain.facts import Facts
from journey.domain.items import Met, key_of
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import RefundPart, Role


@rule("handover.refund", zh="退还房款", asks="C1", since="2026.1", after_closing=True)
def refund(j: Facts, n: HandoverNumbers) -> Items:
    """The price is paid back, with the penalty of a late handover where there was one."""
    if j.cancelled:
        duty = n.cancellation.refund
        params = {"penalty": j.delay.document(j.today)} if j.delay else {}
        yield task(
            j.episode, j.cancelled, j.after(j.cancelled, duty.within), duty, by=Role.FINANCE,
            met=_settled(j, RefundPart.PRICE), params=params,
            because=(j.delay.unpriced,) if j.delay and j.delay.unpriced else (),
        )  # fmt: skip


@rule("handover.withdraw-filing", zh="撤销合同备案", asks="C1", since="2026.1", after_closing=True)
def withdraw_filing(j: Facts, n: HandoverNumbers) -> Items:
    """The filing of the contract is withdrawn, so that the home may be sold again."""
    filed = j.filed or j.reported_done(key_of("signing.filing", j.episode, "once"))
    if j.cancelled and filed:
        duty = n.cancellation.filing
        last = j.after(j.cancelled, duty.within)
        yield task(j.episode, j.cancelled, last, duty, by=Role.SALES, met=_settled(j, RefundPart.FILING))


@rule("handover.release-mortgage", zh="解除按揭贷款", asks="C1", since="2026.1", after_closing=True)
def release_mortgage(j: Facts, n: HandoverNumbers) -> Items:
    """The bank is paid off and the mortgage released, where there is one."""
    if j.cancelled and j.all("mortgage.approved"):
        duty = n.cancellation.mortgage
        last = j.after(j.cancelled, duty.within)
        yield task(j.episode, j.cancelled, last, duty, by=Role.FINANCE, met=_settled(j, RefundPart.MORTGAGE))


@rule("handover.keys-back", zh="收回房屋与钥匙", asks="C1", since="2026.1", after_closing=True)
def keys_back(j: Facts, n: HandoverNumbers) -> Items:
    """A home that was handed over is taken back with its keys and meter readings."""
    if j.cancelled and j.keys:
        duty = n.cancellation.keys
        last = j.after(j.cancelled, duty.within)
        yield task(j.episode, j.cancelled, last, duty, by=Role.PROPERTY_CS, met=_settled(j, RefundPart.KEYS))


def _settled(j: Facts, part: RefundPart) -> Met | None:
    """The first settlement of all or of this part."""
    for event in j.all("refund.settled"):
        if event.data.get("what") in (None, part):
            return met_by(j.anchor(event))
    return None
