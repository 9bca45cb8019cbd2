"""Whether a call comes from whom it says: Standard Webhooks, Twilio's signature, or a token in the address.

Every comparison takes as long whatever is wrong, and nothing says which part was.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from journey.domain.errors import Refusal
from journey.store.hooks import PREFIX, Hook

TOLERANCE: Final = 300  # seconds that a signed instant may differ from ours
MOST_ID: Final = 200


class BadSignature(Refusal):
    """The call is not signed with a secret of its source, or it is too old to count."""

    code = "bad-signature"


@dataclass(frozen=True, slots=True)
class Query:
    """What the address of a call carries: a secret, or a signature with what it is of; `echo` is to be read back."""

    token: str | None = None
    signature: str | None = None
    timestamp: str | None = None
    nonce: str | None = None
    echo: str | None = None


NOTHING: Final = Query()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call as it came: its headers by lower-case names, its raw body, what its address carries."""

    headers: Mapping[str, str]
    body: bytes
    query: Query = NOTHING

    @property
    def digest(self) -> str:
        """The hash of the body: what a call without an id of its own is known by."""
        return hashlib.sha256(self.body).hexdigest()


def verified(hook: Hook, incoming: Incoming, now: datetime) -> str:
    """The id of a call that its source signed; BadSignature for any other."""
    match hook.dialect:
        case "standard":
            return standard(hook.secrets, incoming, now)
        case "twilio":
            return twilio(hook.secrets, hook.url or "", incoming)
        case "wechat":
            wechat(hook.secrets, incoming.query, now)
            return incoming.digest
        case _:
            return token(hook.secrets, incoming)


def standard(secrets: Sequence[str], incoming: Incoming, now: datetime) -> str:
    """Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`, five minutes old at most; the id that it names."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    call, sent, signed = (incoming.headers.get(name, "") for name in names)
    if not call or len(call) > MOST_ID or not (sent.isascii() and sent.isdecimal()):
        raise BadSignature("此回调未签名", "This call is not signed")
    if abs(now.timestamp() - int(sent[:15])) > TOLERANCE:
        raise BadSignature(
            "签名已超过五分钟,或双方时钟不一致", "This call was signed more than five minutes ago, or the clocks differ"
        )
    content = b".".join((call.encode(), sent.encode(), incoming.body))
    given = [each.removeprefix("v1,") for each in signed.split(" ") if each.startswith("v1,")]
    made = [_signature(_key(secret), content) for secret in secrets]
    if not _same(given, made):
        raise BadSignature("签名与约定的密钥不符", "This call is signed with another secret")
    return call


def sign(secret: str, call: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers with which a sender signs a call by Standard Webhooks."""
    sent = str(int(at.timestamp()))
    content = b".".join((call.encode(), sent.encode(), body))
    return {
        "webhook-id": call,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{_signature(_key(secret), content)}",
    }


def twilio(secrets: Sequence[str], url: str, incoming: Incoming) -> str:
    """`X-Twilio-Signature`: HMAC-SHA1 of the address with every field of the form in the order of its name."""
    given = incoming.headers.get("x-twilio-signature", "")
    made = [twilio_signature(secret, url, incoming.body) for secret in secrets]
    if not _same([given], made):
        raise BadSignature(
            "签名与约定的密钥或地址不符", "This call is signed with another secret, or for another address"
        )
    return incoming.digest


def twilio_signature(secret: str, url: str, body: bytes) -> str:
    """The signature that Twilio gives a form."""
    fields = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def token(secrets: Sequence[str], incoming: Incoming) -> str:
    """A secret in the address, for a provider that signs nothing (Aliyun)."""
    if not _same([incoming.query.token or ""], secrets):
        raise BadSignature("未携带此来源的令牌", "This call does not carry the token of its source")
    return incoming.digest


def wechat(secrets: Sequence[str], query: Query, now: datetime) -> None:
    """The signature in the address, of the token with an instant and a nonce; it does not cover the body: needs TLS."""
    sent, nonce = query.timestamp or "", query.nonce or ""
    if not (sent.isascii() and sent.isdecimal()) or abs(now.timestamp() - int(sent[:15])) > TOLERANCE:
        raise BadSignature(
            "回调签名已超过五分钟,或双方时钟不一致",
            "This call was signed more than five minutes ago, or the clocks differ",
        )
    if not _same([query.signature or ""], [wechat_signature(secret, sent, nonce) for secret in secrets]):
        raise BadSignature("签名与约定的令牌不符", "This call is signed with another token")


def wechat_signature(token: str, timestamp: str, nonce: str) -> str:
    """SHA-1 of the token, the instant and the nonce in the order of their letters."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()


def echoed(hook: Hook, query: Query, now: datetime) -> str:
    """What a provider that tries a door sent, to be read back to it; BadSignature for any other."""
    if hook.dialect != "wechat":
        raise BadSignature("无人试用此入口", "Nobody tries this door")
    wechat(hook.secrets, query, now)
    return query.echo or ""


def _same(given: Sequence[str], made: Sequence[str]) -> bool:
    """Whether any of the given is any of ours; every pair is compared, whatever was found before."""
    return sum(hmac.compare_digest(one.encode(), each.encode()) for one in given for each in made) > 0


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
