"""SMS and voice by Twilio (API 2010-04-01): basic authentication, form bodies, an SID for an answer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from pydantic import SecretStr

from journey.adapters.answering import UNREADABLE, Codes, Price, count_of, number_of, text_of
from journey.adapters.calling import Answer, Http
from journey.adapters.channels import ChannelFailure, Cost, Delivery, Outgoing, PermanentFailure, UnknownOutcome
from journey.domain.sms import segments

ENDPOINT: Final = "https://api.twilio.com"
_VOICES: Final = {"zh": "zh-CN", "en": "en-US"}
_FAILED: Final = frozenset({"failed", "undelivered", "canceled", "busy", "no-answer"})
_ARRIVED: Final = frozenset({"delivered", "read", "completed"})
CODES: Final = Codes(
    permanent={
        "13223": "bad-recipient",
        "13224": "out-of-reach",
        "13225": "out-of-reach",
        "21211": "bad-recipient",
        "21214": "out-of-reach",
        "21217": "bad-recipient",
        "21265": "out-of-reach",
        "21408": "region-barred",
        "21602": "bad-message",
        "21604": "bad-recipient",
        "21610": "opted-out",
        "21612": "out-of-reach",
        "21614": "out-of-reach",
        "21617": "bad-message",
        "21635": "out-of-reach",
        "30004": "out-of-reach",
        "30005": "bad-recipient",
        "30006": "out-of-reach",
        "30007": "content-refused",
    },
    temporary={
        "20003": "login-refused",
        "20005": "account",
        "20429": "too-many",
        "21606": "bad-sender",
        "21611": "too-many",
        "30001": "too-many",
        "30002": "account",
        "30003": "recipient-away",
        "30010": "account",
        "30022": "too-many",
        "63038": "too-many",
    },
    unknown={"30008": "provider-failed"},
)


class Twilio:
    """Sends a text message, or calls and reads the text aloud. It takes no keys: a second call is a second message.

    `callback` is the address at which it is to say how each one ended.
    """

    takes_keys = False
    needs_template = False

    def __init__(
        self,
        name: Literal["sms", "voice"],
        provider: str,
        account: str,
        token: SecretStr,
        sender: str,
        *,
        http: Http,
        user: str | None = None,
        endpoint: str = ENDPOINT,
        price: Price | None = None,
        callback: str | None = None,
    ) -> None:
        self.name, self.provider = name, provider
        self._account, self._sender = account, sender
        self._login = (user or account, token)
        self._http, self._price = http, price
        self._callback = callback
        self._endpoint = endpoint.rstrip("/")

    @property
    def timeout(self) -> timedelta:
        """The longest that `deliver` takes."""
        return self._http.timeout

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; the provider's id is the SID."""
        user, token = self._login
        kind = "Messages" if self.name == "sms" else "Calls"
        url = f"{self._endpoint}/2010-04-01/Accounts/{self._account}/{kind}.json"
        form = self._text(outgoing) if self.name == "sms" else self._call(outgoing)
        if self._callback is not None:
            form["StatusCallback"] = self._callback
        async with self._http.calls() as calls:
            answer = await calls.send("POST", url, data=form, auth=(user, token.get_secret_value()))
        return self._delivery(answer, outgoing)

    def _text(self, outgoing: Outgoing) -> dict[str, str]:
        service = self._sender.startswith("MG")  # a messaging service picks the number itself
        return {
            "To": outgoing.to,
            "MessagingServiceSid" if service else "From": self._sender,
            "Body": outgoing.body,
        }

    def _call(self, outgoing: Outgoing) -> dict[str, str]:
        language = _VOICES.get(outgoing.language, _VOICES["zh"])
        said = f'<Say language="{language}">{escape(outgoing.body)}</Say>'
        return {"To": outgoing.to, "From": self._sender, "Twiml": f"<Response>{said}</Response>"}

    def _delivery(self, answer: Answer, outgoing: Outgoing) -> Delivery:
        document = answer.document
        failure = _refusal(answer, document)
        if failure is not None:
            raise failure
        provider_id = text_of(document.get("sid"))
        if not provider_id:
            raise UnknownOutcome(UNREADABLE)
        parts = None
        if self.name == "sms":  # a messaging service says 0 as long as it has not picked its number
            parts = count_of(document.get("num_segments")) or segments(outgoing.body)
        state: Literal["sent", "delivered"] = "delivered" if document.get("status") in _ARRIVED else "sent"
        return Delivery(state=state, provider_id=provider_id, segments=parts, cost=self._cost(document, parts))

    def _cost(self, document: Mapping[str, Any], parts: int | None) -> Cost | None:
        """What it says it charges; as a rule it does not know that yet, and then the price of the configuration."""
        amount, currency = number_of(document.get("price")), text_of(document.get("price_unit")).upper()
        if amount is not None and len(currency) == 3 and currency.isascii() and currency.isalpha():
            return Cost(amount=amount, currency=currency)
        return self._price.of(parts or 1) if self._price else None


def _refusal(answer: Answer, document: Mapping[str, Any]) -> ChannelFailure | None:
    """What is against it: an error of the request, or a message that failed at once."""
    by_status = answer.failure()
    if by_status is not None:
        return CODES.failure(text_of(document.get("code")), answer.retry_after) or by_status
    if document.get("status") in _FAILED:
        return CODES.failure(text_of(document.get("error_code")), answer.retry_after) or PermanentFailure("refused")
    return None
