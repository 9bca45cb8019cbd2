"""Only who knows the secret is heard: Standard Webhooks, Twilio, a token; two secrets while one is changed."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from journey.store.hooks import Hook, new_secret
from starter.hooks.signatures import BadSignature, Incoming, Query, sign, twilio_signature, verified

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
BODY = b'{"state":"delivered"}'
OLD, NEW = new_secret(), new_secret()
# The pair that the specification gives as its example.
EXAMPLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(*secrets: str, dialect: str = "standard", url: str | None = None) -> Hook:
    return Hook("carrier", "receipts", dialect, "carrier", url, NOW, None, secrets)


def test_a_call_signed_with_either_secret_is_taken_under_its_own_id() -> None:
    for secret in (OLD, NEW):
        incoming = Incoming(sign(secret, "msg_1", NOW, BODY), BODY)

        assert verified(hook(NEW, OLD), incoming, NOW) == "msg_1"


def test_the_example_of_the_specification_holds() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'

    made = sign(EXAMPLE, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_call_of_another_time_is_refused(minutes: int) -> None:
    incoming = Incoming(sign(NEW, "msg_1", NOW + timedelta(minutes=minutes), BODY), BODY)

    with pytest.raises(BadSignature):
        verified(hook(NEW), incoming, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v2,é"},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 400},
    ],
)
def test_a_call_that_was_changed_is_refused(change: dict[str, str]) -> None:
    incoming = Incoming(sign(NEW, "msg_1", NOW, BODY) | change, BODY)

    with pytest.raises(BadSignature):
        verified(hook(NEW), incoming, NOW)


def test_another_body_and_another_secret_are_refused() -> None:
    for incoming in (
        Incoming(sign(NEW, "msg_1", NOW, BODY), BODY + b" "),
        Incoming(sign(new_secret(), "msg_1", NOW, BODY), BODY),
        Incoming({}, BODY),
    ):
        with pytest.raises(BadSignature):
            verified(hook(NEW), incoming, NOW)


def test_a_form_of_twilio_is_signed_over_the_address_and_every_field() -> None:
    url, token = "https://example.com/v1/hooks/twilio", "12345678901234567890"
    body = b"MessageSid=SM1&MessageStatus=delivered&To=%2B8613800138000"
    signed = {"x-twilio-signature": twilio_signature(token, url, body)}
    known = hook(token, dialect="twilio", url=url)

    taken = verified(known, Incoming(signed, body), NOW)

    assert taken == Incoming(signed, body).digest
    with pytest.raises(BadSignature):
        verified(known, Incoming(signed, body.replace(b"delivered", b"failed")), NOW)
    with pytest.raises(BadSignature):
        verified(hook(token, dialect="twilio", url=url + "/"), Incoming(signed, body), NOW)


def test_the_published_example_of_twilio_holds() -> None:
    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"

    made = twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", body)

    assert made == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_provider_that_signs_nothing_carries_a_token() -> None:
    known = hook("a-token-of-the-address", dialect="aliyun")

    assert verified(known, Incoming({}, BODY, Query("a-token-of-the-address")), NOW)
    for given in (None, "", "a-token", "词"):
        with pytest.raises(BadSignature):
            verified(known, Incoming({}, BODY, Query(given)), NOW)


def test_a_made_secret_holds_256_bits() -> None:
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32
