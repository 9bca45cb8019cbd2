"""E-mail against a real SMTP server on loopback, well behaved and not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from journey.adapters.appointments import invitation
from journey.adapters.channels import (
    Attachment,
    ChannelFailure,
    Outgoing,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from journey.adapters.email import EmailChannel, Security
from journey.adapters.email_page import page
from tests.journey.adapters.misbehaving import certificate

SHORT = timedelta(milliseconds=1500)
NOTICE = Outgoing(
    key="warranty.expiry-notice/unit_1/wet-room/psn_1",
    channel="email",
    to="owner@example.com",
    subject="保修提醒 Warranty",
    body="尊敬的张伟:\n第二行 <b>\n\n.\n卫生间保修期至2026年6月27日届满。",
    language="zh",
    message_id="msg_1",
)


class Mailbox:
    """Takes everything, or answers one command in its own way."""

    def __init__(
        self, *, mail: str = "", rcpt: str = "", data: str = "", pause: float = 0, hang_up: bool = False
    ) -> None:
        self.mail, self.rcpt, self.data = mail, rcpt, data
        self.pause = pause
        self.hang_up = hang_up
        self.envelopes: list[Envelope] = []

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.mail:
            envelope.mail_from = address
        return self.mail or "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.rcpt:
            envelope.rcpt_tos.append(address)
        return self.rcpt or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.envelopes.append(envelope)
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        await asyncio.sleep(self.pause)
        return self.data or "250 OK"

    def message(self) -> EmailMessage:
        content = self.envelopes[0].content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


class RefusesStartTls(SMTP):
    """Offers STARTTLS and then will not."""

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802  # aiosmtpd's name
        self.session.host_name = hostname  # type: ignore[union-attr]  # set when the connection was made
        await self.push("250-localhost\r\n250 STARTTLS")

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        await self.push("454 TLS not available")


class NeverSaysGoodbye(SMTP):
    """Takes the message and leaves QUIT without an answer."""

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        await asyncio.sleep(0)


@asynccontextmanager
async def serving(protocol: type[SMTP], mailbox: Mailbox, **options: object) -> AsyncIterator[int]:
    """The port of an SMTP server that lasts as long as the block."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: protocol(mailbox, loop=loop, hostname="localhost", **options),  # type: ignore[arg-type]  # named by tests
        "127.0.0.1",
        0,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        # What the server still has to say to a client that is gone.
        await asyncio.sleep(0)


def smtp(mailbox: Mailbox, **options: object) -> AbstractAsyncContextManager[int]:
    return serving(SMTP, mailbox, **options)


def channel(port: int, *, security: Security = "none", timeout: timedelta = timedelta(seconds=5)) -> EmailChannel:
    return EmailChannel("127.0.0.1", port, "care@developer.example", security=security, timeout=timeout)


async def failure(of: EmailChannel, outgoing: Outgoing = NOTICE) -> tuple[type[ChannelFailure], str]:
    with pytest.raises(ChannelFailure) as caught:
        await of.deliver(outgoing)
    return type(caught.value), caught.value.error


async def test_a_message_arrives_as_text_and_html() -> None:
    mailbox = Mailbox()

    async with smtp(mailbox) as port:
        delivery = await channel(port).deliver(NOTICE)

    message = mailbox.message()
    text, shown = message.get_body(["plain"]), message.get_body(["html"])
    assert delivery.state == "sent"
    assert mailbox.envelopes[0].rcpt_tos == ["owner@example.com"]
    assert message["Subject"] == NOTICE.subject
    assert message["From"] == "care@developer.example"
    assert message["Message-ID"] == delivery.provider_id
    assert text is not None
    assert text.get_content().splitlines() == NOTICE.body.splitlines()
    assert shown is not None
    assert "<p>尊敬的张伟:<br>第二行 &lt;b&gt;</p>" in shown.get_content()


async def test_the_same_key_always_gives_the_same_message_id() -> None:
    mailbox = Mailbox()

    async with smtp(mailbox) as port:
        first = await channel(port).deliver(NOTICE)
        second = await channel(port).deliver(NOTICE.model_copy(update={"body": "again"}))
        other = await channel(port).deliver(NOTICE.model_copy(update={"key": "another"}))

    assert first.provider_id == second.provider_id != other.provider_id
    assert first.provider_id.endswith("@owner-journey>")


def test_a_server_takes_no_keys() -> None:
    assert channel(25).takes_keys is False


