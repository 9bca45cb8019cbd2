"""Signing 认购签约: from the subscription to the contract, its callback, its surveys and its filing.

Entry: `subscription.signed` 认购. Exit: `contract.signed` 签约; callback, surveys and filing go on beside the next
stage. Beside it: `subscription.py` (退认购), `promises.py` (承诺).
"""

from datetime import date, timedelta

from journey.domain.asking import call, message, met_by, survey, task
from journey.domain.case_values import CaseKind
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Met
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.outcomes import KEYS_OVER
from journey.domain.periods import Period
from journey.domain.recurring import month_end
from journey.domain.replies import is_wordless, settles
from journey.domain.rules import Items, rule
from journey.domain.stages.prospect import file_entry
from journey.domain.surveys import GROUP_SURVEY, answer_to
from journey.domain.values import ItemKind, Role, Stage

STAGE = Stage.SIGNING
CALLBACK = "signing.service-callback"
READ_CONTRACT = "signing.read-contract"
SURVEY = "signing.survey"


def entered(j: Facts) -> bool:
    """The home is subscribed."""
    return j.subscription is not None


@rule("signing.keeper-welcome", zh="管家短信问候", asks="A313", since="2026.1")
def keeper_welcome(j: Facts, n: SigningNumbers) -> Items:
    """The keeper introduces himself by text when the home is subscribed (首问责任制)."""
    if j.subscription:
        last = j.after(j.subscription, n.keeper_welcome.within)
        yield message(j.episode, j.subscription, last, n.keeper_welcome.window)


@rule("signing.keeper-contact", zh="管家首次联系", asks="A313 C1", since="2026.1")
def keeper_contact(j: Facts, n: SigningNumbers) -> Items:
    """The keeper calls the buyer within a week of the subscription (首问责任制)."""
    if j.subscription:
        last = j.after(j.subscription, n.keeper_contact.within)
        yield call(j.episode, j.subscription, last, n.keeper_contact, by=Role.KEEPER)


@rule(READ_CONTRACT, zh="提醒细读合同", asks="A427", since="2026.1")
def read_contract(j: Facts, n: SigningNumbers) -> Items:
    """Before signing, the buyer is asked to read the contract text and its key clauses with care."""
    if j.subscription and not j.contract:
        last = j.after(j.subscription, n.read_contract.within)
        yield message(j.episode, j.subscription, last, n.read_contract.window)


@rule("signing.contract-read", zh="确认客户已阅读合同", asks="A427", since="2026.2")
def contract_read(j: Facts, n: SigningNumbers) -> Items:
    """Before signing, the key clauses are explained, and the buyer's word that he has read the contract is kept."""
    if n.contract_read and j.subscription:
        told = [e for e in j.answers if (e.about or {}).get("item") == READ_CONTRACT]
        replies = [e for e in told if is_wordless(e) or settles(str(e.data["text"]), j.pack.contact)]
        if replies or not _signed(j):
            last = j.after(j.subscription, n.contract_read.within)
            read = met_by(j.anchor(replies[0])) if replies else None
            yield task(j.episode, j.subscription, last, n.contract_read, by=Role.SALES, met=read)


@rule("signing.sign-contract", zh="按期签约", asks="A427", since="2026.2")
def sign_contract(j: Facts, n: SigningNumbers) -> Items:
    """The contract is signed within a week of the subscription."""
    if n.sign_contract and j.subscription:
        last = j.after(j.subscription, n.sign_contract.within)
        yield task(j.episode, j.subscription, last, n.sign_contract, by=Role.SALES, met=met_by(_signed(j)))


@rule("signing.interaction-file", zh="补记互动档案(签约期)", asks="A312", since="2026.2")
def interaction_file(j: Facts, n: SigningNumbers) -> Items:
    """Every contact between subscription and contract is written into the interactive file."""
    if n.interaction_file and j.subscription and not j.keys:
        signed = _signed(j)
        for event in j.contacts:
            if event.occurred_at >= j.subscription.at and (signed is None or event.occurred_at < signed.at):
                yield file_entry(j, event, n.interaction_file)


