"""Closed lists of values, each value with its Chinese and English label. The wire carries the plain string."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A string value that knows its labels: `Stage.HANDOVER == "handover"`, `.zh == "交付"`."""

    zh: str
    en: str

    # The labels have defaults so that type checkers accept a look-up by value: Stage("handover").
    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.en = en
        return member


def label(value: Labelled, lang: str) -> str:
    """Return the label of a value: Chinese for `zh` and its variants, English for every other language."""
    return value.zh if lang.lower().startswith("zh") else value.en


class Language(Labelled):
    """Languages that owners are written to in."""

    ZH = "zh", "中文", "Chinese"
    EN = "en", "英文", "English"


class Stage(Labelled):
    """The leading stage of a journey, as shown."""

    PROSPECT = "prospect", "潜在客户", "Prospect"
    SIGNING = "signing", "签约", "Signing"
    PRE_HANDOVER = "pre-handover", "交付前", "Pre-handover"
    HANDOVER = "handover", "交付", "Handover"
    FIT_OUT = "fit-out", "装修", "Fit-out"
    OCCUPANCY = "occupancy", "居住", "Occupancy"
    WARRANTY_END = "warranty-end", "保修期满", "Warranty end"


class Segment(Labelled):
    """Owners by how long they have had the home (C5)."""

    PROSPECTIVE = "prospective", "准业主", "Prospective owner"
    SETTLING_IN = "settling-in", "磨合期", "Settling in"
    SETTLED = "settled", "稳定期", "Settled"
    LONG_STANDING = "long-standing", "老业主", "Long-standing owner"


class JourneyStatus(Labelled):
    """Whether a journey acts; after `aftercare` any later event wakes it."""

    ACTIVE = "active", "进行中", "Active"
    MUTED = "muted", "已静默", "Muted"
    PAUSED = "paused", "已暂停", "Paused"
    AFTERCARE = "aftercare", "长期关怀", "Aftercare"
    CANCELLED = "cancelled", "已取消", "Cancelled"
    TRANSFERRED = "transferred", "已过户", "Transferred"
    LOST = "lost", "已流失", "Lost"


class Milestone(Labelled):
    """Progress of the building that owners are told of, in the order of C6."""

    SHOW_FLAT_OPEN = "show-flat-open", "样板示范区开放", "Show flat open"
    TOPPED_OUT = "topped-out", "主体封顶", "Topped out"
    SCAFFOLD_DOWN = "scaffold-down", "落架", "Scaffold down"
    FACADE_COMPLETE = "facade-complete", "外装修竣工", "Facade complete"
    INTERIOR_COMPLETE = "interior-complete", "内装修及机电竣工", "Interior and services complete"
    LANDSCAPE_STARTED = "landscape-started", "园林展开", "Landscaping started"
    LANDSCAPE_COMPLETE = "landscape-complete", "园林竣工", "Landscaping complete"
    UTILITIES_COMPLETE = "utilities-complete", "市政配套竣工", "Utilities complete"
    UTILITIES_CONNECTED = "utilities-connected", "市政管线接驳贯通", "Utilities connected"
    QUALITY_AND_FIRE_ACCEPTED = "quality-and-fire-accepted", "质检及消防验收合格", "Quality and fire accepted"
    COMPLETION_ACCEPTED = "completion-accepted", "竣工验收通过", "Completion accepted"
    COMPLETION_FILED = "completion-filed", "竣工备案", "Completion filed"
    PROPERTY_TAKEOVER_ACCEPTED = "property-takeover-accepted", "物业接管验收通过", "Property takeover accepted"
    HANDOVER_SHOW_AREA_OPEN = "handover-show-area-open", "收楼样板区开放", "Handover show area open"


