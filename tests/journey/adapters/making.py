"""The channels under test, each pointed at a server of the test."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic import SecretStr

from journey.adapters.aliyun import AliyunSms
from journey.adapters.answering import Price
from journey.adapters.calling import Http
from journey.adapters.channels import Channel, Outgoing, ProviderTemplate
from journey.adapters.http_provider import AnswerPlaces, HttpProvider
from journey.adapters.twilio import Twilio
from journey.adapters.wechat import OfficialAccount, WeCom
from tests.journey.adapters.misbehaving import Behaviour, answers

MORNING = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
ROOMY = Http(timeout=timedelta(seconds=10))  # a busy machine may be slow to answer
SHORT = Http(timeout=timedelta(milliseconds=1500))  # for a server that never does
SECRET = SecretStr("whsec_" + base64.b64encode(b"sixteen bytes or more").decode())
FEN = Price(amount=Decimal("0.045"), currency="CNY")
TOKEN = answers({"access_token": "tok-1", "expires_in": 7200})
WORDS = "尊敬的张伟,您的3-1-1202定于2026年6月27日办理交付。"
NOTICE = Outgoing(
    key="handover.reminder/epi_1/once/psn_1",
    channel="sms",
    to="+8613800138000",
    subject="交付提醒",
    body="【香年】" + WORDS,
    language="zh",
    message_id="msg_1",
    approved=ProviderTemplate(sign="香年", code="SMS_1", params={"name": "张伟", "unit": "3-1-1202"}),
)


async def now() -> datetime:
    """The morning of every test."""
    return MORNING


def signed_http(url: str, http: Http = ROOMY, **options: object) -> HttpProvider:
    """The generic provider for SMS."""
    return HttpProvider("sms", "carrier", f"{url}/send", SECRET, http=http, now=now, **options)  # type: ignore[arg-type]


def aliyun(url: str, http: Http = ROOMY) -> AliyunSms:
    """Aliyun."""
    return AliyunSms("aliyun", "key-1", SecretStr("key-secret"), http=http, now=now, endpoint=url, price=FEN)


def twilio_sms(url: str, http: Http = ROOMY) -> Twilio:
    """Twilio, text messages."""
    return Twilio("sms", "twilio", "AC1", SecretStr("token"), "+14155550100", http=http, endpoint=url, price=FEN)


def twilio_voice(url: str, http: Http = ROOMY) -> Twilio:
    """Twilio, calls."""
    return Twilio("voice", "twilio", "AC1", SecretStr("token"), "+14155550100", http=http, endpoint=url)


def official(url: str, http: Http = ROOMY) -> OfficialAccount:
    """A WeChat official account with template messages."""
    return OfficialAccount("wechat", "wx1", SecretStr("app-secret"), http=http, now=now, endpoint=url)


def wecom(url: str, http: Http = ROOMY) -> WeCom:
    """WeCom."""
    return WeCom("wecom", "corp-1", SecretStr("corp-secret"), 1_000_002, http=http, now=now, endpoint=url)


def with_state(url: str, http: Http = ROOMY) -> HttpProvider:
    """The generic provider whose answer says in its body whether it took the message."""
    places = AnswerPlaces(
        id="data.id", status="state", ok=("OK",), error="code", permanent=("BAD",), temporary=("BUSY",)
    )
    return signed_http(url, http, places=places)


Make = Callable[..., Channel]  # of an address, and for how long it is waited
# What a provider is asked before the message, by the way in which its channel is made.
BEFORE: dict[str, list[Behaviour]] = {"official": [TOKEN], "wecom": [TOKEN]}
MAKERS: list[Make] = [signed_http, with_state, aliyun, twilio_sms, twilio_voice, official, wecom]
