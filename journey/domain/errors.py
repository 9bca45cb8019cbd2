"""The errors of the business, each with a stable `code` that the edges translate (HTTP status, exit code)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from journey.domain.reasons import Reason

# rule: (中文, English). Parameters never repeat what the caller sent, except a code from a closed list.
RULE_TEXTS: dict[str, tuple[str, str]] = {
    "required": ("必填", "is required"),
    "empty": ("不能为空", "must not be empty"),
    "not-an-object": ("必须是对象", "must be an object"),
    "not-a-list": ("必须是列表", "must be a list"),
    "not-text": ("必须是文本", "must be text"),
    "not-a-date": ("必须是真实日期,格式 YYYY-MM-DD", "must be a real date, YYYY-MM-DD"),
    "not-an-instant": (
        "必须是带时区偏移的 RFC 3339 时间",
        "must be an RFC 3339 instant with an offset, such as 2026-02-10T10:00:00+08:00",
    ),
    "not-a-number": ("必须是有限数值", "must be a finite number"),
    "not-a-boolean": ("必须是 true 或 false", "must be true or false"),
    "not-a-phone": ("不是有效电话号码", "is not a valid phone number"),
    "not-an-email": ("不是有效邮箱", "is not a valid e-mail address"),
    "not-an-address": (
        "不是完整的通讯地址:写明省市、街道、门牌,可带邮编",
        "is no whole postal address: street, number and town, with the postcode if known",
    ),
    "not-a-zone": ("不是有效的 IANA 时区", "is not an IANA time zone"),
    "media-type": (
        "须为 {wanted}:请加请求头 Content-Type: {wanted}(curl 用 --json,或 -d 加 -H)",
        "must be {wanted}: send the header Content-Type: {wanted} (curl: --json, or -d with -H)",
    ),
    "not-json": ("不是 JSON 值", "is not a JSON value"),
    "unknown-type": ("未知事件类型{hint_zh}", "is not a known event type{hint}"),
    "unknown-value": ("只能取:{allowed}", "must be one of: {allowed}"),
    "wrong-target": ("此类事件应告知 {tell}", "belongs elsewhere: tell it to {tell}"),
    "wrong-order": ("不得早于 {after}", "must not be before {after}"),
    "out-of-range": ("超出合理范围({range})", "is outside the plausible range ({range})"),
    "too-long": ("超过 {limit} 个字符或条目", "is longer than {limit} characters or entries"),
    "too-large": ("整体超过 {limit} 字节", "is larger than {limit} bytes in all"),
    "too-deep": ("嵌套超过 {limit} 层", "is nested deeper than {limit} levels"),
    "bad-text": ("含有此处不允许的字符", "contains a character that is not allowed there"),
    "not-a-code": (
        "须为小写字母、数字和 -,至多 {limit} 个字符",
        "must be small letters, digits and -, {limit} at most",
    ),
    "unknown-person": ("没有这个 ref 的业主", "names no known owner (ref)"),
    "not-an-owner": (
        "不是本旅程现任或曾任业主,请核对房号,或先告知 parties.changed",
        "is and was no owner of this journey: check the home, or tell parties.changed first",
    ),
    "unknown-field": ("未知字段", "is not a known field"),
    "in-the-past": ("必须晚于现在({now})", "must lie after now ({now})"),
    "after-window": ("不得晚于事项的截止 {limit}", "must not lie after the end of the item's window, {limit}"),
    "after-legal-due": ("不得晚于法定期限 {limit}", "must not lie after the legal end, {limit}"),
    "ambiguous": ("不唯一,请给出键:{known}", "names more than one item, give the key: {known}"),
    "empty-post": ("只能是在岗岗位或人员:{known}", "must be a filled post or one of its people: {known}"),
    "twice": ("重复", "is named twice"),
    "not-a-reference": ("不是有效的函件编号", "is no reference of a letter"),
    "not-in-run": ("不属于本打印批次", "names no letter of this print run"),
    "used-elsewhere": ("已用于另一封函件", "is the number of another letter"),
    "told-otherwise": ("与先前登记的不同", "differs from what was told before"),
    "proved-served": (
        "不能为退回:此函已于 {on} 证明送达({event});凭证有误请先撤销该事件(event.voided)",
        "cannot be returned: the letter is proved served on {on} ({event}); void that event first if it was wrong",
    ),
    "not-yet": ("不得晚于今天", "must not lie after today"),
    "before-printing": ("不得早于打印日 {printed}", "must not lie before the day it was printed, {printed}"),
    "unknown-file": ("没有收到这个扫描件", "names no scan that was taken"),
    "encrypted": (
        "是加密消息:请在公众号后台选择明文或兼容模式",
        "holds an encrypted message: choose plain text or the compatible mode in the account",
    ),
    "no-report": ("不是退信报告(RFC 3464)", "is no report of a mail server (RFC 3464)"),
    "no-proof": ("须有送达凭证:{allowed}", "needs the proof of service: {allowed}"),
    "no-photo": ("须附照片", "needs a photo: the name, address or hash of a picture"),
    "not-for-owners": (
        "是业主的联系方式:测试只发给内部人员",
        "belongs to an owner: a test goes to your own staff only",
    ),
    "own-approval": ("须由上一级批准,不得由本人批准", "must be somebody one level up, not the one who asks"),
    "not-said": (
        "需要 {names},群发不知道这些内容",
        "needs {names}, which a broadcast does not know",
    ),
    "no-opt-out": (
        "不是营销类文本,也未写退订语「{words}」",
        "is no marketing text, and lacks the opt-out words «{words}»",
    ),
    "on-paper": ("是书面文本,不能群发", "is a text on paper: it cannot be broadcast"),
    "is-marketing": ("是营销类文本,只能按 marketing 发送", "is a marketing text: it goes as marketing only"),
    "no-folder": ("没有这个文件夹", "is no folder that is there"),
    "invalid": ("无效", "is not valid"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with what was told: where (`data/on`), a stable rule code, and words in both languages."""

    field: str
    rule: str
    text: str
    text_zh: str


