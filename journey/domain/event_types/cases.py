"""What happens in a case; a case of many homes stands at the project, so both may be told."""

from typing import Annotated, Self

from pydantic import model_validator

from journey.domain.case_values import PauseReason
from journey.domain.event_types.base import BOTH, Anything, EventType
from journey.domain.event_types.fields import FOLDED, Amount, Code, Day, Evidence, Instant, OwnWords, Text, refuse


class CaseStep(Anything):
    """`carried` and `known_at` as of a report: what was done before the home changed hands, and when that was told."""

    by: Code
    evidence: Evidence | None = None
    to: Code | None = None
    until: Day | None = None
    carried: Code | None = None
    known_at: Instant | None = None


class CasePaused(CaseStep):
    """The clocks stand still: for one of three reasons, with evidence, approved by somebody one level up (C2)."""

    reason: Annotated[PauseReason, FOLDED]
    evidence: Evidence
    approved_by: Code

    @model_validator(mode="after")
    def _by_somebody_else(self) -> Self:
        if self.approved_by == self.by:
            raise refuse("own-approval", field="approved_by")
        if self.reason is PauseReason.OWNER_UNAVAILABLE and self.until is None:
            raise refuse("required", field="until")
        return self


class CaseBooked(CaseStep):
    """An appointment with the owner: the hour at which the repair begins (A416)."""

    slot: Instant


class CaseAccepted(CaseStep):
    """The owner's sign-off, or the developer's counter-signature of a good repair that he does not sign (C2)."""

    countersigned: bool | None = None

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if self.countersigned and self.evidence is None:
            raise refuse("required", field="evidence")
        return self


class ContractorStep(Anything):
    contractor: Code | None = None
    evidence: Evidence | None = None
    carried: Code | None = None
    known_at: Instant | None = None


class TestPassed(Anything):
    kind: Code
    evidence: Evidence | None = None


class Cost(Anything):
    amount: Amount


class BackCharge(Anything):
    amount: Amount | None = None
    contractor: Code | None = None


class RootCause(Anything):
    root_cause: Code | None = None
    text: OwnWords | None = None


class TextApproved(Anything):
    """The one text with which all owners of a mass case are answered: ours, and about nobody."""

    text: Text | None = None


TYPES = (
    EventType("case.acknowledged", "cases", "受理", "Case acknowledged", CaseStep, BOTH),
    EventType("case.replied", "cases", "答复业主", "Owner replied to", CaseStep, BOTH),
    EventType("case.booked", "cases", "预约上门", "Appointment booked", CaseBooked, BOTH),
    EventType("case.planned", "cases", "确定方案", "Plan agreed", CaseStep, BOTH),
    EventType("case.on_site", "cases", "到场", "On site", CaseStep, BOTH),
    EventType("case.contained", "cases", "险情控制", "Contained", CaseStep, BOTH),
    EventType("case.fixed", "cases", "修复", "Fixed", CaseStep, BOTH),
    EventType("case.accepted", "cases", "验收认可", "Accepted by the owner", CaseAccepted, BOTH),
    EventType("case.disputed", "cases", "存在争议", "Disputed", CaseStep, BOTH),
    EventType("case.reopened", "cases", "重新打开", "Case reopened", CaseStep, BOTH),
    EventType("case.paused", "cases", "挂起", "Case paused", CasePaused, BOTH),
    EventType("case.resumed", "cases", "恢复", "Case resumed", CaseStep, BOTH),
    EventType("case.reassigned", "cases", "转派", "Case reassigned", CaseStep, BOTH),
    EventType("case.escalated", "cases", "业主要求升级", "Owner asks for the level above", CaseStep, BOTH),
    EventType("contractor.notified", "cases", "通知责任单位", "Contractor notified", ContractorStep, BOTH),
    EventType("contractor.responded", "cases", "责任单位响应", "Contractor responded", ContractorStep, BOTH),
    EventType("contractor.refused", "cases", "责任单位拒绝", "Contractor refused", ContractorStep, BOTH),
    EventType("third_party.assigned", "cases", "委派第三方", "Third party assigned", ContractorStep, BOTH),
    EventType("test.passed", "cases", "试验通过", "Test passed", TestPassed, BOTH),
    EventType("cost.recorded", "cases", "费用登记", "Cost recorded", Cost, BOTH),
    EventType("back_charge.claimed", "cases", "扣款主张", "Back-charge claimed", BackCharge, BOTH),
    EventType("back_charge.paid", "cases", "扣款到账", "Back-charge paid", BackCharge, BOTH),
    EventType("back_charge.disputed", "cases", "扣款争议", "Back-charge disputed", BackCharge, BOTH),
    EventType("case.root_cause_set", "cases", "认定根因", "Root cause set", RootCause, BOTH),
    EventType("case.text_approved", "cases", "统一口径批准", "Reply text approved", TextApproved, BOTH),
)
