"""Signing 认购签约: from the subscription to the contract, its callback and its filing.

Entry: `subscription.signed` 认购. Exit: `contract.signed` 签约; callback and filing go on beside the next stage.
"""

from journey.domain.asking import call, message, met_by, task
from journey.domain.facts import Facts
from journey.domain.packs import SigningNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import Role, Stage

STAGE = Stage.SIGNING


def entered(j: Facts) -> bool:
    """The home is subscribed."""
    return j.subscription is not None


@rule("signing.keeper-welcome", zh="管家短信问候", asks="A313", since="2026.1")
def keeper_welcome(j: Facts, n: SigningNumbers) -> Items:
    """The keeper introduces himself by text when the home is subscribed (首问责任制)."""
    if j.subscription:
        last = j.after(j.subscription, n.keeper_welcome.within)
        yield message(j.episode, j.subscription, last, n.keeper_welcome.window)


@rule("signing.keeper-contact", zh="管家首次联系", asks="A313", since="2026.1")
def keeper_contact(j: Facts, n: SigningNumbers) -> Items:
    """The keeper calls the buyer within a week of the subscription (首问责任制)."""
    if j.subscription:
        last = j.after(j.subscription, n.keeper_contact.within)
        yield call(j.episode, j.subscription, last, n.keeper_contact, by=Role.KEEPER)


@rule("signing.read-contract", zh="提醒细读合同", asks="A427", since="2026.1")
def read_contract(j: Facts, n: SigningNumbers) -> Items:
    """Before signing, the buyer is asked to read the contract text and its key clauses with care."""
    if j.subscription and not j.contract:
        last = j.after(j.subscription, n.read_contract.within)
        yield message(j.episode, j.subscription, last, n.read_contract.window)


@rule("signing.service-callback", zh="签约服务回访", asks="A314", since="2026.1")
def service_callback(j: Facts, n: SigningNumbers) -> Items:
    """A call to every buyer within a week of signing, on contract and service."""
    if j.contract:
        last = j.after(j.contract, n.service_callback.within)
        yield call(j.episode, j.contract, last, n.service_callback, by=Role.KEEPER)


@rule("signing.filing", zh="合同备案", asks="A427", since="2026.1")
def filing(j: Facts, n: SigningNumbers) -> Items:
    """Presale contracts are filed (备案) within 30 days of signing: 城市房地产开发经营管理条例 art. 26."""
    if j.contract:
        last = j.after(j.contract, n.filing.within)
        yield task(j.episode, j.contract, last, n.filing, by=Role.SALES, statutory=True, met=met_by(j.filed))
