"""Every provider against a server that misbehaves: what is known of the message afterwards, and nothing more."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from journey.adapters.calling import Http, trusted
from journey.adapters.channels import ChannelFailure, PermanentFailure, TemporaryFailure, UnknownOutcome
from tests.journey.adapters import making
from tests.journey.adapters.making import BEFORE, MAKERS, NOTICE, ROOMY, SHORT, Make
from tests.journey.adapters.misbehaving import (
    Behaviour,
    answers,
    certificate,
    closes_after_reading,
    closes_before_reading,
    closes_within_the_answer,
    drips,
    is_endless,
    never_answers,
    provider,
    speaks_no_http,
    unreachable,
)

LOUD = {"message": "138 0013 8000 是空号", "Message": "+8613800138000", "errmsg": "张伟 not found"}
UNKNOWN: list[tuple[Behaviour, str]] = [
    (closes_before_reading, "connection-lost"),
    (closes_after_reading, "connection-lost"),
    (closes_within_the_answer, "connection-lost"),
    (speaks_no_http, "connection-lost"),
    (never_answers, "timeout"),
    (drips, "timeout"),
    (is_endless, "answer-unreadable"),
    (answers(b"<html>OK</html>"), "answer-unreadable"),
    (answers(b"[1, 2]"), "answer-unreadable"),
    (answers(b'{"id": "\xff"}'), "answer-unreadable"),
    (answers(b"[" * 60_000), "answer-unreadable"),
    (answers(LOUD, status=500), "http-500"),
    (answers(LOUD, status=502), "http-502"),
]
REFUSED: list[tuple[Behaviour, type[ChannelFailure], str]] = [
    (answers(LOUD, status=429, Retry_After="30"), TemporaryFailure, "http-429"),
    (answers(LOUD, status=503), TemporaryFailure, "http-503"),
    (answers(LOUD, status=401), TemporaryFailure, "login-refused"),
    (answers(LOUD, status=404), TemporaryFailure, "no-such-address"),
    (answers(LOUD, status=302, Location="http://127.0.0.1:1/"), TemporaryFailure, "redirected"),
    (answers(LOUD, status=400), PermanentFailure, "http-400"),
    (answers(LOUD, status=413), PermanentFailure, "http-413"),
]
every_provider = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


async def failure(make: Make, *behaviours: Behaviour) -> ChannelFailure:
    http = SHORT if {never_answers, drips} & {*behaviours} else ROOMY
    async with provider(*BEFORE.get(make.__name__, []), *behaviours) as served:
        return await failed(make, served.url, http)


async def failed(make: Make, url: str, http: Http = ROOMY) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        await make(url, http).deliver(NOTICE)
    return caught.value


@pytest.mark.slow
@every_provider
@pytest.mark.parametrize(("behaviour", "error"), UNKNOWN)
async def test_what_was_written_and_not_answered_may_have_been_sent(
    make: Make, behaviour: Behaviour, error: str
) -> None:
    async with asyncio.timeout(60):  # these servers keep a caller for ten minutes
        found = await failure(make, behaviour)

    assert (type(found), found.error) == (UnknownOutcome, error)


@every_provider
@pytest.mark.parametrize(("behaviour", "kind", "error"), REFUSED)
async def test_a_status_says_whether_another_attempt_may_help(
    make: Make, behaviour: Behaviour, kind: type[ChannelFailure], error: str
) -> None:
    found = await failure(make, behaviour)

    assert (type(found), found.error) == (kind, error)


@every_provider
async def test_what_nobody_took_was_not_sent(make: Make) -> None:
    found = await failed(make, unreachable())

    assert (type(found), found.error) == (TemporaryFailure, "unreachable")


@every_provider
async def test_nothing_is_written_to_a_server_that_nobody_vouches_for(make: Make, tmp_path: Path) -> None:
    tls, _ = await asyncio.to_thread(certificate, tmp_path)

    async with provider(answers({"id": "1"}), tls=tls) as served:
        found = await failed(make, served.url)

    assert (type(found), found.error) == (TemporaryFailure, "tls")
    assert served.seen == []


@every_provider
async def test_a_redirect_is_not_followed(make: Make) -> None:
    async with provider(answers({"id": "1"})) as elsewhere:
        found = await failure(make, answers(b"", status=307, Location=elsewhere.url))

    assert found.error == "redirected"
    assert elsewhere.seen == []


@every_provider
async def test_no_proxy_is_taken_from_the_environment(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    async with provider(answers(b"", status=418)) as stranger:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, stranger.url)
        found = await failure(make, answers(LOUD, status=400))

    assert found.error == "http-400"
    assert stranger.seen == []


@pytest.mark.slow
@every_provider
async def test_neither_log_nor_error_repeats_a_recipient_a_secret_or_the_words_of_a_provider(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    told = [await failure(make, behaviour) for behaviour in (answers(LOUD, status=400), never_answers, answers(LOUD))]
    told.append(await failed(make, unreachable()))

    said = caplog.text + "".join(f"{error!r} {error} {error.__cause__!r}" for error in told)
    for secret in ("13800138000", "张伟", "空号", "token=", "tok-1", "secret"):
        assert secret not in said


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("30", timedelta(seconds=30)),
        ("0", timedelta(0)),
        ("999999999999", timedelta(days=1)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)),
        ("Wed, 21 Oct 2099 07:28:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_a_pause_that_a_provider_asks_for_is_taken_over(value: str, pause: timedelta | None) -> None:
    found = await failure(making.signed_http, answers(LOUD, status=429, Retry_After=value))

    assert isinstance(found, TemporaryFailure)
    assert found.retry_after == pause


async def test_a_proxy_of_the_configuration_is_used() -> None:
    async with provider(answers(b"", status=418)) as proxy:
        http = Http(timeout=timedelta(seconds=2), proxy=SecretStr(proxy.url))
        async with http.calls() as calls:
            answer = await calls.send("POST", "http://provider.example/send", content=b"{}")

    assert answer.status == 418
    assert proxy.seen[0].headers["host"] == "provider.example"


async def test_an_address_that_is_none_is_a_failure_like_any_other() -> None:
    found = await failed(making.signed_http, "http://[::1")

    assert isinstance(found, TemporaryFailure)


def test_the_authorities_are_those_of_the_machine() -> None:
    assert trusted().check_hostname
    assert trusted() is trusted()
