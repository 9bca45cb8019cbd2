"""Pre-handover 签约后交付前: from the contract to the served handover notice.

Entry: `contract.signed`, or its filing. Exit: `handover.notice_served`; what is begun goes on until the keys.
Beside it: `open_days.py` (工地开放日). Milestone news goes to a whole building at once: no rule of a home.
"""

from journey.domain.asking import call, message, task
from journey.domain.facts import Facts
from journey.domain.items import Anchor
from journey.domain.numbers.pre_handover import PreHandoverNumbers
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.values import ConsentPurpose, ItemKind, MessageClass, Role, Stage

STAGE = Stage.PRE_HANDOVER


def entered(j: Facts) -> bool:
    """The contract is signed, or filed, which implies it."""
    return j.contract is not None or j.filed is not None


@rule("pre-handover.property-welcome", zh="物业提前介入问候", asks="A015", since="2026.2")
def property_welcome(j: Facts, n: PreHandoverNumbers) -> Items:
    """A month after signing the property company introduces itself, once the project has one.

    A project that names its posts and no property customer service among them has none yet: the text waits for it.
    """
    signed = _waiting(j)
    if signed and (not j.record.staffed or Role.PROPERTY_CS in j.record.staffed):
        text = n.property_welcome
        yield message(j.episode, signed, j.after(signed, text.within), text.window)


@rule("pre-handover.customer-file", zh="建立用户档案", asks="A317", since="2026.2")
def customer_file(j: Facts, n: PreHandoverNumbers) -> Items:
    """The keeper completes the customer's file: habits, hobbies, work. What is sensitive only with consent to that."""
    if signed := _waiting(j):
        allowed = _sensitive(j)
        yield task(
            j.episode, signed, j.after(signed, n.customer_file.within), n.customer_file, by=Role.KEEPER,
            because=() if allowed else (Reason("no-sensitive-consent"),), params={"sensitive": allowed},
        )  # fmt: skip


@rule("pre-handover.sensitive-file", zh="补充敏感信息档案", asks="A317 C8", since="2026.2")
def sensitive_file(j: Facts, n: PreHandoverNumbers) -> Items:
    """Consent to sensitive data that came after signing: those fields are completed (个人信息保护法 art. 28–29)."""
    signed = _waiting(j)
    given = [e for e in j.all("consent.given") if e.data.get("purpose") == ConsentPurpose.SENSITIVE]
    if signed and _sensitive(j) and given and given[-1].occurred_at > signed.at:
        consent = j.anchor(given[-1])
        last = j.after(consent, n.sensitive_file.within)
        yield task(j.episode, consent, last, n.sensitive_file, by=Role.KEEPER, occurrence=consent.event)


@rule("pre-handover.club-invitation", zh="邀请加入业主俱乐部", asks="A318", since="2026.2")
def club_invitation(j: Facts, n: PreHandoverNumbers) -> Items:
    """A buyer who agreed to care is invited to the owners' club; not who is a member already."""
    signed = _waiting(j)
    if signed and not j.all("membership.granted"):
        text = n.club_invitation
        yield message(j.episode, signed, j.after(signed, text.within), text.window, message_class=MessageClass.CARE)


@rule("pre-handover.member-card", zh="制发会员卡", asks="A319", since="2026.2")
def member_card(j: Facts, n: PreHandoverNumbers) -> Items:
    """A new member of the club is handed the card of his tier: platinum, gold, silver or blue."""
    ended = {event.person: event.order for event in j.all("membership.ended")}
    for event in j.all("membership.granted"):
        if event.person not in ended or ended[event.person] < event.order:
            granted = j.anchor(event)
            yield call(
                j.episode, granted, j.after(granted, n.member_card.within), n.member_card, by=Role.KEEPER,
                kind=ItemKind.TASK, message_class=MessageClass.CARE, occurrence=event.id,
                params={"tier": event.data.get("tier"), "person": event.person},
            )  # fmt: skip


@rule("pre-handover.change-request", zh="答复个性化变更申请", asks="A316", since="2026.2")
def change_request(j: Facts, n: PreHandoverNumbers) -> Items:
    """A change that an owner asks for is answered in a week: can it be built, when, at what price."""
    for event in j.all("change_request.raised"):
        raised = j.anchor(event)
        last = j.after(raised, n.change_request.within)
        yield task(j.episode, raised, last, n.change_request, by=Role.KEEPER, occurrence=event.id)


# -- small helpers ----------------------------------------------------------------------------------------------------


def _waiting(j: Facts) -> Anchor | None:
    """The signing of a buyer who waits for the keys."""
    return None if j.keys else j.contract or j.filed


def _sensitive(j: Facts) -> bool:
    """Whether the first contact's consent to sensitive data stands."""
    return ConsentPurpose.SENSITIVE in j.record.consents.get(j.record.primary or "", {})
