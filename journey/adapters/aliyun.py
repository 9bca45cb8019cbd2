"""SMS by Aliyun 阿里云短信服务 (Dysmsapi 2017-05-25, SendSms), signed with ACS3-HMAC-SHA256."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from pydantic import SecretStr

from journey.adapters.answering import UNREADABLE, Codes, Price, approved, text_of
from journey.adapters.calling import Answer, Http, key_hash
from journey.adapters.channels import (
    ChannelFailure,
    Delivery,
    Outgoing,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from journey.adapters.simulated import Now
from journey.domain.sms import segments

ENDPOINT: Final = "https://dysmsapi.aliyuncs.com"
ACTION, VERSION, ALGORITHM = "SendSms", "2017-05-25", "ACS3-HMAC-SHA256"
_HOME: Final = "+86"
_MOST_PARAM: Final = 1000  # characters of all parameters together
CODES: Final = Codes(
    permanent={
        "isv.MOBILE_NUMBER_ILLEGAL": "bad-recipient",
        "isv.MOBILE_COUNT_OVER_LIMIT": "bad-message",
        "isv.SMS_TEMPLATE_ILLEGAL": "template-refused",
        "isv.TEMPLATE_MISSING_PARAMETERS": "template-params",
        "isv.TEMPLATE_PARAMS_ILLEGAL": "template-params",
        "isv.INVALID_JSON_PARAM": "template-params",
        "isv.PARAM_LENGTH_LIMIT": "template-params",
        "isv.PARAM_NOT_SUPPORT_URL": "template-params",
        "isv.SMS_SIGNATURE_ILLEGAL": "sign-refused",
        "isv.SMS_SIGN_ILLEGAL": "sign-refused",
        "isv.SIGN_NAME_ILLEGAL": "sign-refused",
        "isv.BLACK_KEY_CONTROL_LIMIT": "content-refused",
        "isv.SMS_CONTENT_ILLEGAL": "content-refused",
        "isv.INVALID_PARAMETERS": "refused",
    },
    temporary={
        "isv.BUSINESS_LIMIT_CONTROL": "too-many",
        "isv.DAY_LIMIT_CONTROL": "too-many",
        "isv.MONTH_LIMIT_CONTROL": "too-many",
        "isv.AMOUNT_NOT_ENOUGH": "account",
        "isv.OUT_OF_SERVICE": "account",
        "isv.ACCOUNT_ABNORMAL": "account",
        "isv.ACCOUNT_NOT_EXISTS": "account",
        "isv.PRODUCT_UN_SUBSCRIPT": "account",
        "isv.PRODUCT_UNSUBSCRIBE": "account",
        "isv.DENY_IP_RANGE": "login-refused",
        "isp.RAM_PERMISSION_DENY": "login-refused",
        "isp.GATEWAY_ERROR": "provider-down",
        "SignatureDoesNotMatch": "login-refused",
        "InvalidAccessKeyId.NotFound": "login-refused",
        "InvalidAccessKeyId.Inactive": "login-refused",
        "InvalidTimeStamp.Expired": "login-refused",
        "SignatureNonceUsed": "login-refused",
        "Forbidden.RAM": "login-refused",
        "ServiceUnavailable": "provider-down",
    },
    unknown={"isp.SYSTEM_ERROR": "provider-failed", "InternalError": "provider-failed"},
)


class AliyunSms:
    """Sends a text that Aliyun approved. It takes no keys: OutId only names ours in receipts."""

    name = "sms"
    takes_keys = False
    needs_template = True

    def __init__(
        self,
        provider: str,
        key_id: str,
        key_secret: SecretStr,
        *,
        http: Http,
        now: Now,
        sign: str = "",
        endpoint: str = ENDPOINT,
        price: Price | None = None,
    ) -> None:
        self.provider = provider
        self._key_id, self._key_secret = key_id, key_secret
        self._http, self._now = http, now
        self._sign, self._price = sign, price
        self._endpoint = endpoint.rstrip("/")

    @property
    def timeout(self) -> timedelta:
        """The longest that `deliver` takes."""
        return self._http.timeout

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; the provider's id is the BizId 回执."""
        query = canonical_query(self._params(outgoing))
        headers = authorised(
            "POST",
            urlsplit(self._endpoint).netloc,
            query,
            b"",
            headers={
                "x-acs-action": ACTION,
                "x-acs-version": VERSION,
                "x-acs-date": signed_at(await self._now()),
                "x-acs-signature-nonce": uuid4().hex,
            },
            key_id=self._key_id,
            key_secret=self._key_secret,
        )
        async with self._http.calls() as calls:
            answer = await calls.send("POST", f"{self._endpoint}/?{query}", headers=headers)
        return self._delivery(answer, outgoing)

    def _params(self, outgoing: Outgoing) -> dict[str, str]:
        template = approved(outgoing)
        filled = json.dumps(dict(template.params), ensure_ascii=False)
        if len(filled) > _MOST_PARAM:
            raise PermanentFailure("template-params")
        return {
            "PhoneNumbers": _number(outgoing.to),
            "SignName": template.sign or self._sign,
            "TemplateCode": template.code,
            "TemplateParam": filled,
            "OutId": key_hash(outgoing.key),
        }

    def _delivery(self, answer: Answer, outgoing: Outgoing) -> Delivery:
        document = answer.document
        code, provider_id = text_of(document.get("Code")), text_of(document.get("BizId"))
        if code != "OK":
            raise _refusal(code, answer)
        if not provider_id:
            raise UnknownOutcome(UNREADABLE)
        template = approved(outgoing)
        parts = segments(outgoing.body, template.sign or self._sign, always_wide=True)
        cost = self._price.of(parts) if self._price else None
        return Delivery(state="sent", provider_id=provider_id, segments=parts, cost=cost)


