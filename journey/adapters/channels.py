"""Channels: how a message leaves for its recipient, and what is known afterwards (`kernel.md` §6)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Literal, Protocol, runtime_checkable

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from journey.domain.errors import JourneyError


class ProviderTemplate(BaseModel):
    """A text as a provider approved it: under which sign name 签名 and code, and what is filled in by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sign: str = ""
    code: str = Field(min_length=1)
    params: Mapping[str, str] = Field(default_factory=dict, repr=False)


class Attachment(BaseModel):
    """A file that goes with a message, such as an invitation to a calendar."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    name: str
    media_type: str
    content: bytes = Field(repr=False)


class Outgoing(BaseModel):
    """One message, ready to go. What is personal (`to`, `subject`, `body`) stays out of its printed form.

    `key` is the same at every attempt; `metadata` holds no personal data. `approved` is the text as the provider of the
    channel knows it, for one that `needs_template`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(min_length=1)
    channel: str
    to: str = Field(repr=False)
    subject: str = Field("", repr=False)
    body: str = Field(repr=False)
    language: str
    message_id: str
    metadata: Mapping[str, str] = Field(default_factory=dict)
    approved: ProviderTemplate | None = None
    attachments: tuple[Attachment, ...] = ()


class Cost(BaseModel):
    """What a provider charges for one message, in a currency of ISO 4217."""

    model_config = ConfigDict(frozen=True)

    amount: Decimal = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class Delivery(BaseModel):
    """What the provider said: `sent` when it took the message, `delivered` when it knows that it arrived.

    `segments` are the parts that it counts, such as those of a long SMS; None, as the cost, when it does not say.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["sent", "delivered"]
    provider_id: str
    segments: int | None = Field(None, ge=1)
    cost: Cost | None = None


class Known(BaseModel):
    """A message that a provider remembers: when it took it, and under which number."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    provider_id: str


class ChannelFailure(JourneyError):
    """A call without a delivery; `error` is a stable code of the channel, never the provider's words."""

    code: ClassVar[str] = "channel-failure"

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.error = code


class PermanentFailure(ChannelFailure):
    """It was not sent, and asking again cannot help."""

    code: ClassVar[str] = "permanent-failure"


class TemporaryFailure(ChannelFailure):
    """It was not sent; asking again may help, not before `retry_after` when the provider named that."""

    code: ClassVar[str] = "temporary-failure"

    def __init__(self, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class UnknownOutcome(ChannelFailure):
    """It may have been sent. Only a channel that takes keys may be asked again."""

    code: ClassVar[str] = "unknown-outcome"


class Channel(Protocol):
    """One way to a recipient. With `takes_keys` a repeated key is sent once; `deliver` ends within `timeout`."""

    @property
    def name(self) -> str:
        """`sms`, `wechat`, `email`, `voice` or `inbox`."""
        ...

    @property
    def provider(self) -> str:
        """Who carries it, as its receipts name him: `simulated`, `smtp`, `aliyun` …"""
        ...

    @property
    def needs_template(self) -> bool:
        """Whether the provider takes only texts that it approved before (`Outgoing.approved`)."""
        ...

    @property
    def takes_keys(self) -> bool:
        """Whether a second call with the same key sends nothing and answers as the first did."""
        ...

    @property
    def timeout(self) -> timedelta:
        """The longest that `deliver` takes."""
        ...

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; raises `PermanentFailure`, `TemporaryFailure` or `UnknownOutcome`."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """A channel that can be asked later what became of a key."""

    async def find(self, key: str) -> Known | None:
        """What was taken under a key; None when nothing was."""
        ...


class Gateway:
    """The channels of an installation by name; `simulated` names those that reach nobody."""

    def __init__(self, channels: Iterable[Channel], *, simulated: Iterable[str] = ()) -> None:
        self._channels: dict[str, Channel] = {}
        for channel in channels:
            if channel.name in self._channels:
                raise ValueError(f"two channels are named {channel.name}")
            self._channels[channel.name] = channel
        self.simulated = frozenset(simulated)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the channels, as they were given."""
        return tuple(self._channels)

    def channel(self, name: str) -> Channel:
        """The channel of that name; `PermanentFailure("no-channel")` when the installation has none."""
        try:
            return self._channels[name]
        except KeyError:
            raise PermanentFailure("no-channel") from None

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send by the channel that the message names."""
        return await self.channel(outgoing.channel).deliver(outgoing)
