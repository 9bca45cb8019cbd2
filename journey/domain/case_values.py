"""Closed lists of values of repairs, complaints and other cases, labelled as those of `values.py` are."""

from journey.domain.values import Labelled


class Category(Labelled):
    """What a defect or complaint is about."""

    STRUCTURE = "structure", "主体结构", "Structure"
    WATERPROOFING = "waterproofing", "防水渗漏", "Waterproofing"
    DOOR_WINDOW = "door-window", "门窗", "Doors and windows"
    PLUMBING = "plumbing", "给排水", "Plumbing"
    ELECTRICAL = "electrical", "强电", "Electrical"
    HEATING_COOLING = "heating-cooling", "供热供冷", "Heating and cooling"
    FINISHING = "finishing", "装饰装修", "Finishing"
    LIFT = "lift", "电梯", "Lift"
    FIRE = "fire", "消防", "Fire protection"
    WEAK_CURRENT = "weak-current", "弱电", "Low-voltage systems"
    PUBLIC_AREA = "public-area", "公共区域", "Public area"
    SERVICE = "service", "服务", "Service"
    SALES_PROMISE = "sales-promise", "销售承诺", "Sales promise"
    OTHER = "other", "其他", "Other"


class Severity(Labelled):
    """How urgent a defect is: R-P1 to R-P5."""

    EMERGENCY = "emergency", "急修", "Emergency (R-P1)"
    URGENT = "urgent", "紧急", "Urgent (R-P2)"
    GENERAL = "general", "一般", "General (R-P3)"
    CONTRACTOR = "contractor", "需责任单位", "Needs the contractor (R-P4)"
    COMPLEX = "complex", "复杂", "Complex (R-P5)"


class ComplaintSeverity(Labelled):
    """How grave a complaint is: C-1 to C-4."""

    GENERAL = "general", "一般投诉", "General (C-1)"
    MAJOR = "major", "重大投诉", "Major (C-2)"
    MASS = "mass", "群诉", "Mass (C-3)"
    OFFICIAL = "official", "来函及转办", "Official (C-4)"


class CaseKind(Labelled):
    """Work that runs for hours to months beside a journey, with clocks of its own (`docs/architecture.md`)."""

    REPAIR = "repair", "维修", "Repair"
    COMPLAINT = "complaint", "投诉", "Complaint"
    SURVEY = "survey", "问卷", "Survey"
    OPEN_DAY = "open-day", "工地开放日", "Open day"
    FIT_OUT = "fit-out", "装修", "Fit-out"


class CaseStep(Labelled):
    """What is done in a case, in its usual order; a class of cases names those that it has (C2)."""

    ACKNOWLEDGE = "acknowledge", "受理", "Acknowledge"
    INFORM = "inform", "上报", "Inform the level above"
    REPLY = "reply", "首次答复", "First reply"
    ON_SITE = "on-site", "到场", "On site"
    CONTAIN = "contain", "控制险情", "Contain"
    TEAM = "team", "联合小组", "Joint team"
    PLAN = "plan", "确定方案", "Plan"
    TEXT = "text", "统一口径", "One reply text"
    FIX = "fix", "修复", "Fix"
    CLOSE = "close", "认可结案", "Close"


class CaseLevel(Labelled):
    """How far up a case has gone (C3)."""

    L0 = "L0", "物业客服", "Property customer service"
    L1 = "L1", "地产客服", "Developer customer service"
    L2 = "L2", "集团400", "Group hotline"
    L3 = "L3", "总经理", "General manager"


class PauseReason(Labelled):
    """Why the clocks of a case may stand still (C2)."""

    OWNER_UNAVAILABLE = "owner-unavailable", "业主另约时间", "Owner unavailable, date booked"
    OWNER_REFUSES_ACCESS = "owner-refuses-access", "业主不让进门", "Owner refuses access"
    FORCE_MAJEURE = "force-majeure", "不可抗力", "Force majeure"
