"""Notices of one unit that end together go out as one."""

from typing import Any

from journey.domain.entries import State
from journey.domain.events import Event
from tests.lives import Life, begin
from tests.packs import built_in, test_pack
from tests.records import completion, instant, told

RULE = "warranty.expiry-notice/unt_1"
KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")


def lived(*events: Event, until: str = "2027-04-28 10:00") -> Life:
    return begin("2026-06-27 10:00", KEYS, *events, batch=completion("2026-04-28")).run(instant(until))


def decided(kind: str, when: str, key: str, **more: Any) -> Event:
    return told(kind, when, key=key, by="op", reason="asked", **more)


def sent(life: Life, rung: str = "m-2") -> list[str]:
    return [key for _, key in life.sent if key.endswith(rung)]


def test_the_first_component_in_order_carries() -> None:
    life = lived()

    assert sent(life) == [f"{RULE}/pipe-blockage/m-2", f"{RULE}/sanitary-ware/m-2"]
    assert life.record.entries[f"{RULE}/lamps-switches/m-2"].carrier == f"{RULE}/sanitary-ware/m-2"


def test_the_order_of_components_is_no_matter_of_the_pack() -> None:
    terms = list(reversed(built_in().document["warranty"]["components"]))
    turned = test_pack(**{"warranty.components": terms}).pack

    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"), packs=[turned]).run(
        instant("2027-06-01 10:00")
    )

    assert sent(life) == [f"{RULE}/pipe-blockage/m-2", f"{RULE}/sanitary-ware/m-2"]
    checks = [key.rsplit("/", 1)[1] for _, key in life.opened if key.startswith("warranty.joint-check/")]
    assert checks == ["pipe-blockage", "sanitary-ware"]


def test_when_the_carrier_is_skipped_the_next_one_carries() -> None:
    life = lived(decided("item.skipped", "2027-01-10 10:00", f"{RULE}/sanitary-ware/m-2"))

    assert life.state(f"{RULE}/sanitary-ware/m-2") is State.SKIPPED
    assert sent(life) == [f"{RULE}/pipe-blockage/m-2", f"{RULE}/lamps-switches/m-2"]


def test_one_that_was_moved_by_a_person_goes_its_own_way() -> None:
    to = "2027-05-05T10:00:00+08:00"
    life = lived(
        decided("item.rescheduled", "2027-01-10 10:00", f"{RULE}/sanitary-ware/m-2", to=to),
        until="2027-05-06 10:00",
    )

    assert sent(life)[1:] == [f"{RULE}/lamps-switches/m-2", f"{RULE}/sanitary-ware/m-2"]


def test_components_that_end_on_different_days_go_apart() -> None:
    life = lived(until="2028-04-28 10:00")

    carriers = {key.split("/")[2] for key in sent(life)}
    assert carriers == {"pipe-blockage", "sanitary-ware", "heating-cooling", "electrical"}


def test_members_wait_for_a_carrier_that_is_held() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"))
    life.send = lambda item, now: (State.HELD, None, instant("2027-05-02 08:00"))

    life.run(instant("2027-04-29 10:00"))

    assert life.state(f"{RULE}/sanitary-ware/m-2") is State.HELD
    assert life.state(f"{RULE}/lamps-switches/m-2") is None
