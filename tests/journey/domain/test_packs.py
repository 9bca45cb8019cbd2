"""Posts that are never empty, and the version of a pack that counts on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journey.domain.packs import Pack, PackHistory, PackVersion, filled_post, parent_post
from journey.domain.values import Component, Role
from tests.packs import built_in

BUILT_IN = built_in()
POSTS = BUILT_IN.pack.posts
STAFFS = st.frozensets(st.sampled_from([role.value for role in Role]))


def version(name: str, effective_from: date) -> PackVersion:
    return PackVersion(name, BUILT_IN.pack.model_copy(update={"version": name, "effective_from": effective_from}))


@given(role=st.sampled_from(Role), staffed=STAFFS)
def test_work_goes_to_somebody_who_is_there_else_to_the_general_manager(role: Role, staffed: frozenset[str]) -> None:
    post = filled_post(role, POSTS, staffed)

    assert not staffed or post.value in staffed or post is Role.GENERAL_MANAGER


@given(role=st.sampled_from(Role), staffed=STAFFS)
def test_a_matter_escalates_to_somebody_who_is_there_else_to_the_general_manager(
    role: Role, staffed: frozenset[str]
) -> None:
    parent = parent_post(role, POSTS, staffed)

    assert not staffed or parent.value in staffed or parent is Role.GENERAL_MANAGER


@given(role=st.sampled_from(Role), staffed=STAFFS)
def test_a_matter_never_escalates_to_its_own_post_below_the_general_manager(
    role: Role, staffed: frozenset[str]
) -> None:
    parent = parent_post(role, POSTS, staffed)

    assert parent is not role or role is Role.GENERAL_MANAGER


@pytest.mark.parametrize("role", Role)
def test_a_staffed_post_does_its_own_work(role: Role) -> None:
    assert filled_post(role, POSTS, frozenset({role.value, Role.GENERAL_MANAGER.value})) is role


@pytest.mark.parametrize("role", Role)
def test_every_post_counts_as_filled_when_a_project_named_no_staff(role: Role) -> None:
    assert filled_post(role, POSTS, frozenset()) is role


def test_sales_leads_until_there_is_a_project_customer_service() -> None:
    staffed = frozenset({Role.SALES.value, Role.DEVELOPER_CS.value})

    post = filled_post(Role.PROJECT_CS, POSTS, staffed)

    assert post is Role.SALES


def test_repairs_escalate_from_property_to_developer_to_group_to_the_general_manager() -> None:
    chain = [Role.PROPERTY_CS]
    while chain[-1] is not Role.GENERAL_MANAGER:
        chain.append(parent_post(chain[-1], POSTS, frozenset()))

    assert chain == [Role.PROPERTY_CS, Role.DEVELOPER_CS, Role.GROUP_CS, Role.GENERAL_MANAGER]


@pytest.mark.parametrize("role", Role)
def test_a_post_is_named_as_everywhere_else(role: Role) -> None:
    assert (POSTS[role].zh, POSTS[role].en) == (role.zh, role.en)


def test_an_escalation_that_runs_in_a_circle_is_refused() -> None:
    body = BUILT_IN.pack.model_dump(mode="json")
    body["posts"]["group-cs"]["escalates_to"] = "keeper"

    with pytest.raises(ValidationError, match="runs in a circle"):
        Pack.model_validate(body)


def test_a_component_named_twice_is_refused() -> None:
    body = BUILT_IN.pack.model_dump(mode="json")
    body["warranty"]["components"].append(body["warranty"]["components"][0])

    with pytest.raises(ValidationError, match="components named twice: structure"):
        Pack.model_validate(body)


def test_components_stand_in_the_order_that_decides_which_notice_carries_the_others() -> None:
    assert [term.component for term in BUILT_IN.pack.warranty.components] == [
        component.value for component in Component
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2019, 12, 31), "first"),
        (date(2020, 1, 1), "first"),
        (date(2025, 12, 31), "first"),
        (date(2026, 1, 1), "corrected"),
        (date(2030, 1, 1), "corrected"),
    ],
)
def test_the_latest_effective_version_counts_and_of_one_date_the_last_published(day: date, expected: str) -> None:
    history = PackHistory(
        [
            version("first", date(2020, 1, 1)),
            version("second", date(2026, 1, 1)),
            version("corrected", date(2026, 1, 1)),
        ]
    )

    assert history.on(day).hash == expected


def test_a_version_published_later_for_earlier_days_does_not_replace_a_newer_one() -> None:
    history = PackHistory([version("now", date(2026, 1, 1)), version("before", date(2020, 1, 1))])

    assert history.on(date(2027, 1, 1)).hash == "now"