def choices(expected: str) -> str:
    """What a validator allows, as a list that reads in any language: `'zh' or 'en'` becomes `zh, en`."""
    return ", ".join(re.findall(r"'([^']*)'", expected)) or expected


def bounds(context: Mapping[str, object]) -> str:
    """The bounds in a validator's context as one reads them: `>= 1`."""
    signs = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
    return ", ".join(f"{sign} {context[name]}" for name, sign in signs if name in context)


def field_error(field: str, rule: str, **params: object) -> FieldError:
    """Return the error of one field; `params` fill the placeholders of the rule's text."""
    zh, en = RULE_TEXTS[rule]
    name = field or "body"
    return FieldError(field, rule, f"{name} {en.format(**params)}", f"{name}:{zh.format(**params)}")


class JourneyError(Exception):
    """Root of every error with a meaning for the business."""

    code: ClassVar[str] = "journey-error"


class InvalidInput(JourneyError):
    """What was told cannot be true or cannot be read; `errors` lists every field at fault."""

    code: ClassVar[str] = "invalid-input"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(error.text for error in errors))
        self.errors = errors


class NotFound(JourneyError):
    """Nothing stands under the given id; `reason` says it in both languages, where it has words."""

    code: ClassVar[str] = "not-found"

    def __init__(self, message: str | Reason = "") -> None:
        super().__init__(_english(message))
        self.reason = message if isinstance(message, Reason) else None


class Conflict(JourneyError):
    """It contradicts what stands already; `existing` names that, where it has an id; `reason` as in NotFound."""

    code: ClassVar[str] = "conflict"

    def __init__(self, message: str | Reason = "", *, existing: str | None = None) -> None:
        super().__init__(_english(message))
        self.reason = message if isinstance(message, Reason) else None
        self.existing = existing


def _english(message: str | Reason) -> str:
    return message.text("en") if isinstance(message, Reason) else message


class Refusal(JourneyError):
    """What was sent is not taken, and its sender reads why: 中文 and English."""

    code: ClassVar[str] = "refused"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = (zh, en)


class NotAllowed(Refusal):
    """The caller may not do this."""

    code: ClassVar[str] = "not-allowed"


class PlannedByNewer(JourneyError):
    """A build with newer rules has planned this journey: an older one must not plan it with its own."""

    code: ClassVar[str] = "planned-by-newer"
