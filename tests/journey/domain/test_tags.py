"""One vocabulary of tags, whichever word they were told by (`domain.md` D)."""

import pytest

from journey.domain.tags import have_one_of, tag_named


@pytest.mark.parametrize("word", ["senior", "老人", "老年", "elderly-alone", "留守老人", " Senior "])
def test_whoever_is_old_by_any_word_is_greeted_as_a_senior(word: str) -> None:
    assert have_one_of([word], ["senior"])


def test_not_every_senior_lives_alone() -> None:
    assert not have_one_of(["老人"], ["elderly-alone", "留守老人"])
    assert have_one_of(["留守老人"], ["elderly-alone"])


def test_any_other_word_is_a_tag_of_its_own() -> None:
    assert tag_named("大客户") == "大客户"
    assert not have_one_of(["大客户"], ["senior"])
