"""A subscription that is given back 退认购: the days of free choice, and the deposit.

The free days are an option of the pack (`signing.free_cancellation.offered`), as it stood on the subscription's day.
"""

from datetime import date

from journey.domain.asking import message, met_by, task
from journey.domain.facts import Facts
from journey.domain.items import Met
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.values import RefundPart, Role


def _subscribed_on(j: Facts) -> date | None:
    return j.subscription.on if j.subscription else None


@rule("signing.free-cancellation", zh="告知无理由退认购期限", asks="C1", since="2026.2", pin=_subscribed_on)
def free_cancellation(j: Facts, n: SigningNumbers) -> Items:
    """The buyer is told until when he may give the home back without a reason, where the pack offers that."""
    until = _free_until(j, n)
    if j.subscription and until and n.free_cancellation and not j.contract:
        text = n.free_cancellation.notice
        yield message(
            j.episode, j.subscription, j.after(j.subscription, text.within), text.window,
            params={"until": until.isoformat()},
        )  # fmt: skip


@rule("signing.deposit", zh="退认购定金结算", asks="C1", since="2026.2", pin=_subscribed_on, after_closing=True)
def deposit(j: Facts, n: SigningNumbers) -> Items:
    """The deposit is settled: given back whole within the free days, else as the subscription agrees."""
    ended = j.closing
    if n.deposit and ended and ended.type == "subscription.cancelled":
        given_back = j.anchor(ended)
        until = _free_until(j, n)
        yield task(
            j.episode, given_back, j.after(given_back, n.deposit.within), n.deposit, by=Role.FINANCE,
            met=_settled(j), because=(_terms(given_back.on, until),) if until else (),
        )  # fmt: skip


def _free_until(j: Facts, n: SigningNumbers) -> date | None:
    """The last free day; one at rest rolls to the next working day (民法典 art. 203)."""
    free = n.free_cancellation
    return j.rolled(j.subscription.on, free.within) if j.subscription and free and free.offered else None


def _terms(on: date, until: date) -> Reason:
    code = "cancelled-in-free-days" if on <= until else "cancelled-after-free-days"
    return Reason(code, {"until": until.isoformat()})


def _settled(j: Facts) -> Met | None:
    for event in j.all("refund.settled"):
        if event.data.get("what") in (None, RefundPart.PRICE):
            return met_by(j.anchor(event))
    return None
