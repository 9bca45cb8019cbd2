"""WeChat official accounts 微信公众号 (template and subscription messages) and WeCom 企业微信 (app messages).

Both answer 200 whatever happened: `errcode` tells. Both drop doubles only for a while: neither counts as taking keys.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import SecretStr

from journey.adapters.access_tokens import AccessTokens
from journey.adapters.answering import UNREADABLE, Codes, Price, approved, text_of
from journey.adapters.calling import Answer, Calls, Http, key_hash
from journey.adapters.channels import ChannelFailure, Delivery, Outgoing, PermanentFailure, UnknownOutcome
from journey.adapters.simulated import Now

OFFICIAL: Final = "https://api.weixin.qq.com"
WECOM: Final = "https://qyapi.weixin.qq.com"
LONGEST_CHECK: Final = timedelta(hours=4)  # for which WeCom drops the same content again, at most
_MOST_TEXT: Final = 2048  # bytes of a text by WeCom
_STALE: Final = frozenset({"40001", "40014", "42001"})  # the token, not the message
_LOGIN: Final = dict.fromkeys(("40001", "40013", "40014", "40125", "40164", "42001", "48001"), "login-refused")
_TOO_MANY: Final = dict.fromkeys(("45009", "45011", "45033", "45047"), "too-many")
OFFICIAL_CODES: Final = Codes(
    permanent={
        "40003": "bad-recipient",
        "40037": "template-refused",
        "40165": "template-refused",
        "41028": "template-params",
        "43004": "not-following",
        "43101": "user-refused",
        "43116": "user-refused",
        "45168": "content-refused",
        "47001": "template-params",
        "47003": "template-params",
    },
    temporary={**_LOGIN, **_TOO_MANY, "43107": "account", "43108": "too-many", "43120": "account", "50002": "account"},
    unknown={"-1": "provider-failed"},
)
WECOM_CODES: Final = Codes(
    permanent={
        "40003": "bad-recipient",
        "40031": "bad-recipient",
        "46004": "bad-recipient",
        "60111": "bad-recipient",
        "81013": "out-of-reach",
        "40008": "bad-message",
        "44004": "bad-message",
        "45002": "bad-message",
        "47001": "bad-message",
    },
    temporary={
        **_LOGIN,
        **_TOO_MANY,
        "40056": "account",
        "48002": "login-refused",
        "60011": "login-refused",
        "60020": "login-refused",
        "301002": "login-refused",
        "45007": "too-many",
    },
    unknown={"-1": "provider-failed"},
)


class _Weixin(ABC):
    """What both have in common: a token, a JSON body, an `errcode`."""

    name = "wechat"
    takes_keys = False

    def __init__(self, provider: str, http: Http, now: Now, codes: Codes, price: Price | None) -> None:
        self.provider = provider
        self._http, self._price, self._codes = http, price, codes
        self._tokens = AccessTokens(self._fetch, now)

    @property
    def timeout(self) -> timedelta:
        """The longest that `deliver` takes."""
        return self._http.timeout

    @abstractmethod
    async def _fetch(self, calls: Calls, renew: bool) -> Answer:
        """Ask for an access token; with `renew` for one that is not the last one."""

    async def _post(self, url: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of a yes; a token that it refuses is renewed once, as nothing was sent with it."""
        async with self._http.calls() as calls:
            token = await self._tokens.current(calls)
            answer = await calls.send("POST", url, params={"access_token": token}, json=body)
            if text_of(answer.document.get("errcode")) in _STALE:
                token = await self._tokens.renewed(calls, token)
                answer = await calls.send("POST", url, params={"access_token": token}, json=body)
        failure = self._refusal(answer)
        if failure is not None:
            raise failure
        return answer.document

    def _refusal(self, answer: Answer) -> ChannelFailure | None:
        by_status = answer.failure()
        if by_status is not None:
            return by_status
        code = text_of(answer.document.get("errcode"))
        if not code:
            return UnknownOutcome(UNREADABLE)
        return None if code == "0" else self._codes.failure(code) or PermanentFailure("refused")

    def _delivered(self, provider_id: str) -> Delivery:
        return Delivery(state="sent", provider_id=provider_id, cost=self._price.of(1) if self._price else None)


