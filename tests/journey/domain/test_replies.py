"""How an answer is read by the pack's words: a stranger, a refusal, or something for a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.numbers.contact import ContactNumbers
from journey.domain.replies import Meaning, acknowledges, folded, meaning_of
from tests.records import pack

_SHIPPED = pack().contact
assert _SHIPPED is not None  # the built-in pack has every section
NUMBERS: ContactNumbers = _SHIPPED


@pytest.mark.parametrize(
    "text",
    [
        "打错了",
        "你打错了!",
        " 打 错 了 ",
        "不是本人,别再发了",
        "您好,发错了",
        "Wrong number",
        "WRONG  PERSON!!",
        "wrong number",
    ],
)
def test_a_stranger_says_so(text: str) -> None:
    assert meaning_of(text, NUMBERS) is Meaning.WRONG_PERSON


@pytest.mark.parametrize("text", ["R", "r", "T", "TD", "td ", "退订", "退订。", "STOP", "请退订", "stop!", "拒收"])
def test_a_refusal_of_more(text: str) -> None:
    assert meaning_of(text, NUMBERS) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "", "好的", "START", "恢复", "请恢复短信", "R1楼什么时候交房", "the bus stop is closed", "tell Rwrong numbers",
        "我想退订车位的合同但保留房子可以吗请回电",
        "上次的快递说他们打错了电话所以我没有收到你们寄出的合同请再寄一次谢谢你们了",
        "为什么打不通",
    ],
)  # fmt: skip
def test_everything_else_is_for_a_person_and_agrees_to_nothing(text: str) -> None:
    assert meaning_of(text, NUMBERS) is Meaning.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "已读", "1", "好的,谢谢!", "收到谢谢", "OK", "ok, thank you", "Thanks", "知道了", "好 的",
        "我已阅读,没问题", "👍👍", "👍 🙏",
    ],
)  # fmt: skip
def test_an_acknowledgement_is_nothing_but_such_words(text: str) -> None:
    assert acknowledges(text, NUMBERS)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "???", "👎", "👍?", "好的,几点开门", "谢谢,不过钥匙还没拿到", "没读", "已读不懂第八条", "3",
        "not ok", "no thanks", "谢谢" * 21,
    ],
)  # fmt: skip
def test_what_says_more_than_that_is_for_a_person(text: str) -> None:
    assert not acknowledges(text, NUMBERS)


def test_words_within_words_are_found_and_take_no_longer() -> None:
    numbers = NUMBERS.model_copy(update={"acknowledged": ("谢", "谢谢", "👍")})

    assert acknowledges("谢" * 39, numbers)
    assert not acknowledges("谢" * 39 + "吗", numbers)


def test_a_pack_without_such_words_knows_no_acknowledgement() -> None:
    assert not acknowledges("好的", NUMBERS.model_copy(update={"acknowledged": ()}))


@given(st.text())
def test_any_text_can_be_read_and_folding_is_stable(text: str) -> None:
    assert meaning_of(text, NUMBERS) in Meaning
    assert folded(folded(text)) == folded(text)
