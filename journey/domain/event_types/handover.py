"""Handover and fit-out."""

from typing import Annotated

from journey.domain.event_types.base import Anything, EventType, On
from journey.domain.event_types.fields import FOLDED, Amount, Code, Codes, Day, Evidence, Name, Names, Snags
from journey.domain.values import Proof


class PaperServed(On):
    proof: Annotated[Proof, FOLDED]
    tracking: Code | None = None
    evidence: Evidence | None = None


class HandoverOutcome(On):
    """One visit's end. Whether a deemed handover stands is judged with the other facts, not at the door."""

    attended_by: Names | None = None
    marks: Codes | None = None  # of those who attended, written by the door: keyed hashes, to know an agent by
    justified: bool | None = None
    snags: Snags | None = None
    evidence: Evidence | None = None
    reviewed_by: Code | None = None


class AgentData(Anything):
    """Who may sign for an owner, and the last day of it; of a revocation, the first day without."""

    powers: Codes
    until: Day
    agent: Code | None = None
    name: Name | None = None
    marks: Codes | None = None  # written by the door, see above


class FundPaid(Anything):
    amount: Amount | None = None


class FitOut(On):
    """One step of a fit-out; `kind` says which inspection or breach, `until` how long a permit runs.

    `application` names the `fit_out.applied` that it belongs to (our id, or the `id` told by any source): needed only
    when several fit-outs of a home run at once.
    """

    application: Code | None = None
    kind: Code | None = None
    until: Day | None = None
    passed: bool | None = None
    deposit: Amount | None = None
    amount: Amount | None = None
    evidence: Evidence | None = None


TYPES = (
    EventType("handover.notice_served", "handover", "交付通知书送达", "Handover notice served", PaperServed),
    EventType("handover.demanded", "handover", "业主书面催告交付", "Handover demanded in writing", PaperServed),
    EventType("delay.new_date", "handover", "延期新交付日", "New handover date after delay", On),
    EventType("handover.accepted", "handover", "收楼", "Handover accepted", HandoverOutcome),
    EventType("handover.conditional", "handover", "带条件收楼", "Handover accepted with conditions", HandoverOutcome),
    EventType("handover.refused", "handover", "拒收", "Handover refused", HandoverOutcome),
    EventType("handover.no_show", "handover", "未到场收楼", "No show at handover", HandoverOutcome),
    EventType("handover.deemed", "handover", "视为交付", "Handover deemed", HandoverOutcome),
    EventType("keys.collected", "handover", "领取钥匙", "Keys collected", Anything),
    EventType("agent.authorised", "handover", "委托代办人", "Agent authorised", AgentData),
    EventType("agent.revoked", "handover", "撤销委托", "Agent revoked", AgentData),
    EventType("maintenance_fund.paid", "handover", "缴存维修资金", "Maintenance fund paid", FundPaid),
    EventType("fit_out.applied", "fit-out", "装修申请", "Fit-out applied for", FitOut),
    EventType("fit_out.permitted", "fit-out", "装修许可", "Fit-out permitted", FitOut),
    EventType("fit_out.rejected", "fit-out", "装修申请驳回", "Fit-out rejected", FitOut),
    EventType("fit_out.renewed", "fit-out", "装修许可延期", "Fit-out permit renewed", FitOut),
    EventType("fit_out.inspected", "fit-out", "装修巡检", "Fit-out inspected", FitOut),
    EventType("fit_out.breach", "fit-out", "装修违规", "Fit-out breach", FitOut),
    EventType("fit_out.completion_requested", "fit-out", "装修完工申请", "Fit-out completion requested", FitOut),
    EventType("fit_out.accepted", "fit-out", "装修验收", "Fit-out accepted", FitOut),
    EventType("fit_out.rechecked", "fit-out", "装修复验", "Fit-out rechecked", FitOut),
    EventType("fit_out.deposit_refunded", "fit-out", "装修保证金退还", "Fit-out deposit refunded", FitOut),
)
