"""What happens in a case; a case of many homes stands at the project, so both may be told."""

from journey.domain.event_types.base import BOTH, Anything, EventType
from journey.domain.event_types.fields import Amount, Code, Day, Evidence, OwnWords, Text


class CaseStep(Anything):
    by: Code
    evidence: Evidence | None = None
    to: Code | None = None
    until: Day | None = None


class ContractorStep(Anything):
    contractor: Code | None = None
    evidence: Evidence | None = None


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
    EventType("case.on_site", "cases", "到场", "On site", CaseStep, BOTH),
    EventType("case.contained", "cases", "险情控制", "Contained", CaseStep, BOTH),
    EventType("case.fixed", "cases", "修复", "Fixed", CaseStep, BOTH),
    EventType("case.accepted", "cases", "验收认可", "Accepted by the owner", CaseStep, BOTH),
    EventType("case.disputed", "cases", "存在争议", "Disputed", CaseStep, BOTH),
    EventType("case.reopened", "cases", "重新打开", "Case reopened", CaseStep, BOTH),
    EventType("case.paused", "cases", "挂起", "Case paused", CaseStep, BOTH),
    EventType("case.resumed", "cases", "恢复", "Case resumed", CaseStep, BOTH),
    EventType("case.reassigned", "cases", "转派", "Case reassigned", CaseStep, BOTH),
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