async def test_line_breaks_in_a_field_never_begin_a_header() -> None:
    mailbox = Mailbox()
    evil = {"subject": "Hello\r\nBcc: thief@example.com\r\n\r\nbody", "language": "zh\nX-Evil: 1"}

    async with smtp(mailbox) as port:
        await channel(port).deliver(NOTICE.model_copy(update=evil))

    assert mailbox.message()["Bcc"] is None
    assert mailbox.message()["X-Evil"] is None
    assert mailbox.message()["Subject"] == "Hello Bcc: thief@example.com body"
    assert mailbox.envelopes[0].rcpt_tos == ["owner@example.com"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "owner",
        "owner@",
        "@example.com",
        "a@example.com, b@example.com",
        "Owner <owner@example.com>",
        "owner@example.com\r\nRCPT TO:<thief@example.com>",
        "owner@example.com>\r\n",
        "ow\nner@example.com",
        "张伟@example.com",
        "josé@example.com",
        "owner@exam ple.com",
        "owner@-example..com",
    ],
)
async def test_what_is_not_one_plain_address_fails_before_any_call_and_says_nothing_of_it(address: str) -> None:
    mailbox = Mailbox()

    async with smtp(mailbox) as port:
        outcome = await failure(channel(port), NOTICE.model_copy(update={"to": address}))

    assert outcome == (PermanentFailure, "out-of-reach")
    assert mailbox.envelopes == []


async def test_a_chinese_domain_is_written_in_punycode() -> None:
    mailbox = Mailbox()

    async with smtp(mailbox) as port:
        await channel(port).deliver(NOTICE.model_copy(update={"to": "owner@香年.example"}))

    assert mailbox.envelopes[0].rcpt_tos == ["owner@xn--hwtn03k.example"]


async def test_a_text_that_cannot_be_encoded_is_a_permanent_failure() -> None:
    async with smtp(Mailbox()) as port:
        outcome = await failure(channel(port), NOTICE.model_copy(update={"body": "\ud800"}))

    assert outcome == (PermanentFailure, "bad-message")


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        (Mailbox(mail="451 busy"), (TemporaryFailure, "smtp-451")),
        (Mailbox(mail="550 sender unknown"), (PermanentFailure, "smtp-550")),
        (Mailbox(rcpt="450 mailbox busy"), (TemporaryFailure, "smtp-450")),
        (Mailbox(rcpt="550 no such user"), (PermanentFailure, "bad-recipient")),
        (Mailbox(rcpt="550 5.1.1 no such user"), (PermanentFailure, "bad-recipient")),
        (Mailbox(rcpt="552 5.2.2 mailbox full"), (TemporaryFailure, "recipient-away")),
        (Mailbox(rcpt="552 mailbox full"), (TemporaryFailure, "recipient-away")),
        (Mailbox(rcpt="552 5.7.1 not from you"), (PermanentFailure, "out-of-reach")),
        (Mailbox(rcpt="550 5.7.1 listed"), (PermanentFailure, "out-of-reach")),
        (Mailbox(rcpt="550 relay not permitted"), (PermanentFailure, "out-of-reach")),
        (Mailbox(rcpt="550 message rejected"), (PermanentFailure, "out-of-reach")),
        (Mailbox(rcpt="554 no"), (PermanentFailure, "out-of-reach")),
        (Mailbox(data="451 try later"), (TemporaryFailure, "smtp-451")),
        (Mailbox(data="421 shutting down"), (TemporaryFailure, "smtp-421")),
        (Mailbox(data="550 looks like spam"), (PermanentFailure, "smtp-550")),
        (Mailbox(hang_up=True), (UnknownOutcome, "connection-lost")),
    ],
    ids=[
        "MAIL 451",
        "MAIL 550",
        "RCPT 450",
        "RCPT 550",
        "RCPT 5.1.1",
        "RCPT 5.2.2",
        "RCPT 552",
        "RCPT 552 5.7.1",
        "RCPT 5.7.1",
        "RCPT relay",
        "RCPT rejected",
        "RCPT 554",
        "DATA 451",
        "DATA 421",
        "DATA 550",
        "DATA hangs up",
    ],
)
async def test_an_answer_says_whether_asking_again_can_help(
    mailbox: Mailbox, expected: tuple[type[ChannelFailure], str]
) -> None:
    async with smtp(mailbox) as port:
        outcome = await failure(channel(port))

    assert outcome == expected


async def test_an_answer_after_the_timeout_leaves_the_outcome_unknown() -> None:
    mailbox = Mailbox(pause=2)

    async with smtp(mailbox) as port:
        outcome = await failure(channel(port, timeout=SHORT))

    assert outcome == (UnknownOutcome, "timeout")
    assert len(mailbox.envelopes) == 1


async def test_a_message_that_was_taken_is_sent_however_the_server_says_goodbye() -> None:
    mailbox = Mailbox()

    async with serving(NeverSaysGoodbye, mailbox) as port:
        delivery = await channel(port, timeout=SHORT).deliver(NOTICE)

    assert delivery.state == "sent"
    assert len(mailbox.envelopes) == 1


