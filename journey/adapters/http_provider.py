"""Any provider that takes a message as signed JSON: SMS, voice or something else, told apart by configuration alone."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from journey.adapters.answering import UNREADABLE, Codes, Price, approved, count_of, number_of, text_of
from journey.adapters.calling import Answer, Http, key_hash
from journey.adapters.channels import ChannelFailure, Cost, Delivery, Outgoing, PermanentFailure, UnknownOutcome
from journey.adapters.simulated import Now
from journey.domain.failures import BAD_RECIPIENT
from journey.domain.sms import segments

MOST_ID = 200
_SECRET = "whsec_"


class AnswerPlaces(BaseModel):
    """Where things stand in an answer: names parted by dots, numbers count in a list from 0; empty: it does not say.

    Without `status` every 2xx is a yes; with it only the values of `ok` are. Codes under `error` are told apart by
    `dead` (nobody has the address, or its owner bars us), `permanent` and `temporary`; any other one is a definite no.
    `delivered` are states that mean that it arrived.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "id"
    status: str = ""
    ok: tuple[str, ...] = ("ok", "OK", "0", "success")
    delivered: tuple[str, ...] = ()
    error: str = ""
    dead: tuple[str, ...] = ()
    permanent: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    segments: str = ""
    cost: str = ""
    currency: str = ""


class HttpProvider:
    """Posts a message to one address, signed as Standard Webhooks say, its key in header and body.

    With `takes_keys` the provider promises that a repeated `Idempotency-Key` sends nothing and answers as before.
    """

    def __init__(
        self,
        name: str,
        provider: str,
        url: str,
        secret: SecretStr,
        *,
        http: Http,
        now: Now,
        places: AnswerPlaces | None = None,
        takes_keys: bool = False,
        needs_template: bool = False,
        headers: Mapping[str, SecretStr] | None = None,
        sign: str = "",
        price: Price | None = None,
    ) -> None:
        self.name, self.provider = name, provider
        self.takes_keys, self.needs_template = takes_keys, needs_template
        self._url, self._secret = url, secret
        self._http, self._now = http, now
        self._places = places or AnswerPlaces()
        self._headers = headers or {}
        self._sign, self._price = sign, price

    @property
    def timeout(self) -> timedelta:
        """The longest that `deliver` takes."""
        return self._http.timeout

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; a 2xx is a yes only when the answer says so."""
        body = json.dumps(self._body(outgoing), ensure_ascii=False).encode("utf-8", "backslashreplace")
        key = key_hash(outgoing.key)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": key,
            **{name: value.get_secret_value() for name, value in self._headers.items()},
            **signature(self._secret, key, await self._now(), body),
        }
        async with self._http.calls() as calls:
            answer = await calls.send("POST", self._url, content=body, headers=headers)
        return self._delivery(answer, outgoing)

    def _body(self, outgoing: Outgoing) -> dict[str, Any]:
        body: dict[str, Any] = {
            "key": key_hash(outgoing.key),
            "channel": outgoing.channel,
            "to": outgoing.to,
            "subject": outgoing.subject,
            "text": outgoing.body,
            "language": outgoing.language,
            "message_id": outgoing.message_id,
        }
        if self.needs_template or outgoing.approved is not None:
            template = approved(outgoing)
            body["template"] = {"sign": template.sign, "code": template.code, "params": dict(template.params)}
        return body

    def _delivery(self, answer: Answer, outgoing: Outgoing) -> Delivery:
        document, places = answer.document, self._places
        failure = self._refusal(answer, document)
        if failure is not None:
            raise failure
        provider_id = text_of(_at(document, places.id))
        if not provider_id or len(provider_id) > MOST_ID:
            raise UnknownOutcome(UNREADABLE)
        parts = count_of(_at(document, places.segments))
        if parts is None and self.name == "sms":
            parts = segments(outgoing.body, self._sign)
        state = text_of(_at(document, places.status))
        return Delivery(
            state="delivered" if state and state in places.delivered else "sent",
            provider_id=provider_id,
            segments=parts,
            cost=self._cost(document, parts or 1),
        )

    def _refusal(self, answer: Answer, document: Mapping[str, Any]) -> ChannelFailure | None:
        """What the answer says against it: a code that is known, then the status line, then the state in the body."""
        places = self._places
        code = text_of(_at(document, places.error)) if places.error else ""
        known = Codes(
            permanent={each: _shown(each) for each in places.permanent} | dict.fromkeys(places.dead, BAD_RECIPIENT),
            temporary={each: _shown(each) for each in places.temporary},
        ).failure(code, answer.retry_after)
        if known is not None:
            return known
        by_status = answer.failure()
        if by_status is not None or not places.status:
            return by_status or (PermanentFailure("refused") if code and code not in places.ok else None)
        state = text_of(_at(document, places.status))
        if not state:
            return UnknownOutcome(UNREADABLE)
        return None if state in places.ok or state in places.delivered else PermanentFailure("refused")

    def _cost(self, document: Mapping[str, Any], parts: int) -> Cost | None:
        amount = number_of(_at(document, self._places.cost)) if self._places.cost else None
        currency = text_of(_at(document, self._places.currency)) if self._places.currency else ""
        if not currency and self._price is not None:
            currency = self._price.currency
        if amount is not None and len(currency) == 3 and currency.isascii() and currency.isupper():
            return Cost(amount=amount, currency=currency)
        return self._price.of(parts) if self._price else None


def signature(secret: SecretStr, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks: id, seconds, and the HMAC-SHA256 over both and the body."""
    seconds = int(now.timestamp())
    signed = f"{message_id}.{seconds}.".encode() + body
    digest = hmac.new(signing_key(secret), signed, sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def signing_key(secret: SecretStr) -> bytes:
    """The bytes of a secret, which is base64 with or without `whsec_`; `ValueError` for another one."""
    return base64.b64decode(secret.get_secret_value().removeprefix(_SECRET), validate=True)


def _at(document: Any, path: str) -> Any:
    """What stands at a path; None when nothing does."""
    found = document
    for name in path.split(".") if path else ():
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _shown(code: str) -> str:
    """A code of the configuration as a reason shows it."""
    return f"code-{code}"
