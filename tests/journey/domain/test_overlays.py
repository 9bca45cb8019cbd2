"""Overlays and single changes of a pack document."""

from copy import deepcopy
from typing import Any

import pytest

from journey.domain.overlays import OverlayError, check_applies, locate, set_path

PACK: dict[str, Any] = {
    "pack": "cn-residential",
    "signing": {"filing": {"within": "30d", "warn": None}},
    "warranty": {
        "components": [{"component": "structure", "owner": "50y"}, {"component": "wet-room", "owner": "5y"}],
        "notices": ["-2mo", "-30d"],
    },
}


@pytest.fixture
def document() -> dict[str, Any]:
    return deepcopy(PACK)


def test_a_path_is_replaced_and_nothing_else(document: dict[str, Any]) -> None:
    set_path(document, "warranty.components.wet-room.owner", "8y")

    expected = deepcopy(PACK)
    expected["warranty"]["components"][1]["owner"] = "8y"
    assert document == expected


def test_an_overlay_of_another_pack_is_refused(document: dict[str, Any]) -> None:
    other = {"overlay": "zhejiang", "applies_to": "uk-nhqc", "set": {}}

    with pytest.raises(OverlayError, match="zhejiang applies to uk-nhqc, not to cn-residential"):
        check_applies(document, other)


def test_a_number_that_is_null_can_be_set(document: dict[str, Any]) -> None:
    set_path(document, "signing.filing.warn", "-7d")

    assert document["signing"]["filing"]["warn"] == "-7d"


def test_a_list_of_plain_values_is_replaced_as_a_whole(document: dict[str, Any]) -> None:
    value = ["-1mo"]

    set_path(document, "warranty.notices", value)
    value.append("-7d")

    assert document["warranty"]["notices"] == ["-1mo"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("signing.filing.witin", "signing.filing has no 'witin'; did you mean 'within'?"),
        ("sining.filing.within", "the pack has no 'sining'; did you mean 'signing'?"),
        ("warranty.components.wet-rom.owner", "warranty.components has no 'wet-rom'; did you mean 'wet-room'?"),
        ("warranty.notices.0", "warranty.notices has no '0'"),
        ("signing.filing.within.days", "signing.filing.within has no 'days'"),
        ("", "the pack has no ''"),
    ],
)
def test_a_path_that_does_not_exist_is_named(document: dict[str, Any], path: str, text: str) -> None:
    with pytest.raises(OverlayError) as caught:
        set_path(document, path, "5d")

    assert (caught.value.path, caught.value.text) == (path, text)
    assert document == PACK


def test_a_located_path_leads_through_positions_of_lists(document: dict[str, Any]) -> None:
    assert locate(document, "warranty.components.wet-room.owner") == ("warranty", "components", 1, "owner")
