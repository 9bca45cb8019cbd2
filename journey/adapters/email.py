"""E-mail over SMTP: what was refused, what may be tried again, and what may have arrived."""

import asyncio
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPTimeoutError,
)
from pydantic import SecretStr

from journey.adapters.channels import (
    Attachment,
    Delivery,
    Outgoing,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from journey.adapters.email_page import page
from journey.adapters.email_refusals import is_full, refused

Security = Literal["starttls", "tls", "none"]
TIMEOUT = timedelta(seconds=5)
# Shares of the timeout: the caller stops waiting at the whole of it, and must have our answer by then.
_TALK, _FAREWELL = 0.8, 0.1
# 7bit, as not every server takes 8BITMIME; long and Chinese lines become base64 or quoted-printable.
_POLICY = SMTP_POLICY.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")


class EmailChannel:
    """Sends plain text with an HTML alternative, and what is attached.

    The whole call, from connecting to goodbye, ends within `timeout`. A server takes no keys, but a key always gives
    the same Message-ID, so that doubles can be recognised.
    With `starttls` nothing is sent to a server that does not offer it. `ValueError` for a bad sender address.
    """

    name = "email"
    provider = "smtp"
    needs_template = False
    takes_keys = False

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        username: str | None = None,
        password: SecretStr | None = None,
        security: Security = "starttls",
        timeout: timedelta = TIMEOUT,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        address = _address(sender)
        if address is None:
            raise ValueError("the sender is no e-mail address")
        self.timeout = timeout
        self._host, self._port, self._sender = host, port, address
        self._username, self._password = username, password
        self._security = security
        self._tls_context = tls_context

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; the provider's id is the Message-ID."""
        to = _address(outgoing.to)
        if to is None:
            raise PermanentFailure("out-of-reach")  # no server was asked whether it is dead
        try:
            message_id = self.message_id(outgoing.key)
            content = compose(outgoing, sender=self._sender, to=to, message_id=message_id).as_bytes()
        except (ValueError, LookupError) as error:
            raise PermanentFailure("bad-message") from error
        await self._send(to, content)
        return Delivery(state="sent", provider_id=message_id)

    def message_id(self, key: str) -> str:
        """The Message-ID of a key: its hash, whoever sends it."""
        return f"<{sha256(key.encode()).hexdigest()}@owner-journey>"

    @property
    def _domain(self) -> str:
        return self._sender.rpartition("@")[2]

    async def _send(self, to: str, content: bytes) -> None:
        smtp = self._client()
        progress = _Progress()
        seconds = self.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds * _TALK):
                await smtp.connect()
                progress.connected = True
                await smtp.mail(self._sender)
                await smtp.rcpt(to)
                progress.data_begun = True
                await smtp.data(content)
            with suppress(SMTPException, OSError):
                async with asyncio.timeout(seconds * _FAREWELL):
                    await smtp.quit()
        except (SMTPException, OSError, ValueError) as error:
            raise _failure(error, progress) from error
        finally:
            smtp.close()

    def _client(self) -> SMTP:
        return SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password.get_secret_value() if self._password else None,
            # Without a name of its own the library asks the resolver for one, which can take seconds.
            local_hostname=self._domain,
            timeout=self.timeout.total_seconds(),
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._tls_context,
        )


class _Progress:
    """How far a call came."""

    connected = False
    data_begun = False


def _failure(error: Exception, progress: _Progress) -> PermanentFailure | TemporaryFailure | UnknownOutcome:
    """What an error says of the message, by how far the call had come."""
    if isinstance(error, SMTPResponseException) and error.code >= 400:
        return _answered(error, progress)
    timed_out = isinstance(error, TimeoutError | SMTPTimeoutError)
    if progress.data_begun:
        return UnknownOutcome("timeout" if timed_out else "connection-lost")
    if timed_out:
        return TemporaryFailure("timeout")
    if isinstance(error, SMTPConnectError | OSError):
        return TemporaryFailure("unreachable")
    return TemporaryFailure("connection-lost" if progress.connected else "no-session")


def _answered(error: SMTPResponseException, progress: _Progress) -> PermanentFailure | TemporaryFailure:
    if isinstance(error, SMTPAuthenticationError):
        return TemporaryFailure("login-refused")
    # Before MAIL a server refuses us, not the message: every other message would share its fate.
    if error.code < 500 or not progress.connected:
        return TemporaryFailure(f"smtp-{error.code}")
    if not isinstance(error, SMTPRecipientRefused):
        return PermanentFailure(f"smtp-{error.code}")
    if is_full(error.code, error.message):
        return TemporaryFailure("recipient-away")
    return PermanentFailure(refused(error.message))


def compose(outgoing: Outgoing, *, sender: str, to: str, message_id: str) -> EmailMessage:
    """The message as it goes out. No field can begin a header of its own: line breaks in them become spaces."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = _line(outgoing.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id
    message["Content-Language"] = _line(outgoing.language)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.body)
    message.add_alternative(page(outgoing), subtype="html")
    for attachment in outgoing.attachments:
        _attach(message, attachment)
    return message


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """A file with its type as given: a calendar is told apart by the `method` in it."""
    kind = EmailMessage(policy=_POLICY)
    kind["Content-Type"] = _line(attachment.media_type)
    content_type = kind["Content-Type"]
    message.add_attachment(
        attachment.content,
        maintype=content_type.maintype,
        subtype=content_type.subtype,
        params={name: value for name, value in content_type.params.items() if name != "charset"},
        filename=_line(attachment.name),
    )


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _address(text: str) -> str | None:
    """One bare address in ASCII, its domain in punycode where needed; None for anything else."""
    local, at, domain = text.strip(" ").rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"{local}@{domain}" if at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None
