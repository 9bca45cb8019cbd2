"""Reports of mail servers, read into our own receipts."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from journey.domain.errors import InvalidInput
from journey.domain.values import Failure, ReceiptState
from starter.hooks.bounces import read_bounce

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
ID = "<0123abc@journey>"
REPORT = """\
From: MAILER-DAEMON@mx.example.com
To: owner-journey@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you …

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 1 Jun 2026 09:00:00 +0800

{recipients}

--B
{returned}
--B--
"""
WHOLE = f"Content-Type: message/rfc822\n\nMessage-ID: {ID}\nSubject: x\nTo: zw@example.com\n\nhello\n"
HEADERS = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {ID}\nSubject: x\n"


def recipient(action: str, status: str) -> str:
    return (
        f"Final-Recipient: rfc822; zw@example.com\nAction: {action}\nStatus: {status}\n"
        "Last-Attempt-Date: Mon, 1 Jun 2026 09:05:00 +0800\n"
    )


def bounced(*recipients: str, returned: str = WHOLE) -> bytes:
    return REPORT.format(recipients="\n".join(recipients), returned=returned).encode()


@pytest.mark.parametrize("returned", [WHOLE, HEADERS])
def test_a_bounce_names_the_message_that_came_back(returned: str) -> None:
    (one,) = read_bounce(bounced(recipient("failed", "5.1.1"), returned=returned), "smtp", NOW)

    assert (one.provider, one.provider_id, one.channel) == ("smtp", ID, "email")
    assert (one.state, one.code, one.failure) == (ReceiptState.FAILED, "5.1.1", Failure.PERMANENT)
    assert (one.address, one.at) == ("zw@example.com", datetime(2026, 6, 1, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("action", "status", "state", "failure"),
    [
        ("failed", "5.2.2", ReceiptState.FAILED, Failure.LATER),
        ("failed", "4.4.7", ReceiptState.FAILED, Failure.LATER),
        ("failed", "5.7.1 (policy)", ReceiptState.FAILED, Failure.REFUSED),
        ("Delivered", "2.0.0", ReceiptState.DELIVERED, None),
        ("relayed", "2.0.0", ReceiptState.SENT, None),
    ],
)
def test_what_a_status_means(action: str, status: str, state: ReceiptState, failure: Failure | None) -> None:
    (one,) = read_bounce(bounced(recipient(action, status)), "smtp", NOW)

    assert (one.state, one.failure) == (state, failure)
    assert (one.address is None) is (failure is None)


def test_what_is_only_late_yet_tells_nothing() -> None:
    assert read_bounce(bounced(recipient("delayed", "4.4.1")), "smtp", NOW) == []


def test_every_recipient_of_a_report_is_told_of() -> None:
    told = read_bounce(bounced(recipient("failed", "5.1.1"), recipient("delivered", "2.0.0")), "smtp", NOW)

    assert [one.state for one in told] == [ReceiptState.FAILED, ReceiptState.DELIVERED]


def _plain_mail() -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Out of office"
    mail.set_content("back on Monday")
    return bytes(mail)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"\xff\xfe", _plain_mail(),
     bounced(recipient("failed", "5.1.1"), returned="Content-Type: text/plain\n\nx\n"),
     b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\nContent-Type: message/rfc822\n\n" * 3000],
)  # fmt: skip
def test_any_other_mail_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_bounce(body, "smtp", NOW)
