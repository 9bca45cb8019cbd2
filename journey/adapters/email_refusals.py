"""What a mail server says of a recipient whom it refuses: that nobody is there, or anything else."""

import re
from typing import Final

from journey.domain.failures import DEAD_MAILBOX, FULL_MAILBOX

EXCEEDED: Final = 552  # RFC 5321: more than the storage that the recipient has
_STATUS: Final = re.compile(r"(?:^|\(#)(5\.\d{1,3}\.\d{1,3})\b")  # of RFC 3463; qmail puts it behind its words
# What is quoted may hold any word: addresses, references of the server, links to its help.
_QUOTED: Final = re.compile(r"https?://\S+|<[^>]*>|\[[^\]]*\]|\S+@\S+")
_SOMEBODY: Final = (
    r"(?:e-?mail |mail |local |virtual )?"
    r"(?:user|mailbox|inbox|recipient|rcpt(?:to)?|addressee|person|account|customer|alias|address)s?\b"
)
_NOBODY: Final = re.compile(
    rf"\bno such {_SOMEBODY}"
    rf"|\bno {_SOMEBODY} (?:here|by that|with that|found)\b"
    rf"|\b(?:unknown|invalid|non-?existent) {_SOMEBODY}"
    r"|\b(?:user|mailbox|inbox|recipient|account|alias|address)(?:\b[^.,:;]{0,40})?"
    r"(?:\b(?:unknown|invalid)|not ?found|not be found|not (?:known|valid)|(?:not|n.t|no longer) exist)"
    rf"|\bnot an? (?:known|valid) {_SOMEBODY}"
    r"|(?:\bnot|n.t) have an? (?:\S+ )?(?:account|mailbox)\b"
    r"|不存在|无此(?:人|用户|邮箱|[帐账][号户]|收件人)|没有(?:[这该此]个?)?(?:用户|邮箱|收件人)"
    r"|找不到[该此]?(?:用户|邮箱|[帐账][号户]|收件人)|(?:用户|邮箱|[帐账][号户]|收件人|地址)(?:未找到|无效)",
    re.IGNORECASE,
)
# Us, our message, a mailbox that stands but takes nothing now: with any of these a "not found" may mean another thing.
_SOMETHING_ELSE: Final = re.compile(
    r"relay|polic|spam|virus|block|black ?list|listed|banned|denied|prohibit|frequen|limit|\brate\b|throttl|too many"
    r"|auth|sender|client|\bhelo\b|\behlo\b|\bspf\b|dkim|dmarc|reputation|\bip\b|\brbl\b|dnsbl|\bdns\b|\bptr\b|reverse"
    r"|domain not|your (?:ip|host|server|domain|mail|message|network)|full\b|quota|space|storage|size|tempor|later"
    r"|again|disabled|suspend|inactive|locked|not local"
    r"|发件|发信|域名|解析|黑名单|灰名单|垃圾|病毒|频率|限制|超[出过限]|拒|策略|认证|信誉|您的|贵|满|容量|空间|暂|稍后|停用|禁用|冻结",
    re.IGNORECASE,
)


def refused(words: str) -> str:
    """The code of a refusal: `bad-recipient` when the server says that nobody has the address, else `out-of-reach`.

    A status of RFC 3463 decides. Without one the words must say so, and nothing in them speak of another cause: a
    server that lists us, or whose mailbox is full, says as little of the address as one that gives no reason.
    """
    told = _STATUS.search(words.strip())
    if told is not None:
        return "bad-recipient" if told.group(1) in DEAD_MAILBOX else "out-of-reach"
    said = " ".join(_QUOTED.sub(" ", words).split())
    return "bad-recipient" if _NOBODY.search(said) and not _SOMETHING_ELSE.search(said) else "out-of-reach"


def is_full(code: int, words: str) -> bool:
    """Whether a refusal says that the mailbox is full for now: by its status, or, where it has none, by a bare 552."""
    told = _STATUS.search(words.strip())
    return told.group(1) in FULL_MAILBOX if told is not None else code == EXCEEDED
