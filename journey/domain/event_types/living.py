"""Living in the home, defects and complaints."""

from typing import Annotated

from journey.domain.event_types.base import Anything, EventType, On, Owners
from journey.domain.event_types.fields import FOLDED, Code, Name, OwnWords, Phone, Photos
from journey.domain.values import Category, ComplaintSeverity, Component, Severity, TransferKind


class Tag(Anything):
    tag: Code | None = None


class Newcomer(Anything):
    """A tenant or a business in the home."""

    name: Name | None = None
    phone: Phone | None = None


class OwnershipTransferred(On):
    kind: Annotated[TransferKind, FOLDED]
    to: Owners


class Said(Anything):
    """Something an owner said, was promised or asked for; a defect or a complaint names more."""

    text: OwnWords | None = None
    what: OwnWords | None = None


class Service(Anything):
    service: Code | None = None
    text: OwnWords | None = None


class Reported(Anything):
    category: Annotated[Category, FOLDED]
    component: Annotated[Component, FOLDED] | None = None
    text: OwnWords
    photos: Photos | None = None


class DefectReported(Reported):
    severity: Annotated[Severity, FOLDED]


class ComplaintRaised(Reported):
    severity: Annotated[ComplaintSeverity, FOLDED]


TYPES = (
    EventType("moved_in", "living", "入住", "Moved in", On),
    EventType("title.submitted", "living", "产证资料提交", "Title submitted", On),
    EventType("title.issued", "living", "产证发放", "Title issued", On),
    EventType("tag.added", "living", "添加标签", "Tag added", Tag),
    EventType("tag.removed", "living", "移除标签", "Tag removed", Tag),
    EventType("tenant.moved_in", "living", "租户入住", "Tenant moved in", Newcomer),
    EventType("business.opened", "living", "开业", "Business opened", Newcomer),
    EventType("ownership.transferred", "living", "产权转移", "Ownership transferred", OwnershipTransferred),
    EventType("suggestion.raised", "living", "提出建议", "Suggestion raised", Said),
    EventType("promise.recorded", "living", "承诺登记", "Promise recorded", Said),
    EventType("promise.breached", "living", "承诺未兑现", "Promise breached", Said),
    EventType("change_request.raised", "living", "变更请求", "Change request raised", Said),
    EventType("service.ordered", "living", "服务下单", "Service ordered", Service),
    EventType("service.closed", "living", "服务完成", "Service closed", Service),
    EventType("defect.reported", "defects", "报修", "Defect reported", DefectReported),
    EventType("complaint.raised", "defects", "投诉", "Complaint raised", ComplaintRaised),
)