class Gate(Labelled):
    """What has to be judged good before something may go on: conditions of a handover (C1), checks before an opening.

    Packs may name more; those have no label.
    """

    READY = "ready-to-hand-over", "具备交付条件", "Ready to hand over"
    COMPLETION_FILED = "completion-filed", "竣工备案", "Completion filed"
    UNIT_ACCEPTANCE = "unit-acceptance", "分户验收100%", "Every unit accepted"
    SEVERE_SNAGS = "severe-snags", "P1 问题清零", "No P1 snags"
    OPEN_SNAGS = "open-snags", "每户遗留问题达标", "Open snags within the limit"
    TWO_BOOKS = "two-books", "两书已印制", "Two books printed"
    MEASURED_REPORT = "measured-report", "实测报告就绪", "Measured report ready"
    REHEARSAL = "rehearsal", "入住模拟", "Rehearsal done"
    RESERVE = "reserve-days", "查验整改预留天数", "Days in reserve"
    SITE_QUALITY = "site-quality", "售场品质检验", "Sales site quality"
    SERVICE_HANDBOOK = "service-handbook", "项目服务手册", "Service handbook"
    SITE_COMFORT = "site-comfort", "售场舒适度检验", "Comfort of the sales hall"
    DISCLOSURE = "disclosure", "信息公示清单", "Disclosure list"
    PROMOTION = "promotion", "宣传资料审核", "Promotion material"
    SHOW_AREA = "show-area", "示范区开放检验", "Show area"
    DISPLAY = "display", "销售现场公示", "Display on site"


class BatchStage(Labelled):
    """How far a handover batch has come, as shown."""

    PREPARING = "preparing", "筹备交付", "Preparing"
    READY = "ready", "具备交付条件", "Ready to hand over"
    HANDING_OVER = "handing-over", "集中交付", "Handing over"
    CLOSED = "closed", "已结束", "Closed"


class ProjectStage(Labelled):
    """How far a project has come, as shown."""

    PLANNED = "planned", "未开盘", "Planned"
    SELLING = "selling", "在售在建", "On sale"
    COMPLETED = "completed", "已竣工", "Completed"
    DELIVERING = "delivering", "交付中", "Delivering"


class Component(Labelled):
    """Parts of a home with a warranty of their own (C4); the order decides which notice carries the others."""

    STRUCTURE = "structure", "地基基础和主体结构", "Foundation and structure"
    ROOF_WATERPROOF = "roof-waterproof", "屋面防水", "Roof waterproofing"
    WET_ROOM = "wet-room", "卫生间防渗漏", "Wet rooms"
    EXTERIOR_SEEPAGE = "exterior-seepage", "外墙防渗漏", "Exterior wall seepage"
    HEATING_COOLING = "heating-cooling", "供热供冷", "Heating and cooling"
    ELECTRICAL = "electrical", "电气管线", "Electrical"
    PLUMBING = "plumbing", "给排水管道", "Water pipes"
    EQUIPMENT = "equipment", "设备安装", "Equipment"
    DECORATION = "decoration", "装修工程", "Decoration"
    DOOR_WINDOW = "door-window", "门窗五金", "Doors, windows, hardware"
    PIPE_BLOCKAGE = "pipe-blockage", "管道堵塞", "Pipe blockage"
    SANITARY_WARE = "sanitary-ware", "卫生洁具", "Sanitary ware"
    LAMPS_SWITCHES = "lamps-switches", "灯具电器开关", "Lamps and switches"
    INSULATION = "insulation", "保温工程", "Insulation"
    LIFT = "lift", "电梯", "Lift"


class Role(Labelled):
    """Posts that work is given to."""

    SALES = "sales", "销售", "Sales"
    KEEPER = "keeper", "管家", "Keeper"
    PROJECT_CS = "project-cs", "项目客服", "Project customer service"
    PROPERTY_CS = "property-cs", "物业客服", "Property customer service"
    DEVELOPER_CS = "developer-cs", "地产客服", "Developer customer service"
    WARRANTY_OFFICE = "warranty-office", "保修办", "Warranty office"
    GROUP_CS = "group-cs", "集团400", "Group customer service"
    ENGINEERING = "engineering", "工程", "Engineering"
    FINANCE = "finance", "财务", "Finance"
    LEGAL = "legal", "法务", "Legal"
    AMBASSADOR = "ambassador", "客户大使", "Customer ambassador"
    CONTRACTOR = "contractor", "责任单位", "Contractor"
    GENERAL_MANAGER = "general-manager", "总经理", "General manager"


ROLES: dict[str, Role] = {role.value: role for role in Role}  # posts by the name that events and packs use


