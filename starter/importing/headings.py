"""What the columns of an export mean: the headings under which sales systems know them, in Chinese and English."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

# Compared without spaces, case and punctuation. The first one is how we call the column ourselves.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "project": ("项目编码", "项目代码", "项目编号", "项目", "project", "project code"),
    "unit": (
        "房号", "房间", "房间号", "房源", "房源编号", "房屋编号", "房间编码", "户号", "室号", "房产", "房间名称",
        "房间代码", "房屋代码", "房产编号", "unit", "unit no", "room", "room no", "home",
    ),
    "building": (
        "楼栋", "楼号", "楼栋号", "栋号", "幢号", "幢", "楼宇", "座栋", "楼幢", "楼座", "楼栋名称", "building",
        "building no", "block",
    ),
    "entrance": ("单元", "单元号", "梯号", "单元名称", "entrance", "stairwell"),
    "batch": ("批次", "交付批次", "交楼批次", "交房批次", "收楼批次", "入伙批次", "batch", "handover batch"),
    "ref": (
        "客户编号", "客户编码", "客户ID", "客户代码", "业主编号", "业主编码", "会员号", "customer id", "customer no",
        "owner ref", "ref",
    ),
    "name": (
        "客户姓名", "姓名", "业主姓名", "业主", "业主名称", "买受人", "买受人姓名", "购房人", "购房者", "客户名称",
        "客户", "权利人", "产权人", "买方", "认购人", "购房人姓名", "产权人姓名", "主买受人", "customer name",
        "customer", "owner name", "owner", "buyer", "name",
    ),
    "phone": (
        "手机号", "手机号码", "手机", "电话", "联系电话", "移动电话", "联系方式", "电话号码", "业主电话", "客户电话",
        "客户手机", "客户手机号", "业主手机", "业主手机号", "联系手机", "联系人电话", "买受人电话", "购房人电话",
        "phone", "phone number", "mobile", "mobile phone",
    ),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮箱地址", "email", "e-mail"),
    "wechat": ("微信", "微信号", "wechat", "wechat id"),
    "address": (
        "通讯地址", "联系地址", "邮寄地址", "通信地址", "收件地址", "postal address", "mailing address",
        "contact address",
    ),
    "postcode": ("邮编", "邮政编码", "postcode", "zip", "zip code"),
    "birthday": ("生日", "出生日期", "客户生日", "birthday", "date of birth"),
    "tags": ("标签", "客户标签", "业主标签", "tags", "tag"),
    "second_name": (
        "共有人", "共有人姓名", "共同买受人", "共同买受人姓名", "共同购房人", "联名人", "第二买受人", "co-owner",
        "co-owner name", "second owner",
    ),
    "second_phone": (
        "共有人手机", "共有人手机号", "共有人电话", "共有人联系电话", "共同买受人电话", "联名人电话",
        "co-owner phone", "second owner phone",
    ),
    "second_address": ("共有人通讯地址", "共有人地址", "共有人联系地址", "co-owner address", "second owner address"),
    "second_ref": ("共有人编号", "共有人客户编号", "共同买受人编号", "co-owner ref", "second owner ref"),
    "contract": (
        "合同编号", "合同号", "合同备案号", "合同编码", "网签合同号", "网签编号", "买卖合同编号", "contract no",
        "contract number",
    ),
    "subscribed": (
        "认购日期", "认购时间", "认购日", "下定日期", "下定时间", "定购日期", "subscribed on", "subscription date",
    ),
    "signed": (
        "签约日期", "签约时间", "签约日", "合同签订日期", "签订日期", "网签日期", "合同签订时间", "网签时间",
        "合同签署日期", "签署日期", "正签日期", "signed on", "signing date", "contract date",
    ),
    "handover_due": (
        "合同交付日期", "约定交付日期", "合同约定交付日", "合同交房日期", "合同交付时间", "约定交房日期",
        "合同交楼日期", "合同约定交房日期", "合同约定交付日期", "合同约定交楼日期", "约定交楼日期", "合同交房时间",
        "合同交楼时间", "约定交付时间", "约定交房时间", "约定交楼时间", "应交付日期", "应交房日期", "合同收楼日期",
        "contract handover date",
    ),
    "filed": (
        "备案日期", "备案时间", "备案", "合同备案日期", "备案日", "合同备案时间", "网签备案日期", "备案登记日期",
        "filed on", "filing date",
    ),
    "handed_over": (
        "交付日期", "实际交付日期", "收楼日期", "交房日期", "收房日期", "实际交房日期", "交付时间", "收楼时间",
        "交房时间", "收房时间", "入伙日期", "入伙时间", "接房日期", "接房时间", "交楼日期", "交楼时间",
        "实际交付时间", "实际交楼日期", "实际收楼日期", "实际收房日期", "handed over on", "handover date",
    ),
    "completion": (
        "竣工验收日期", "竣工日期", "竣工验收时间", "竣工验收", "竣工验收合格日期", "竣工时间",
        "completion accepted on", "completion date",
    ),
}  # fmt: skip
# Read by nobody: what is not needed is not kept (PIPL 6, 19; domain row C8).
NEVER: Final = (
    "身份证", "身份证号", "身份证号码", "证件号", "证件号码", "证件类型", "护照号", "银行卡号", "银行账号", "户籍地址",
    "id card", "id number", "passport", "passport no", "bank account",
)  # fmt: skip
REQUIRED: Final = ("unit", "name")
# A home may have more than one co-owner: 共有人2, 共有人手机2 … stand beside the first.
SEVERAL: Final = frozenset({"second_name", "second_phone", "second_ref", "second_address"})
_NUMBERED: Final = re.compile(r"(.+?)([0-9一二三四五六七八九])(姓名|手机号?|电话|编号|通讯地址|地址)?")
_DIGITS: Final = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)}


def meaning_of(heading: str) -> str | None:
    """What a column of this heading holds, `second_name.2` for the second co-owner; None for one that means nothing."""
    plain = _plain(heading)
    known = _BY_HEADING.get(plain)
    if known is not None:
        return known
    numbered = _NUMBERED.fullmatch(plain)
    if numbered is None:
        return None
    word, digit, rest = numbered.groups()
    many = _BY_HEADING.get(word + (rest or ""))
    if many not in SEVERAL:
        return None
    number = _DIGITS.get(digit) or int(digit)
    return many if number == 1 else f"{many}.{number}"


def is_never_kept(heading: str) -> bool:
    """Whether a column holds what is never stored, such as the number of an identity card."""
    return _plain(heading) in _NEVER


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).lower())


_BY_HEADING: Final = {_plain(heading): meaning for meaning, known in HEADINGS.items() for heading in known}
_NEVER: Final = frozenset(map(_plain, NEVER))
