"""What the API answers about messages: each with the decision on it and its cost, what stopped, whom none reaches."""

from typing import Any, Literal

from pydantic import Field

from starter.api.answers import CLASS, ListOf, ReasonShown, Shown


class DecisionShown(Shown):
    """What the last decision on a message looked at; `text` says it in sentences."""

    at: str
    outcome: str
    channel: str | None = None
    order: list[list[str]] = Field(default_factory=list)
    pack: str | None = None
    text: list[str] = Field(default_factory=list)


class BreakerShown(Shown):
    """A template or a provider that failed: how often of late, whether it is stopped, when it is tried again."""

    kind: Literal["provider", "template"]
    name: str
    state: Literal["closed", "open", "recovering"]
    failed: int
    passed: int
    error: str | None = None
    failed_at: str | None = None
    opened_at: str | None = None
    probe_at: str | None = None
    closed_at: str | None = None


class ReceiptShown(Shown):
    """A receipt that no message was found for; an answer says from whom, masked."""

    id: str
    outcome: Literal["waiting", "unknown"]
    source: str
    provider: str
    provider_id: str | None = None
    key: str | None = None
    message: str | None = None
    state: str
    code: str | None = None
    channel: str | None = None
    sender: str | None = Field(None, alias="from")
    at: str
    received_at: str
    tries: int
    look_at: str | None = None


class CostShown(Shown):
    """What a provider charged, in a currency of ISO 4217."""

    amount: str
    currency: str | None = None


class MessageShown(Shown):
    """A message, without its address and text; one that was never begun is named by its entry and has no channel."""

    id: str
    key: str
    journey: str
    entry: str
    person: str | None = None
    channel: str | None = None
    message_class: str = Field(alias="class", description=CLASS)
    template: str
    language: str | None = None
    version: str | None = None
    state: str
    reserved_at: str | None = None
    sent_at: str | None = None
    delivered_at: str | None = None
    read_at: str | None = None
    replied_at: str | None = None
    provider: str | None = None
    provider_id: str | None = Field(None, description="The provider's own id: receipts name it.")
    segments: int | None = None
    cost: CostShown | None = None
    reason: ReasonShown | None = None
    decision: DecisionShown | None = None


class MessageHistory(MessageShown):
    """A message with the item that asked for it, the lines about it, its receipts, and what the owner wrote back."""

    asked: dict[str, Any] | None = None
    history: list[dict[str, Any]] = Field(default_factory=list)
    receipts: list[dict[str, Any]] = Field(default_factory=list)
    answers: list[dict[str, Any]] = Field(default_factory=list)


class UnreachableHome(Shown):
    """A home that no message reaches, and since when."""

    journey: str
    unit: str | None = None
    stage: str
    since: str | None = None


class Unreachable(ListOf[UnreachableHome]):
    """Homes without a valid contact, and how many there are."""

    count: int


class HookAnswer(Shown):
    """What became of a call: whether it had come before, and its receipts by outcome.

    Rows that could not be read are `set_aside`, with what is wrong with each as `place/field:rule`; the others go on.
    """

    doubled: bool
    accepted: int
    set_aside: int
    receipts: dict[str, int]
    faults: list[str] = Field(default_factory=list)
