"""The tables of `providers.toml`: who carries each channel, and with what.

Secrets stand in it by reference only: the name of an environment variable, or a file.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from journey.adapters import aliyun, twilio, wechat
from journey.adapters.answering import Price
from journey.adapters.http_provider import AnswerPlaces
from journey.domain.values import Role

CARRIED: Final = ("sms", "wechat", "voice", "email")  # the inbox is our own
SECRET_FORM: Final = 'must be { env = "NAME" } or { file = "PATH" }'
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SIGNED: Final = frozenset(
    {"idempotency-key", "content-type", "content-length", "host", "connection", "transfer-encoding"}
)


def _address(value: str) -> str:
    """An address that gives no secret away on its way: https, or this machine."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("must be an http(s) address without a login in it")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must begin with https:// (http:// is for this machine only)")
    return value


def _header(name: str) -> str:
    """A header of the provider's own, none that the message's key or signature stands in."""
    if not _TOKEN.fullmatch(name) or name.lower() in _SIGNED or name.lower().startswith("webhook-"):
        raise ValueError("must be a header name, and not one that we send ourselves")
    return name


Address = Annotated[str, AfterValidator(_address)]
Header = Annotated[str, AfterValidator(_header)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(_Table):
    """Where a secret is: an environment variable by name, or a file that holds nothing else."""

    env: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError(SECRET_FORM)
        return self

    def read(self, base: Path) -> SecretStr:
        """The secret; `ValueError` says what is missing, never what was found. Paths count from `base`."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise ValueError(f"the environment variable {self.env} is not set")
            return SecretStr(value)
        assert self.file is not None
        try:
            value = (base / self.file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"the file {self.file} cannot be read") from None
        if not value:
            raise ValueError(f"the file {self.file} is empty")
        return SecretStr(value)


class _Provider(_Table):
    """What every provider has: how long a call may take, what a part costs, a proxy."""

    timeout: float = Field(5, ge=0.5, le=6)  # seconds; an attempt to send has nine, two of them to write down what came
    price: Price | None = None
    proxy: Secret | None = None

    @property
    def longest(self) -> timedelta:
        """The timeout of a call."""
        return timedelta(seconds=self.timeout)


class HttpTable(_Provider):
    """Any provider that takes signed JSON."""

    channels: ClassVar = frozenset(CARRIED)
    kind: Literal["http"]
    url: Address
    secret: Secret
    takes_keys: bool = False
    needs_template: bool = False
    headers: Mapping[Header, Secret] = Field(default_factory=dict)
    sign: str = ""
    answer: AnswerPlaces = AnswerPlaces()


class AliyunTable(_Provider):
    """Aliyun SMS 阿里云短信."""

    channels: ClassVar = frozenset({"sms"})
    kind: Literal["aliyun-sms"]
    key_id: Secret
    key_secret: Secret
    sign: str = ""
    url: Address = aliyun.ENDPOINT


class TwilioTable(_Provider):
    """Twilio; `user` with an API key in place of the account's own token, `callback` the address of our hook."""

    channels: ClassVar = frozenset({"sms", "voice"})
    kind: Literal["twilio"]
    account: str = Field(pattern=r"^AC[0-9a-zA-Z]{1,40}$")
    token: Secret
    user: str | None = None
    sender: str = Field(min_length=1)
    callback: Address | None = None
    url: Address = twilio.ENDPOINT


class OfficialTable(_Provider):
    """WeChat official account 公众号."""

    channels: ClassVar = frozenset({"wechat"})
    kind: Literal["wechat"]
    app_id: str = Field(min_length=1)
    secret: Secret
    messages: Literal["template", "subscribe"] = "template"
    link: str = ""
    url: Address = wechat.OFFICIAL


class WeComTable(_Provider):
    """WeCom 企业微信."""

    channels: ClassVar = frozenset({"wechat"})
    kind: Literal["wecom"]
    corp_id: str = Field(min_length=1)
    secret: Secret
    agent: int
    url: Address = wechat.WECOM


ProviderTable = Annotated[
    HttpTable | AliyunTable | TwilioTable | OfficialTable | WeComTable, Field(discriminator="kind")
]


class ChatTable(_Table):
    """Groups of staff by post, each with the Apprise addresses of its chats; `default` for posts without their own."""

    language: Literal["zh", "en"] = "zh"
    groups: Mapping[Role | Literal["default"], tuple[Secret, ...]]


class Providers(_Table):
    """The file: channels with the name of their provider, the providers, the chats of staff."""

    channels: Mapping[Literal["sms", "wechat", "voice", "email"], str] = Field(default_factory=dict)
    providers: Mapping[str, ProviderTable] = Field(default_factory=dict)
    chat: ChatTable | None = None

    def carrier(self, channel: str) -> tuple[str, ProviderTable] | None:
        """The provider of a channel with its name; None for one that stays simulated."""
        name = self.channels.get(channel)  # type: ignore[call-overload]  # any name may be asked for
        return (name, self.providers[name]) if name else None
