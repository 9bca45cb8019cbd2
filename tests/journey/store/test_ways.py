"""The way of a message to a person: every combination of class, choice, address and history has one, with a reason."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.adapters.packs import read_pack
from journey.domain.consent import Fail, decide
from journey.domain.routing import INVALID, NO_ADDRESS, REFUSED, UNVERIFIED
from journey.store.addressees import ADDRESS_OF, Addressee, Way, addressed
from journey.store.breakers import Gate
from tests.packs import test_pack

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
EVERY = ["sms", "wechat", "email", "voice", "inbox"]
PACK = read_pack(test_pack(**{"messages.channels.contract": EVERY, "messages.channels.care": EVERY}).document)
channel = st.sampled_from(EVERY)
states = st.dictionaries(
    st.sampled_from(["phone", "email", "wechat", "post"]), st.sampled_from(["ok", "unverified", "invalid"])
)


def person(preferred: str | None, known: dict[str, str], consents: frozenset[str]) -> Addressee:
    """Somebody with addresses in these states, who agreed to care on these channels."""
    who: Any = SimpleNamespace(id="psn_1", preferred_channel=preferred, zone=None, bereaved_at=None, language="zh")
    rows = {kind: SimpleNamespace(address=kind, state=state, since=NOW) for kind, state in known.items()}
    agreed = [
        SimpleNamespace(purpose="care", channel=one, given=True, event_id="evt_1", since=NOW)
        for one in sorted(consents)
    ]
    return Addressee(who, rows, agreed, [], {}, [])


@settings(deadline=None, max_examples=300)
@given(
    message_class=st.sampled_from(["contract", "care", "marketing", "emergency", "internal"]),
    named=st.none() | channel,
    preferred=st.none() | st.sampled_from([*EVERY, "phone", "post"]),
    not_by=st.lists(channel, unique=True),
    known=states,
    consents=st.frozensets(st.sampled_from(["", *EVERY, "phone"])),
    carried=st.none() | st.frozensets(channel),
    withheld=st.frozensets(channel),
    pinned=st.none() | channel,
)
def test_every_combination_has_a_way_or_a_reason(
    message_class: str,
    named: str | None,
    preferred: str | None,
    not_by: list[str],
    known: dict[str, str],
    consents: frozenset[str],
    carried: frozenset[str] | None,
    withheld: frozenset[str],
    pinned: str | None,
) -> None:
    params: dict[str, Any] = {"not_by": not_by} | ({"channel": named} if named else {})
    item = {"class": message_class, "rule": "a.rule", "key": "a.rule/s/o", "params": params}
    carriers = None if carried is None else dict.fromkeys(carried, "somebody")
    way = Way(Gate(NOW, carriers), pinned=pinned, withheld=lambda one: "legal" if one in withheld else None)

    found = addressed(person(preferred, known, consents), item, PACK, "Asia/Shanghai", NOW, way)

    decision, lost = decide(found.request), found.route.lost
    order = [pinned] if pinned else [named] if named else list(PACK.messages.order(message_class))
    assert {one.channel for one in found.route.considered} <= set(order)
    if lost is None:
        assert found.address == ("psn_1" if found.channel == "inbox" else ADDRESS_OF[found.channel])
        assert found.channel not in not_by
        assert pinned or found.channel not in withheld
        assert carried is None or found.channel in carried
        assert known.get(ADDRESS_OF[found.channel], "ok") == "ok"
    else:
        assert {one.channel for one in found.route.considered} == set(order)
    if lost in (NO_ADDRESS, INVALID, UNVERIFIED):
        assert isinstance(decision, Fail)
        assert "inbox" not in order
    if preferred in order and found.route.considered[0].channel != preferred:
        raise AssertionError("his choice goes first")
    if lost == REFUSED:
        assert set(not_by) & set(order)
