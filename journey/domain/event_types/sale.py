"""Sale: from the lead to the contract and its end."""

from typing import Annotated

from pydantic import ValidationInfo, field_validator

from journey.domain.event_types.base import Anything, EventType, On, Owners
from journey.domain.event_types.fields import FOLDED, Amount, Code, Data, Day, Minutes, OwnWords, Text, refuse
from journey.domain.values import RefundPart


class LeadRegistered(Anything):
    source: Text


class SubscriptionSigned(On):
    unit: Code | None = None


class Cancelled(On):
    reason: OwnWords


class UnitChanged(On):
    to: Code


class PartiesChanged(On):
    owners: Owners


class PenaltyTerms(Data):
    """What a day of late handover costs: money or a share of the price. A bare `per_day` below 1 is a share."""

    per_day: Amount | None = None
    amount_per_day: Amount | None = None
    rate_per_day: Amount | None = None
    price: Amount | None = None
    cap: Amount | None = None


class ContractTerms(Anything):
    contract_handover_date: Day | None = None
    penalty_rule: PenaltyTerms | None = None
    price: Amount | None = None

    @field_validator("contract_handover_date")
    @classmethod
    def _not_before_signing(cls, value: Day | None, info: ValidationInfo) -> Day | None:
        on = info.data.get("on")
        if value and on and value < on:
            raise refuse("wrong-order", after=on)
        return value


class ContractAmended(ContractTerms):
    """What a later agreement changed; its date may lie after the handover date that it confirms."""

    @field_validator("contract_handover_date")
    @classmethod
    def _not_before_signing(cls, value: Day | None, info: ValidationInfo) -> Day | None:
        return value


class ContractSigned(ContractTerms):
    on: Day
    contract_handover_date: Day
    waiting_minutes: Minutes | None = None


class RefundSettled(Anything):
    """All of a cancellation, or the part that `what` names."""

    amount: Amount | None = None
    what: Annotated[RefundPart, FOLDED] | None = None


TYPES = (
    EventType("lead.registered", "sale", "线索登记", "Lead registered", LeadRegistered),
    EventType("lead.lost", "sale", "线索流失", "Lead lost", Anything),
    EventType("subscription.signed", "sale", "认购", "Subscription signed", SubscriptionSigned),
    EventType("subscription.cancelled", "sale", "退认购", "Subscription cancelled", Cancelled),
    EventType("unit.changed", "sale", "换房", "Unit changed", UnitChanged),
    EventType("parties.changed", "sale", "更名或加名", "Parties changed", PartiesChanged),
    EventType("contract.signed", "sale", "签约", "Contract signed", ContractSigned),
    EventType("contract.amended", "sale", "合同变更", "Contract amended", ContractAmended),
    EventType("contract.filed", "sale", "合同备案", "Contract filed", On),
    EventType("mortgage.submitted", "sale", "按揭资料提交", "Mortgage submitted", Anything),
    EventType("mortgage.approved", "sale", "按揭批复", "Mortgage approved", Anything),
    EventType("contract.cancelled", "sale", "退房", "Contract cancelled", Cancelled),
    EventType("refund.settled", "sale", "退款结清", "Refund settled", RefundSettled),
)