@rule("signing.visit", zh="签约接待与等候时长", asks="A428", since="2026.2")
def visit(j: Facts, n: SigningNumbers) -> Items:
    """The signing visit is recorded with the minutes that the buyer waited; a signing told with them says so itself."""
    if n.visit and j.contract:
        event = j.event(j.contract.event)
        told = event is not None and event.data.get("waiting_minutes") is not None
        yield call(
            j.episode, j.contract, j.after(j.contract, n.visit.within), n.visit, by=Role.SALES, kind=ItemKind.VISIT,
            met=met_by(j.contract) if told else None,
        )  # fmt: skip


@rule(CALLBACK, zh="签约服务回访", asks="A314 C1", since="2026.1")
def service_callback(j: Facts, n: SigningNumbers) -> Items:
    """A call to every buyer within a week of signing, on contract and service."""
    if j.contract:
        last = j.after(j.contract, n.service_callback.within)
        yield call(j.episode, j.contract, last, n.service_callback, by=Role.KEEPER)


@rule(SURVEY, zh="签约满意度问卷", asks="A314 C5", since="2026.2", opens=CaseKind.SURVEY)
def signing_survey(j: Facts, n: SigningNumbers) -> Items:
    """A week after signing the buyer is asked how he was served."""
    if n.survey and j.contract:
        yield survey(
            j.episode, j.contract, j.after(j.contract, n.survey.within), n.survey, by=Role.KEEPER,
            met=answer_to(j, SURVEY, since=j.begins(j.contract.on)),
        )  # fmt: skip


@rule(GROUP_SURVEY, zh="集团月初成交回访", asks="A429 C1", since="2026.2", opens=CaseKind.SURVEY)
def group_survey(j: Facts, n: SigningNumbers) -> Items:
    """In the first working days of a month the group asks last month's buyers about sales, signing and mortgage.

    A callback (A314) of that month that asked its questions too has answered it for the same owner.
    """
    if n.group_survey and j.contract:
        ends = month_end(j.contract.on)
        last = j.day_of(j.shift(ends, n.group_survey.within))
        opens = j.opening_of(j.calendar.working_day_on_or_after(ends + timedelta(days=1)))
        before = j.begins(last) - j.begins(j.day_of(opens))
        answer = answer_to(j, GROUP_SURVEY, since=j.begins(j.contract.on))
        yield survey(
            j.episode, j.contract, last, n.group_survey, by=Role.GROUP_CS, lead=Period(days=before.days),
            met=answer or _asked_by_callback(j, ends),
        )  # fmt: skip


@rule("signing.filing", zh="合同备案", asks="C1", since="2026.1")
def filing(j: Facts, n: SigningNumbers) -> Items:
    """Presale contracts are filed (备案) within 30 days of signing: 城市房地产开发经营管理条例 art. 26."""
    if j.contract:
        last = j.after(j.contract, n.filing.within)
        yield task(j.episode, j.contract, last, n.filing, by=Role.SALES, statutory=True, met=met_by(j.filed))


# -- small helpers ----------------------------------------------------------------------------------------------------


def _signed(j: Facts) -> Anchor | None:
    """The contract, or a later fact, which implies it."""
    return j.first("contract.signed", "contract.filed", *KEYS_OVER)


def _asked_by_callback(j: Facts, ends: date) -> Met | None:
    """The callback, made in the month after `ends`, that asked the questions of the group survey too."""
    for done in j.done_of(CALLBACK):
        event = j.event(done.event)
        day = j.day_of(done.at)
        asked = GROUP_SURVEY in (event.data.get("asked") or ()) if event else False
        if asked and ends < day <= month_end(ends + timedelta(days=1)):
            return met_by(done)
    return None
