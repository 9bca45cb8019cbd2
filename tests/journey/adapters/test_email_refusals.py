"""What a mail server's refusal of a recipient says of the address: only that nobody is there ends it."""

import pytest

from journey.adapters.email_refusals import refused

EXCHANGE_FULL = "5.2.2 STOREDRV.Deliver; mailbox full. The following recipient's mailbox exceeded its quota"


@pytest.mark.parametrize(
    "words",
    [
        "5.1.1 <zhang@mail.example>: Recipient address rejected: User unknown in virtual mailbox table",  # Postfix
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",  # Exchange
        "5.1.1 The email account that you tried to reach does not exist.",  # Gmail
        "sorry, no mailbox here by that name. (#5.1.1)",  # qmail
    ],
)
def test_the_status_of_a_dead_mailbox_says_it(words: str) -> None:
    assert refused(words) == "bad-recipient"


@pytest.mark.parametrize(
    "words",
    [
        "5.7.1 no such user, your host is listed",
        "5.4.1 Recipient address rejected: Access denied. [XN1.prod.example 2026-03-16]",  # Exchange Online
        "5.7.606 Access denied, banned sending IP [192.0.2.7]",
        EXCHANGE_FULL,
        "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",  # qmail
    ],
)
def test_any_other_status_leaves_the_address(words: str) -> None:
    assert refused(words) == "out-of-reach"


@pytest.mark.parametrize(
    "words",
    [
        "no such user",
        "No Such User Here",  # Exim
        "No such person at this address.",
        "<zhang@mail.example>... User unknown",  # sendmail
        "<zhang@mail.example>: Recipient address rejected: User unknown in local recipient table",  # Postfix
        "unknown user <zhang@mail.example>",
        "Unknown local user",
        "Mailbox <zhang@mail.example> does not exist",
        "Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022&no=blocked",  # QQ
        "The recipient may contain a non-existent account, please check the recipient address. [MB7x IP: 192.0.2.7].",
        "User not found: zhang@163.example",  # 163
        "Invalid User: zhang@163.example",
        "Invalid recipient",
        "invalid mailbox",
        "Invalid rcptto [@sm070102]",  # Aliyun
        "Recipient not found",
        "RecipientNotFound; not found by SMTP address lookup",
        "The email account that you tried to reach does not exist. Learn more at https://support.example/?p=NoSuchUser",
        "delivery error: dd This user doesn't have a yahoo.com account (zhang@yahoo.example) [0]",
        "The mailbox you wrote to is not known",
        "zhang@mail.example is not a valid mailbox",
        "sorry, no mailbox here by that name",
        "no such user limit.spam@mail.example",  # an address may hold any word
        "No such user\nhere",
        "用户不存在",
        "邮箱地址不存在",
        "不存在",
        "无此用户",
        "查无此人",
        "没有这个用户",
        "找不到该收件人",
        "收件人无效",
    ],
)
def test_without_a_status_the_words_must_say_that_nobody_is_there(words: str) -> None:
    assert refused(words) == "bad-recipient"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "no",
        "message rejected",
        "Requested action not taken: mailbox unavailable",  # the word for every case in RFC 5321
        "mailbox full",
        "over quota",
        "Mailbox quota exceeded, user not found to have space",
        "User temporarily disabled",
        "User not local; please try <zhang@other.example>",
        "User suspended",  # 163
        "user is inactive, not found",
        "Your IP is blacklisted",
        "poor reputation of 192.0.2.7",
        "SPF check failed",
        "DMARC failure",
        "HELO invalid",
        "Access denied - Invalid HELO name for recipient",
        "invalid HELO",
        "Administrative prohibition",
        "Too many connections from your host",
        "Too many invalid recipients",
        "greylisted, try again",
        "Recipient unknown for now, try again later",
        "rejected, no reverse DNS (PTR): host not found",
        "<owner@example.com>: Sender address rejected: Domain not found",  # Postfix
        "<zhang@mail.example>: Recipient address rejected: Domain not found",
        "Verification failed for <owner@example.com>\nNo Such User Here\nSender verify failed",  # Exim
        "relay not permitted",
        "Authentication required, unknown user",
        "Client host rejected: cannot find your hostname",
        "Domain frequency limited [192.0.2.7]",  # QQ
        "Mail content denied. http://service.mail.qq.com/cgi-bin/help?id=20022&no=NoSuchUser",
        "Mailbox unavailable or access denied [MB7x IP: 192.0.2.7]",
        "MI:SPB 163 smtp4, please see http://mail.163.example/help?no=unknown-user",
        "Local user only or Authentication mechanism",
        "unknown command for recipient",
        "no space left for user",
        "发件人不存在",
        "域名不存在",
        "收件人邮箱已满",
        "您的IP被列入黑名单",
        "用户不存在或发信频率超限",
        "拒绝接收",
    ],
)
def test_whatever_else_is_said_leaves_the_address(words: str) -> None:
    assert refused(words) == "out-of-reach"
