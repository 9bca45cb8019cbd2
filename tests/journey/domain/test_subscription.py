"""退认购: the days of free choice of the day of the subscription, and the deposit."""

import pytest

from journey.domain.packs import Pack
from tests.lives import begin, items_of, planned
from tests.packs import test_pack
from tests.records import instant, pack, told

SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00")


def offering(**more: str) -> Pack:
    return test_pack(**{"signing.free_cancellation.offered": True, **more}).pack


def test_the_pack_as_shipped_offers_no_free_days() -> None:
    assert not items_of(planned("2025-03-15 11:00", SUBSCRIBED), "signing.free-cancellation")


def test_the_buyer_is_told_until_when_he_may_give_the_home_back() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED, packs=[offering()])

    life.run(instant("2025-03-15 12:00"))

    entry = life.record.entries["signing.free-cancellation/epi_1/once"]
    assert entry.item is not None
    assert entry.item["params"] == {"until": "2025-03-18"}


def test_free_days_that_end_at_rest_last_until_the_next_working_day() -> None:
    found = planned("2025-04-02 09:00", told("subscription.signed", "2025-04-02 08:30"), packs=[offering()])

    assert items_of(found, "signing.free-cancellation")[0].params == {"until": "2025-04-07"}  # 清明


@pytest.mark.parametrize(
    ("on", "code"),
    [("2025-03-18", "cancelled-in-free-days"), ("2025-03-19", "cancelled-after-free-days")],
)
def test_the_deposit_goes_by_the_day_of_the_cancellation(on: str, code: str) -> None:
    found = planned(f"{on} 23:00", SUBSCRIBED, told("subscription.cancelled", f"{on} 20:00", reason="x"),
                    packs=[offering()])  # fmt: skip

    (item,) = items_of(found, "signing.deposit")
    assert [reason.code for reason in item.because] == [code]
    assert item.because[0].params == {"until": "2025-03-18"}


def test_the_days_of_the_pack_at_the_subscription_hold() -> None:
    later = offering(version="2026.2", effective_from="2025-03-16")
    given_back = told("subscription.cancelled", "2025-03-17 20:00", reason="x")

    (item,) = items_of(planned("2025-03-17 23:00", SUBSCRIBED, given_back, packs=[pack(), later]), "signing.deposit")

    assert item.because == ()


def test_a_settled_deposit_ends_the_life() -> None:
    life = begin(
        "2025-03-15 10:00",
        SUBSCRIBED,
        told("subscription.cancelled", "2025-03-17 20:00", reason="x"),
        told("refund.settled", "2025-03-20 10:00", amount=20000),
    )

    life.run(instant("2025-05-01 10:00"))

    assert life.last is not None
    assert life.last.over
    assert life.now == instant("2025-03-20 10:00")