def _refusal(code: str, answer: Answer) -> ChannelFailure:
    """What a code says; one that is not listed by its family: `isv` is a definite no, the rest by the status."""
    listed = CODES.failure(code, answer.retry_after)
    if listed is not None:
        return listed
    if code.startswith("Throttling"):
        return TemporaryFailure("too-many", answer.retry_after)
    if code.startswith("isv."):
        return PermanentFailure("refused")
    return answer.failure() or UnknownOutcome("provider-failed" if code else UNREADABLE)


def _number(address: str) -> str:
    """A number as Aliyun takes it: without +86 in the mainland, else with its country code and no sign."""
    number = address.removeprefix(_HOME) if address.startswith(_HOME) else address.removeprefix("+")
    if not (number.isascii() and number.isdigit()):
        raise PermanentFailure("out-of-reach")
    return number


def authorised(
    method: str,
    host: str,
    query: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    key_id: str,
    key_secret: SecretStr,
    path: str = "/",
) -> dict[str, str]:
    """The headers of a request with the one that proves who sends it (V3 请求体与签名机制)."""
    hashed = sha256(body).hexdigest()
    signed: dict[str, Any] = {"host": host, **headers, "x-acs-content-sha256": hashed}
    names = sorted(signed)
    lines = "".join(f"{name}:{str(signed[name]).strip()}\n" for name in names)
    canonical = "\n".join([method, path, query, lines, ";".join(names), hashed])
    to_sign = f"{ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}"
    proof = hmac.new(key_secret.get_secret_value().encode(), to_sign.encode(), sha256).hexdigest()
    credential = f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(names)},Signature={proof}"
    return {**signed, "Authorization": credential}


def canonical_query(params: Mapping[str, str]) -> str:
    """Parameters by name, percent-encoded as RFC 3986 says."""
    return "&".join(f"{_encoded(name)}={_encoded(params[name])}" for name in sorted(params))


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="replace")


def signed_at(now: datetime) -> str:
    """An instant as the headers carry it."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
