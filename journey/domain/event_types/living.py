"""Living in the home, defects and complaints."""

from typing import Annotated, Self

from pydantic import model_validator

from journey.domain.case_values import Category, ComplaintSeverity, Severity
from journey.domain.event_types.base import Anything, EventType, On, Owners
from journey.domain.event_types.fields import FOLDED, Code, Day, Instant, Name, OwnWords, Phone, Photos, refuse
from journey.domain.values import Component, MemberTier, TransferKind


class Tag(Anything):
    tag: Code | None = None


class TagAdded(Tag):
    """`inform` is the ref of whoever is told how an owner who lives alone is; it goes with the tag that it is for."""

    inform: Code | None = None

    @model_validator(mode="after")
    def _of_a_tag(self) -> Self:
        if self.inform is not None and self.tag is None:
            raise refuse("required", field="tag")
        return self


class Newcomer(Anything):
    """A tenant or a business in the home."""

    name: Name | None = None
    phone: Phone | None = None


class OwnershipTransferred(On):
    kind: Annotated[TransferKind, FOLDED]
    to: Owners


class OwnershipBegan(On):
    """A home taken over from an owner before; `previous` is that journey, where we know it."""

    kind: Annotated[TransferKind, FOLDED]
    previous: Code | None = None


class Said(Anything):
    """Something an owner said, was promised or asked for; a defect or a complaint names more."""

    text: OwnWords | None = None
    what: OwnWords | None = None


class PromiseRecorded(Said):
    """`until` is the day by which the promise is to be kept."""

    until: Day | None = None


class PromiseEnded(Said):
    """`promise` names the event that recorded it: our id, or the `id` told by the same source."""

    promise: Code | None = None


class Membership(Anything):
    """A card of the owners' club."""

    tier: Annotated[MemberTier, FOLDED]


class Reported(Anything):
    category: Annotated[Category, FOLDED]
    component: Annotated[Component, FOLDED] | None = None
    text: OwnWords
    photos: Photos | None = None


class DefectReported(Reported):
    """`carried` names the report of the owner before, `known_at` when that was told: its clocks run on."""

    severity: Annotated[Severity, FOLDED]
    carried: Code | None = None
    known_at: Instant | None = None


class Service(Anything):
    service: Code | None = None
    text: OwnWords | None = None


class ComplaintRaised(Reported):
    severity: Annotated[ComplaintSeverity, FOLDED]


TYPES = (
    EventType("moved_in", "living", "入住", "Moved in", On),
    EventType("title.submitted", "living", "产证资料提交", "Title submitted", On),
    EventType("title.issued", "living", "产证发放", "Title issued", On),
    EventType("tag.added", "living", "添加标签", "Tag added", TagAdded),
    EventType("tag.removed", "living", "移除标签", "Tag removed", Tag),
    EventType("tenant.moved_in", "living", "租户入住", "Tenant moved in", Newcomer),
    EventType("business.opened", "living", "开业", "Business opened", Newcomer),
    EventType("ownership.transferred", "living", "产权转移", "Ownership transferred", OwnershipTransferred),
    EventType("ownership.began", "living", "产权承接", "Ownership began", OwnershipBegan),
    EventType("suggestion.raised", "living", "提出建议", "Suggestion raised", Said),
    EventType("promise.recorded", "living", "承诺登记", "Promise recorded", PromiseRecorded),
    EventType("promise.breached", "living", "承诺未兑现", "Promise breached", PromiseEnded),
    EventType("promise.kept", "living", "承诺已兑现", "Promise kept", PromiseEnded),
    EventType("change_request.raised", "living", "变更请求", "Change request raised", Said),
    EventType("membership.granted", "living", "会员入会", "Membership granted", Membership, needs_person=True),
    EventType("membership.ended", "living", "会员退会", "Membership ended", Anything, needs_person=True),
    EventType("service.ordered", "living", "服务下单", "Service ordered", Service),
    EventType("service.closed", "living", "服务完成", "Service closed", Service),
    EventType("defect.reported", "defects", "报修", "Defect reported", DefectReported),
    EventType("complaint.raised", "defects", "投诉", "Complaint raised", ComplaintRaised),
)
