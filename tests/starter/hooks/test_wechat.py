"""What a WeChat official account pushes, read into our own receipts."""

from datetime import UTC, datetime

import pytest

from journey.domain.errors import InvalidInput
from journey.domain.values import Failure, ReceiptState
from starter.hooks.wechat import read_wechat
from starter.hooks.xml import BadXml, read_xml

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
AT = datetime(2014, 3, 24, 7, 0, 34, tzinfo=UTC)


def pushed(rest: str, kind: str = "event") -> bytes:
    """A message of the account, as WeChat documents them."""
    return f"""<xml><ToUserName><![CDATA[gh_7f083739789a]]></ToUserName>
    <FromUserName><![CDATA[oia2TjuEGTNoeX76QEjQNrcURxG8]]></FromUserName><CreateTime>1395644434</CreateTime>
    <MsgType><![CDATA[{kind}]]></MsgType>{rest}</xml>""".encode()


def finished(status: str) -> bytes:
    return pushed(
        f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>200163840</MsgID><Status><![CDATA[{status}]]></Status>"
    )


@pytest.mark.parametrize(
    ("status", "state", "code", "failure"),
    [
        ("success", ReceiptState.DELIVERED, None, None),
        ("failed:user block", ReceiptState.FAILED, "failed:user-block", Failure.PERMANENT),
        ("failed: system failed", ReceiptState.FAILED, "failed:-system-failed", Failure.LATER),
        ("failed:something new", ReceiptState.FAILED, "failed:something-new", Failure.REFUSED),
    ],
)
def test_the_end_of_a_template_message_names_its_msgid(
    status: str, state: ReceiptState, code: str | None, failure: Failure | None
) -> None:
    (one,) = read_wechat(finished(status), "wechat", NOW)

    assert (one.provider, one.provider_id, one.state, one.at) == ("wechat", "200163840", state, AT)
    assert (one.code, one.failure) == (code, failure)


@pytest.mark.parametrize(
    ("code", "state", "failure"),
    [("0", ReceiptState.DELIVERED, None), ("43101", ReceiptState.FAILED, Failure.REFUSED),
     ("99999", ReceiptState.FAILED, Failure.REFUSED)],
)  # fmt: skip
def test_the_end_of_a_subscription_message_stands_in_its_list(
    code: str, state: ReceiptState, failure: Failure | None
) -> None:
    body = pushed(
        "<Event><![CDATA[subscribe_msg_sent_event]]></Event><SubscribeMsgSentEvent><List><TemplateId>t</TemplateId>"
        f"<MsgID>1864323726461255680</MsgID><ErrorCode>{code}</ErrorCode><ErrorStatus>s</ErrorStatus></List>"
        "</SubscribeMsgSentEvent>"
    )

    (one,) = read_wechat(body, "wechat", NOW)

    assert (one.provider_id, one.state, one.failure) == ("1864323726461255680", state, failure)


def test_a_text_of_a_follower_is_an_answer_from_his_openid() -> None:
    (one,) = read_wechat(pushed("<Content>打错了</Content><MsgId>123</MsgId>", "text"), "wechat", NOW)

    assert (one.state, one.text, one.channel) == (ReceiptState.REPLIED, "打错了", "wechat")
    assert (one.address, one.provider_id) == ("oia2TjuEGTNoeX76QEjQNrcURxG8", None)


@pytest.mark.parametrize(
    "body",
    [pushed("<Event>subscribe</Event>"), pushed("<PicUrl>p</PicUrl>", "image"),
     finished("success").replace(b"MsgID", b"X")],
)  # fmt: skip
def test_whatever_else_an_account_hears_of_tells_nothing(body: bytes) -> None:
    assert read_wechat(body, "wechat", NOW) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<xml>", b"\xff\xfe\x00", b"<xml><Encrypt>abc</Encrypt></xml>",
     b'<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
     b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>', b'<?xml version="1.0" encoding="x-none"?><xml/>'],
)  # fmt: skip
def test_what_is_no_plain_message_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_wechat(body, "wechat", NOW)


@pytest.mark.parametrize("body", [b"<a>" * 9 + b"</a>" * 9, b"<a>" + b"<b/>" * 600 + b"</a>"])
def test_xml_without_end_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        read_xml(body)


def test_elements_are_read_by_name_and_five_entities_are_xmls_own() -> None:
    found = read_xml(b"<x><a>1 &lt; 2 &amp; 3</a><b><c>4</c><a>5</a></b><d/></x>")

    assert found == {"a": "1 < 2 & 3", "c": "4", "d": ""}