class ItemKind(Labelled):
    """What an item is made of."""

    MESSAGE = "message", "消息", "Message"
    CALL = "call", "电话", "Call"
    VISIT = "visit", "上门", "Visit"
    SURVEY = "survey", "问卷", "Survey"
    LETTER = "letter", "函件", "Letter"
    GATE = "gate", "关卡", "Gate"
    TASK = "task", "任务", "Task"
    DEADLINE = "deadline", "期限", "Deadline"
    NOTICE = "notice", "通知书", "Notice"
    JOURNEY = "journey", "旅程", "Journey"


class MessageClass(Labelled):
    """What consent and quiet hours go by (C8). `internal` is what no owner sees.

    `emergency` is a project's declared emergency and nothing else: owed as `contract` is, and at any hour.
    """

    CONTRACT = "contract", "履约", "Contract"
    CARE = "care", "关怀", "Care"
    MARKETING = "marketing", "营销", "Marketing"
    INTERNAL = "internal", "内部", "Internal"
    EMERGENCY = "emergency", "紧急", "Emergency"


class ConsentPurpose(Labelled):
    """What a person may agree to."""

    CARE = "care", "关怀", "Care"
    MARKETING = "marketing", "营销", "Marketing"
    SENSITIVE = "sensitive", "敏感个人信息", "Sensitive data"


class HoldScope(Labelled):
    """What a hold stops; the id of one item may stand in its place."""

    ALL = "all", "全部", "Everything"
    CARE = "care", "关怀", "Care"
    MARKETING = "marketing", "营销", "Marketing"


class HoldHow(Labelled):
    """Mute suppresses sends; pause stops the clocks of open tasks."""

    MUTE = "mute", "静默", "Mute"
    PAUSE = "pause", "暂停", "Pause"


class Proof(Labelled):
    """How a paper was served."""

    EMS = "ems", "EMS 邮寄", "EMS"
    SIGNED = "signed", "本人签收", "Signed for"
    COURIER = "courier", "快递", "Courier"


class RefundPart(Labelled):
    """What of a cancellation was settled."""

    PRICE = "price", "房款", "Price"
    FILING = "filing", "撤销备案", "Filing withdrawn"
    MORTGAGE = "mortgage", "按揭", "Mortgage released"
    KEYS = "keys", "房屋与钥匙", "Home and keys"


class MemberTier(Labelled):
    """Cards of the owners' club (A319)."""

    PLATINUM = "platinum", "铂金卡", "Platinum"
    GOLD = "gold", "金卡", "Gold"
    SILVER = "silver", "银卡", "Silver"
    BLUE = "blue", "蓝卡", "Blue"


class TransferKind(Labelled):
    """How ownership went over to somebody else."""

    RESALE = "resale", "转售", "Resale"
    INHERITANCE = "inheritance", "继承", "Inheritance"
    GIFT = "gift", "赠与", "Gift"
    COURT = "court", "司法裁定", "Court order"


class TaskOutcome(Labelled):
    """How a task ended."""

    DONE = "done", "已完成", "Done"
    NOT_REACHED = "not-reached", "未联系上", "Not reached"
    REFUSED = "refused", "被拒绝", "Refused"


class SendOutcome(Labelled):
    """What a person found out about a send whose outcome was unknown."""

    HAPPENED = "happened", "已送到", "It happened"
    NOT_HAPPENED = "not-happened", "未送到", "It did not happen"


class ReceiptState(Labelled):
    """What a channel says became of a message."""

    SENT = "sent", "已发出", "Sent"
    DELIVERED = "delivered", "已送达", "Delivered"
    READ = "read", "已读", "Read"
    REPLIED = "replied", "已回复", "Replied"
    SERVED = "served", "已签收", "Served"
    FAILED = "failed", "失败", "Failed"
    UNKNOWN = "unknown", "未知", "Unknown"


class Failure(Labelled):
    """What it means that a message did not arrive."""

    PERMANENT = "permanent", "地址无效", "The address is no good"
    LATER = "later", "暂时无法接收", "Not reachable for a while"
    REFUSED = "refused", "被拒收", "Refused"