class OfficialAccount(_Weixin):
    """Sends an approved text to an openid: a template message, or a subscription message that the reader asked for.

    `client_msg_id` lets WeChat drop a double of a template message within ten minutes; nothing does for the other kind.
    """

    needs_template = True

    def __init__(
        self,
        provider: str,
        app_id: str,
        secret: SecretStr,
        *,
        http: Http,
        now: Now,
        kind: Literal["template", "subscribe"] = "template",
        link: str = "",
        endpoint: str = OFFICIAL,
        price: Price | None = None,
    ) -> None:
        super().__init__(provider, http, now, OFFICIAL_CODES, price)
        self._app_id, self._secret = app_id, secret
        self._kind, self._link = kind, link
        self._endpoint = endpoint.rstrip("/")

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; the provider's id is the msgid, our own hash of the key where it gives none."""
        template = approved(outgoing)
        body: dict[str, Any] = {
            "touser": outgoing.to,
            "template_id": template.code,
            "data": {name: {"value": value} for name, value in template.params.items()},
        }
        key = key_hash(outgoing.key, 32)
        if self._kind == "template":
            path = "message/template/send"
            body |= {"client_msg_id": key} | ({"url": self._link} if self._link else {})
        else:
            path = "message/subscribe/bizsend"
            body |= {"page": self._link} if self._link else {}
        document = await self._post(f"{self._endpoint}/cgi-bin/{path}", body)
        return self._delivered(text_of(document.get("msgid")) or f"key-{key}")

    async def _fetch(self, calls: Calls, renew: bool) -> Answer:
        # The stable kind: fetching one does not end the token that another process uses.
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret.get_secret_value(),
            "force_refresh": renew,
        }
        return await calls.prepare("POST", f"{self._endpoint}/cgi-bin/stable_token", json=body)


class WeCom(_Weixin):
    """Sends a text of an app to a member; the same content again is dropped for four hours, and no longer."""

    needs_template = False

    def __init__(
        self,
        provider: str,
        corp_id: str,
        secret: SecretStr,
        agent: int,
        *,
        http: Http,
        now: Now,
        endpoint: str = WECOM,
        price: Price | None = None,
    ) -> None:
        super().__init__(provider, http, now, WECOM_CODES, price)
        self._corp_id, self._secret, self._agent = corp_id, secret, agent
        self._endpoint = endpoint.rstrip("/")

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Send it; the provider's id is the msgid. A member whom it does not know is a definite no."""
        if "|" in outgoing.to or outgoing.to.strip().lower() in ("", "@all"):
            raise PermanentFailure("out-of-reach")  # never more than the one whom it is for
        if len(outgoing.body.encode("utf-8", "replace")) > _MOST_TEXT:
            raise PermanentFailure("bad-message")  # it would be cut short
        body = {
            "touser": outgoing.to,
            "msgtype": "text",
            "agentid": self._agent,
            "text": {"content": outgoing.body},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": int(LONGEST_CHECK.total_seconds()),
        }
        document = await self._post(f"{self._endpoint}/cgi-bin/message/send", body)
        if text_of(document.get("invaliduser")) or text_of(document.get("unlicenseduser")):
            raise PermanentFailure("out-of-reach")  # as a rule the app is not shown to him, or has no licence for him
        provider_id = text_of(document.get("msgid"))
        if not provider_id:
            raise UnknownOutcome(UNREADABLE)
        return self._delivered(provider_id)

    async def _fetch(self, calls: Calls, renew: bool) -> Answer:
        params = {"corpid": self._corp_id, "corpsecret": self._secret.get_secret_value()}
        return await calls.prepare("GET", f"{self._endpoint}/cgi-bin/gettoken", params=params)