async def test_a_server_that_never_greets_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = await failure(channel(silent.getsockname()[1], timeout=SHORT))

    assert outcome == (TemporaryFailure, "timeout")


async def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert await failure(channel(port)) == (TemporaryFailure, "unreachable")


async def test_a_server_that_takes_nobody_says_nothing_of_the_message() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service here\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        outcome = await failure(channel(server.sockets[0].getsockname()[1]))

    assert outcome == (TemporaryFailure, "smtp-554")


@pytest.mark.parametrize("protocol", [SMTP, RefusesStartTls], ids=["not offered", "refused"])
async def test_nothing_is_sent_in_the_clear_when_starttls_is_asked_for(protocol: type[SMTP]) -> None:
    mailbox = Mailbox()

    async with serving(protocol, mailbox) as port:
        kind, _ = await failure(channel(port, security="starttls"))

    assert kind is TemporaryFailure
    assert mailbox.envelopes == []


def _log_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"care", b"right"), handled=False)


@pytest.mark.parametrize(("password", "sent"), [("right", 1), ("wrong", 0)])
async def test_a_login_is_made_over_starttls_and_a_refused_one_may_be_tried_again(
    tmp_path: Path, password: str, sent: int
) -> None:
    mailbox = Mailbox()
    server_tls, client_tls = await asyncio.to_thread(certificate, tmp_path)

    async with smtp(
        mailbox, tls_context=server_tls, require_starttls=True, auth_required=True, authenticator=_log_in
    ) as port:
        sender = EmailChannel(
            "127.0.0.1", port, "care@developer.example",
            username="care", password=SecretStr(password), tls_context=client_tls,
        )  # fmt: skip
        outcome = None if sent else await failure(sender)
        if sent:
            await sender.deliver(NOTICE)

    assert len(mailbox.envelopes) == sent
    assert outcome == (None if sent else (TemporaryFailure, "login-refused"))


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    mailbox = Mailbox()
    server_tls, _ = await asyncio.to_thread(certificate, tmp_path)

    async with smtp(mailbox, tls_context=server_tls) as port:
        kind, _ = await failure(channel(port, security="starttls"))

    assert kind is TemporaryFailure
    assert mailbox.envelopes == []


def test_a_bad_sender_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="sender"):
        EmailChannel("127.0.0.1", 25, "care@developer.example\r\nBcc: thief@example.com")


async def test_an_appointment_comes_along_as_a_calendar_that_mail_programs_offer_to_keep() -> None:
    mailbox = Mailbox()
    start = datetime(2026, 6, 6, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    told_at = datetime(2026, 6, 1, tzinfo=UTC)
    calendar = invitation(key=NOTICE.key, start=start, title="工地开放日", told_at=told_at)
    pdf = Attachment(name="须知\r\nX-Evil: 1.pdf", media_type="application/pdf", content=b"%PDF-\xff")

    async with smtp(mailbox) as port:
        await channel(port).deliver(NOTICE.model_copy(update={"attachments": (calendar, pdf)}))

    message = mailbox.message()
    first, second = list(message.iter_attachments())
    text, shown = message.get_body(["plain"]), message.get_body(["html"])
    assert (first.get_content_type(), first["Content-Type"].params["method"]) == ("text/calendar", "PUBLISH")
    assert first.get_filename() == "appointment.ics"
    assert first.get_payload(decode=True) == calendar.content
    assert second.get_payload(decode=True) == pdf.content
    assert "X-Evil" not in second
    assert text is not None
    assert shown is not None


async def test_the_page_names_its_language_and_letters_that_show_it() -> None:
    shown = {language: page(NOTICE.model_copy(update={"language": language})) for language in ("zh", "en")}

    assert '<html lang="zh-CN"' in shown["zh"]
    assert "PingFang SC" in shown["zh"]
    assert "Microsoft YaHei" in shown["zh"]
    assert '<html lang="en"' in shown["en"]
    for each in shown.values():
        assert "<h1>保修提醒 Warranty</h1>" in each
        assert "viewport" in each
        assert "src=" not in each


async def test_the_page_shows_links_and_obeys_nothing_that_stands_in_a_value() -> None:
    body = '见 https://example.com/a?b=1&c=x,y。另见https://b.example/z. 或"https://c.example" <script>x</script> '
    body += "javascript:alert(1)"

    shown = page(NOTICE.model_copy(update={"body": body, "subject": "<b>&\r\nBcc: x"}))

    for link in ("https://example.com/a?b=1&amp;c=x,y", "https://b.example/z", "https://c.example"):
        assert f'<a href="{link}">{link}</a>' in shown
    assert "<script>" not in shown
    assert 'href="javascript' not in shown
    assert "<h1>&lt;b&gt;&amp; Bcc: x</h1>" in shown
