"""The decision on one attempt, as a send makes it: calls, caps in the recipient's month, consent by channel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from journey.domain.entries import State
from journey.domain.packs import PackVersion
from journey.store.addressees import Addressee
from journey.store.breakers import Gate
from journey.store.judging import Attempt, Granted, Refused, judge
from tests.packs import built_in
from tests.records import SHANGHAI, calendar, instant

LOADED = built_in()
ITEM: dict[str, Any] = {"key": "a.b/epi_1/once", "rule": "a.b", "class": "contract", "params": {}, "expires": None}
NEW_YORK = "America/New_York"


def attempt(
    now: datetime,
    *,
    order: Sequence[str] = ("sms", "wechat", "email"),
    message_class: str = "contract",
    consents: Sequence[Any] = (),
    sent_at: Sequence[datetime] = (),
    zone: str | None = None,
) -> Attempt:
    who = SimpleNamespace(
        id="psn_1", zone=zone, language="zh", bereaved_at=None, preferred_channel=None, name=None
    )  # fmt: skip
    long_ago = instant("2020-01-01 10:00")
    contacts = {
        name: SimpleNamespace(address=name, state="ok", since=long_ago) for name in ("phone", "wechat", "email")
    }
    messages = LOADED.pack.messages
    channels = {**messages.channels, message_class: tuple(order)}
    pack = LOADED.pack.model_copy(update={"messages": messages.model_copy(update={"channels": channels})})
    to = Addressee(who, contacts, consents, [], {f"key-{n}": at for n, at in enumerate(sent_at)}, [])
    home = SimpleNamespace(zone=SHANGHAI)
    item = ITEM | {"class": message_class}
    return Attempt("jrn_1", item, to, home, None, PackVersion(LOADED.hash, pack), now, gate=Gate(now))


def said(purpose: str, given: bool, channel: str = "", event: str = "evt_1") -> Any:
    since = instant("2026-01-01 10:00")
    return SimpleNamespace(purpose=purpose, channel=channel, given=given, event_id=event, since=since)


def test_nobody_is_called_from_new_years_eve_on_by_the_calendar() -> None:
    eve = instant("2026-02-16 10:00")
    call = replace(attempt(eve, order=["voice"]), calendar=calendar())

    judged = judge(call)

    assert isinstance(judged, Refused)
    assert (judged.verdict.state, judged.verdict.reason and judged.verdict.reason.code) == (State.HELD, "no-call-days")
    assert judged.verdict.decision is not None
    assert judged.verdict.decision["no_call"] is True
    assert isinstance(judge(replace(call, now=instant("2026-02-12 10:00"))), Granted)


def test_a_call_waits_for_calling_hours() -> None:
    judged = judge(attempt(instant("2026-03-10 12:30"), order=["voice", "sms"]))

    assert isinstance(judged, Refused)
    assert judged.verdict.until == instant("2026-03-10 14:00")
    assert judged.verdict.decision is not None
    assert judged.verdict.decision["hours"] == [["09:00", "12:00"], ["14:00", "20:00"]]


def test_a_month_ends_where_the_recipient_lives() -> None:
    four = [instant("2026-03-20 10:00")] * 4
    first_of_april = instant("2026-04-01 09:30")  # the evening of 31 March in New York
    consents = [said("care", True)]

    here = judge(attempt(first_of_april, message_class="care", consents=consents, sent_at=four))
    there = judge(
        attempt(first_of_april, message_class="care", consents=consents, sent_at=four, zone=NEW_YORK)
    )  # fmt: skip

    assert isinstance(here, Granted)
    assert isinstance(there, Refused)
    assert there.verdict.reason is not None
    assert there.verdict.reason.code == "cap"
    assert there.verdict.decision is not None
    assert there.verdict.decision["cap"] == [4, 4]


def test_consent_that_is_barred_on_one_channel_goes_by_another_with_its_evidence() -> None:
    consents = [said("care", True, event="evt_yes"), said("care", False, "wechat", "evt_no")]

    judged = judge(
        attempt(
            instant("2026-03-10 10:00"), order=["wechat", "sms"], message_class="care", consents=consents
        )
    )  # fmt: skip

    assert isinstance(judged, Granted)
    assert judged.channel == "sms"
    assert judged.decision is not None
    assert judged.decision["order"] == [["wechat", "no-consent"], ["sms"]]
    assert judged.decision["consent"]["event"] == "evt_yes"


def test_a_withdrawal_is_named_as_the_evidence_of_a_refusal() -> None:
    judged = judge(
        attempt(instant("2026-03-10 10:00"), message_class="care", consents=[said("care", False, event="evt_no")])
    )

    assert isinstance(judged, Refused)
    assert (judged.verdict.state, judged.verdict.reason and judged.verdict.reason.code) == (
        State.SUPPRESSED,
        "no-consent",
    )
    assert judged.verdict.decision is not None
    assert judged.verdict.decision["consent"] == {
        "purpose": "care", "channel": "", "given": False, "event": "evt_no", "since": "2026-01-01T02:00:00+00:00",
    }  # fmt: skip


def test_contract_matters_go_by_a_channel_that_care_is_barred_from() -> None:
    judged = judge(attempt(instant("2026-03-10 10:00"), consents=[said("care", False, "sms")]))

    assert isinstance(judged, Granted)
    assert judged.channel == "sms"
